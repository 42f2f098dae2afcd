using Sasl.Testing.Peers;

namespace Sasl.Cli.Tests;

/// <summary>The built program, to be started as users start it.</summary>
internal static class CliProgram
{
    /// <summary>The .NET host that runs the tests.</summary>
    public static string Host { get; } = Environment.ProcessPath!;

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "Sasl.Cli.dll");

    /// <summary>A command that reads its configuration from a folder and nowhere else.</summary>
    public static PeerCommand Command(string folder, params string[] arguments) => new(Host, [Assembly, .. arguments])
    {
        Environment = new Dictionary<string, string> { ["SASL_CONF_PATH"] = folder, ["DOTNET_TieredPGO"] = "0" },
        Limit = TimeSpan.FromSeconds(60),
    };

    public static Task<PeerResult> RunAsync(string folder, string input, params string[] arguments) =>
        PeerProcess.RunAsync(Command(folder, arguments) with { Input = input });
}
