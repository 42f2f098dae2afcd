using Sasl.Testing.Peers;

namespace Sasl.Sasldb.Tests;

/// <summary>tests/Sasl.Sasldb.Writer as a process of its own; its Program.cs says what it can do.</summary>
internal static class WriterProcess
{
    private const string Program = "Sasl.Sasldb.Writer.dll";

    /// <summary>What starts it, from the folder of the tests.</summary>
    public static PeerCommand Command(params string[] arguments) => CommandFrom(AppContext.BaseDirectory, arguments);

    /// <summary>What starts it, from a folder that other users can enter.</summary>
    public static PeerCommand CommandFrom(string folder, params string[] arguments) =>
        new(Environment.ProcessPath!, [Path.Combine(folder, Program), .. arguments]) { Limit = TimeSpan.FromMinutes(5) };

    /// <summary>Copies it, with what it needs.</summary>
    public static void CopyTo(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Sasl.*"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }
}
