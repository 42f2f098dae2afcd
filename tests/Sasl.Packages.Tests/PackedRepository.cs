using System.Runtime.CompilerServices;
using Xunit;

namespace Sasl.Packages.Tests;

/// <summary>Every package of the repository, packed once into a private folder feed under a version of its own.</summary>
public sealed class PackedRepository : IAsyncLifetime
{
    // A version nobody else uses, so that the machine's package cache cannot answer for the feed.
    public string Version { get; } = $"0.0.1-test{Environment.ProcessId}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("sasl-packages-").FullName;

    public string Feed => Path.Combine(Directory, "feed");

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public async Task InitializeAsync()
    {
        // Its own artifacts folder: the checkout's bin and obj belong to whoever runs the tests.
        await Command.RunAsync(Root, "dotnet", "pack", "Sasl.sln", "-c", "Release", "-o", Feed, "--artifacts-path", Path.Combine(Directory, "artifacts"),
            $"-p:Version={Version}", "-p:ContinuousIntegrationBuild=true", "-v", "quiet");
        await File.WriteAllTextAsync(Path.Combine(Directory, "NuGet.Config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{Path.Combine(Directory, "cache")}" /></config>
              <packageSources>
                <clear />
                <add key="local" value="{Feed}" />
                <add key="nuget.org" value="https://api.nuget.org/v3/index.json" />
              </packageSources>
            </configuration>
            """);
    }

    public Task DisposeAsync()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        return Task.CompletedTask;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
