using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>Held while nobody has a file open for writing: whoever wants to, waits in open(2) until it is returned. fcntl(2), F_SETLEASE.</summary>
internal sealed class LinuxFileLease : IDisposable
{
    // Ignored by a process unless it asks for it. The default, SIGIO, would end the process.
    private const int SignalUrgent = 23;

    private readonly SafeFileHandle? _file;

    private LinuxFileLease(SafeFileHandle? file) => _file = file;

    /// <summary>Whether it is not held, because somebody has the file open for writing.</summary>
    public bool IsRefused => _file is null;

    /// <summary>Asks for it.</summary>
    /// <param name="file">The file, open for reading only.</param>
    /// <returns>Null where there is no such thing: on other systems, some file systems, and on files of others.</returns>
    public static LinuxFileLease? Take(SafeFileHandle file)
    {
        if (!LinuxCalls.HasOpenFileLocks || !LinuxCalls.Fcntl(file, LinuxCalls.SetSignal, SignalUrgent))
            return null;
        if (LinuxCalls.Fcntl(file, LinuxCalls.SetLease, LinuxCalls.ReadLock))
            return new LinuxFileLease(file);
        return Marshal.GetLastSystemError() == LinuxCalls.TryAgain ? new LinuxFileLease(null) : null;
    }

    /// <summary>Returns it.</summary>
    public void Dispose()
    {
        if (_file is not null)
            LinuxCalls.Fcntl(_file, LinuxCalls.SetLease, LinuxCalls.Unlock);
    }
}
