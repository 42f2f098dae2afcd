using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Lmdb;

/// <summary>Opens and makes data files.</summary>
internal static class LmdbDataFile
{
    private const int MostTries = 100;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">Which.</param>
    /// <param name="facts">What the system says about it.</param>
    /// <exception cref="SasldbException">It is not there, not readable, or not in this form.</exception>
    public static SafeFileHandle OpenToRead(string path, in FileFacts facts) => WithRightForm(path, FileOpening.OpenToRead(path, facts));

    /// <summary>Opens a file for writing, making it where there is none. Called under the write lock.</summary>
    /// <param name="path">Which; no symbolic link.</param>
    /// <param name="options">How to make it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static SafeFileHandle OpenToWrite(string path, SasldbOptions options, CancellationToken cancellationToken)
    {
        var probe = new FileProbe(path);
        for (int tries = 0; tries < MostTries; tries++)
        {
            if (!probe.TryGet(out FileFacts before))
            {
                Create(path, options);
                continue;
            }
            if (!before.IsRegularFile)
                throw FileComplaint.NotAFile(path);
            SafeFileHandle file = File.OpenHandle(
                path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
            try
            {
                Lock(file, path, options, cancellationToken);
                // Somebody may have put another file in its place while this one was opened.
                if (probe.TryGet(out FileFacts after) && after.Identity.IsSameFile(before.Identity))
                {
                    if (RandomAccess.GetLength(file) == 0)
                        Begin(file, options);
                    return WithRightForm(path, file);
                }
                file.Dispose();
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        throw new SasldbException(SasldbFault.Busy, path, $"{path}: is being replaced all the time; nothing was changed");
    }

    /// <summary>Reads the newest state. Called under the write lock.</summary>
    /// <param name="file">An open file.</param>
    public static LmdbMeta ReadMeta(SafeFileHandle file)
    {
        Span<byte> octets = stackalloc byte[2 * LmdbMeta.EndInPage];
        LmdbSnapshot.ReadExactly(file, octets[..LmdbMeta.EndInPage], 0);
        LmdbFile.ReadMetas(file, LmdbMeta.ReadPageSize(octets), octets);
        return LmdbMeta.Newer(octets[..LmdbMeta.EndInPage], octets[LmdbMeta.EndInPage..]);
    }

    private static SafeFileHandle WithRightForm(string path, SafeFileHandle file)
    {
        try
        {
            SasldbFormDetector.Require(path, file, LmdbForm.Kind);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Under a name of its own first, so that nobody ever finds half a file under the real one.
    private static void Create(string path, SasldbOptions options)
    {
        using FileReplacement made = FileReplacement.Begin(path, before: null, options.CreateMode);
        Begin(made.File, options);
        // False when a program on liblmdb, which takes no lock to make a file, was faster. Its file is as good.
        _ = made.TryCommit();
    }

    private static void Begin(SafeFileHandle file, SasldbOptions options)
    {
        int pageSize = Math.Clamp(Environment.SystemPageSize, LmdbLayout.MinPageSize, LmdbLayout.MaxPageSize);
        byte[] pages = new byte[2 * pageSize];
        LmdbMeta meta = LmdbMeta.New(pageSize, Math.Max(options.MapSize, pages.Length));
        meta.Write(pages, 0);
        meta.Write(pages.AsSpan(pageSize), 1);
        RandomAccess.Write(file, pages, 0);
        RandomAccess.FlushToDisk(file);
    }

    // The lock file belongs to the path, and one file may have several. This lock belongs to the file itself.
    private static void Lock(SafeFileHandle file, string path, SasldbOptions options, CancellationToken cancellationToken)
    {
        if (!LinuxCalls.HasSharedMutexes)
            return;
        long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
        while (true)
        {
            var request = new LinuxCalls.FileLock { Type = LinuxCalls.WriteLock, Start = 0, Length = 1 };
            if (LinuxCalls.Fcntl(file, LinuxCalls.TakeOpenFileLock, ref request))
                return;
            if (Environment.TickCount64 >= deadline)
                throw new SasldbException(SasldbFault.Busy, path, $"{path}: another process is writing under another name of it; nothing was changed");
            if (cancellationToken.WaitHandle.WaitOne(s_pause))
                cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
