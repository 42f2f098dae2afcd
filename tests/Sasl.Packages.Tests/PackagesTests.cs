using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;
using Xunit;

namespace Sasl.Packages.Tests;

public sealed class PackagesTests(PackedRepository packed) : IClassFixture<PackedRepository>
{
    private static readonly string[] s_libraries = ["Sasl", "Sasl.Core", "Sasl.Kerberos", "Sasl.Mechanisms", "Sasl.OAuth", "Sasl.Sasldb", "Sasl.Saslauthd", "Sasl.Saslauthd.Hosting", "Sasl.Saslauthd.Ldap", "Sasl.Smtp", "Sasl.TestKit"];

    private const string Program = """
        using Sasl;
        using Sasl.Mechanisms;

        var user = new SaslUser("alice", "");
        var store = new MemoryCredentialStore();
        foreach (SaslMechanism mechanism in SaslMechanisms.Standard)
        {
            if (mechanism.DeriveSecrets is { } derive)
                await store.StoreAsync(user, derive(user, "secret"u8), default);
        }

        var server = new SaslServer(new SaslServerOptions { Service = "smtp", Mechanisms = SaslMechanisms.Standard, CredentialStore = store });
        using var password = SaslSecret.FromText("secret");
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp", ServerName = "localhost", Mechanisms = SaslMechanisms.Standard, UserName = "alice", Password = password,
        });
        using SaslServerSession serverSession = server.CreateSession(SaslChannel.Plaintext);
        using SaslClientSession clientSession = client.CreateSession(SaslChannel.Plaintext);

        SaslReply fromClient = await clientSession.StartAsync(serverSession.Mechanisms.Select(mechanism => mechanism.Name));
        SaslReply fromServer = await serverSession.StartAsync(clientSession.Mechanism!.Name, fromClient.Message);
        while (fromServer.NeedsMore)
        {
            fromClient = await clientSession.StepAsync(fromServer.Message!.Value);
            fromServer = await serverSession.StepAsync(fromClient.Message ?? default);
        }
        bool complete = fromServer.IsSuccess && (await clientSession.CompleteAsync()).IsSuccess;
        Console.WriteLine($"{clientSession.Mechanism} {serverSession.Identity?.Authorized} {(complete ? "authenticated" : "refused")}");
        return complete ? 0 : 1;
        """;

    [Fact]
    public void Every_library_and_the_tool_is_packed_with_its_symbols()
    {
        foreach (string name in s_libraries)
        {
            Assert.True(File.Exists(PackageOf(name, "nupkg")), name);
            Assert.True(File.Exists(PackageOf(name, "snupkg")), $"{name} has no symbol package");
        }
        Assert.True(File.Exists(PackageOf("Sasl.Cli", "nupkg")), "Sasl.Cli");
    }

    [Fact]
    public void Every_package_says_what_it_is()
    {
        foreach (string name in s_libraries.Append("Sasl.Cli"))
        {
            using ZipArchive package = ZipFile.OpenRead(PackageOf(name, "nupkg"));
            using Stream stream = package.GetEntry($"{name}.nuspec")!.Open();
            XElement metadata = XDocument.Load(stream).Root!.Elements().Single(static element => element.Name.LocalName == "metadata");
            string? Value(string key) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == key)?.Value;

            Assert.Equal("MIT", Value("license"));
            Assert.Equal("README.md", Value("readme"));
            Assert.True(Value("description") is { Length: > 40 }, $"{name} has no description");
            Assert.All(new[] { "authors", "projectUrl", "tags", "copyright", "releaseNotes" }, key => Assert.False(string.IsNullOrEmpty(Value(key)), $"{name}: {key}"));
            Assert.NotNull(metadata.Elements().Single(static element => element.Name.LocalName == "repository").Attribute("url"));
            Assert.NotNull(package.GetEntry("README.md"));
        }
    }

    [Fact]
    public void Every_library_carries_documentation_and_SourceLink()
    {
        foreach (string name in s_libraries)
        {
            using ZipArchive package = ZipFile.OpenRead(PackageOf(name, "nupkg"));
            Assert.NotNull(package.GetEntry($"lib/net10.0/{name}.xml"));

            using ZipArchive symbols = ZipFile.OpenRead(PackageOf(name, "snupkg"));
            using var copy = new MemoryStream();
            using (Stream pdb = symbols.GetEntry($"lib/net10.0/{name}.pdb")!.Open())
                pdb.CopyTo(copy);
            copy.Position = 0;
            using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(copy);
            MetadataReader reader = provider.GetMetadataReader();
            Guid sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
            Assert.Contains(reader.CustomDebugInformation, handle => reader.GetGuid(reader.GetCustomDebugInformation(handle).Kind) == sourceLink);
        }
    }

    [Fact]
    public async Task A_blank_project_builds_and_runs_against_the_packages()
    {
        string project = await MakeProjectAsync("blank", aot: false);
        await Command.RunAsync(project, "dotnet", "build", "-c", "Release", "-v", "quiet", "-o", "out");
        string output = await Command.RunAsync(project, "dotnet", "out/blank.dll");
        Assert.Equal("SCRAM-SHA-512 alice authenticated", output.Trim());
    }

    [Fact]
    public async Task A_blank_project_publishes_with_AOT_without_a_warning_and_runs()
    {
        string project = await MakeProjectAsync("native", aot: true);
        await Command.RunAsync(project, "dotnet", "publish", "-c", "Release", "-v", "quiet", "-warnaserror", "-o", "out");
        string output = await Command.RunAsync(project, Path.Combine(project, "out", "native"));
        Assert.Equal("SCRAM-SHA-512 alice authenticated", output.Trim());
    }

    [Fact]
    public async Task The_tool_installs_from_its_package_and_names_itself()
    {
        string tools = Path.Combine(packed.Directory, "tools");
        await Command.RunAsync(packed.Directory, "dotnet", "tool", "install", "Sasl.Cli", "--tool-path", tools, "--version", packed.Version,
            "--configfile", Path.Combine(packed.Directory, "NuGet.Config"));
        string output = await Command.RunAsync(packed.Directory, Path.Combine(tools, "sasl"), "--help");
        Assert.Contains("passwd", output, StringComparison.Ordinal);
    }

    private string PackageOf(string name, string extension) => Path.Combine(packed.Feed, $"{name}.{packed.Version}.{extension}");

    private async Task<string> MakeProjectAsync(string name, bool aot)
    {
        string directory = Path.Combine(packed.Directory, name);
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <PublishAot>{(aot ? "true" : "false")}</PublishAot>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Sasl" Version="{packed.Version}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(directory, "Program.cs"), Program);
        return directory;
    }
}
