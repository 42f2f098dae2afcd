using System.Runtime.InteropServices;
using System.Text;

namespace Sasl.Benchmarks;

/// <summary>
/// The two system calls that a lookup of a settled file needs, and nothing else: pread(2) of a page, statx(2) of the path. What a lookup
/// costs beyond them is this library's.
/// </summary>
internal sealed unsafe class SystemCalls : IDisposable
{
    private const int CurrentDirectory = -100;
    private const uint Everything = 0x7FF;
    private const int Page = 4096;

    private static readonly delegate* unmanaged<int, byte*, int, uint, byte*, int> s_statx =
        (delegate* unmanaged<int, byte*, int, uint, byte*, int>)Find("statx");

    private static readonly delegate* unmanaged<int, byte*, nint, long, nint> s_pread = (delegate* unmanaged<int, byte*, nint, long, nint>)Find("pread");

    private readonly byte* _path;
    private readonly byte* _into = (byte*)NativeMemory.Alloc(Page);
    private readonly FileStream _file;
    private readonly long[] _places;
    private int _next;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Which.</param>
    /// <param name="count">How many places in it are read, one after the other, again and again.</param>
    public SystemCalls(string path, int count)
    {
        byte[] octets = Encoding.UTF8.GetBytes(path + '\0');
        _path = (byte*)NativeMemory.Alloc((nuint)octets.Length);
        octets.CopyTo(new Span<byte>(_path, octets.Length));
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var random = new Random(count);
        _places = [.. Enumerable.Range(0, count).Select(_ => random.NextInt64(_file.Length / Page) * Page)];
    }

    /// <summary>Makes them once.</summary>
    public void Make()
    {
        _next = (_next + 1) % _places.Length;
        if (s_pread((int)_file.SafeFileHandle.DangerousGetHandle(), _into, Page, _places[_next]) != Page || s_statx(CurrentDirectory, _path, 0, Everything, _into) != 0)
            throw new InvalidOperationException("The system does not read the file.");
    }

    public void Dispose()
    {
        _file.Dispose();
        NativeMemory.Free(_path);
        NativeMemory.Free(_into);
    }

    private static nint Find(string name) => NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), name);
}
