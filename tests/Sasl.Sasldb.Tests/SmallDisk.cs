using System.Diagnostics;
using Sasl.Testing.Peers;

namespace Sasl.Sasldb.Tests;

/// <summary>A file system in memory that is soon full.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly PrivateDirectory _folder = PrivateDirectory.Create("smalldisk");

    private SmallDisk()
    {
    }

    /// <summary>Whether this process may mount one.</summary>
    public static bool IsPossible { get; } = Environment.IsPrivilegedProcess && OperatingSystem.IsLinux() && Try();

    /// <summary>A file on it.</summary>
    public string At(string name) => _folder.At(name);

    /// <summary>Mounts one.</summary>
    public static SmallDisk Make(int kibibytes)
    {
        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", disk._folder.FullPath))
            return disk;
        disk._folder.Dispose();
        throw new InvalidOperationException("tmpfs could not be mounted");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Run("umount", _folder.FullPath);
        _folder.Dispose();
    }

    private static bool Try()
    {
        try
        {
            using SmallDisk disk = Make(64);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
