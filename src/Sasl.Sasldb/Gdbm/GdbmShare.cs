using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>
/// A file under the lock that libgdbm's readers take: its writers, which want the file for themselves, stay out, and its readers do not.
/// See docs/decisions/0020.
/// </summary>
internal sealed class GdbmShare : IDisposable
{
    private GdbmShare(SafeFileHandle file, FileFacts facts)
    {
        File = file;
        Facts = facts;
    }

    /// <summary>The file, open for writing too.</summary>
    public SafeFileHandle File { get; }

    /// <summary>What the system says about it.</summary>
    public FileFacts Facts { get; }

    /// <summary>Waits until nobody writes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How long to wait.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null when there is no file.</returns>
    /// <exception cref="SasldbException">Not in time, or it cannot be written.</exception>
    public static GdbmShare? Take(string path, SasldbOptions options, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
        var probe = new FileProbe(path);
        while (true)
        {
            FileReplacement.RequireReplaceable(path);
            if (!probe.TryGet(out _))
                return null;
            if (TryOpen(path) is { } file)
            {
                // Somebody may have put another file in its place while this one was opened.
                if (probe.TryGet(out FileFacts facts) && FileProbe.Identify(file).IsSameFile(facts.Identity))
                    return new GdbmShare(file, facts);
                file.Dispose();
            }
            FileWriteLock.Pause(path, options, deadline, cancellationToken);
        }
    }

    /// <summary>
    /// Makes the file one that libgdbm does not open: for those who opened it before another one took its name, and would write to a file
    /// that has no name any more.
    /// </summary>
    public void Spoil() => RandomAccess.Write(File, stackalloc byte[sizeof(int)], 0);

    /// <summary>Lets others write.</summary>
    public void Dispose() => File.Dispose();

    private static SafeFileHandle? TryOpen(string path)
    {
        if (!LinuxCalls.HasWholeFileLocks)
            return TryOpenElsewhere(path);
        SafeFileHandle file = LinuxCalls.Open(Encoding.UTF8.GetBytes(path + '\0'), toWrite: true);
        if (file.IsInvalid)
        {
            int error = Marshal.GetLastSystemError();
            file.Dispose();
            return error switch
            {
                LinuxCalls.NoSuchFile => null,
                LinuxCalls.AccessDenied => throw new UnauthorizedAccessException(Marshal.GetPInvokeErrorMessage(error)),
                _ => throw new IOException(Marshal.GetPInvokeErrorMessage(error), error),
            };
        }
        if (LinuxCalls.TryShare(file))
            return file;
        file.Dispose();
        return null;
    }

    // There .NET itself takes the lock, where there is one to take.
    private static SafeFileHandle? TryOpenElsewhere(string path)
    {
        try
        {
            return System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
