using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>
/// The program where OpenSSL has no MD5, as on a machine that is set up for FIPS 140: a configuration of OpenSSL asks for algorithms that are approved,
/// and no provider has any. MD4 is no question of the platform: it is Bouncy Castle's, as RC4 and DES are.
/// </summary>
public sealed class WithoutMd5Tests : IDisposable
{
    // The random numbers must come from somewhere.
    private const string OpenSslConfiguration = """
        openssl_conf = init
        [init]
        alg_section = approved
        random = random
        [approved]
        default_properties = fips=yes
        [random]
        properties = -fips
        seed_properties = -fips

        """;

    private static readonly string[] s_madeOfMd5 = ["DIGEST-MD5", "OTP", "CRAM-MD5", "NTLM"];

    private readonly CliFolder _folder = new();

    [Fact]
    public async Task The_mechanisms_made_of_MD5_vanish_with_the_reason_and_the_others_stay()
    {
        _folder.Configure("smtpd", $"sasldb_path: {_folder.Database}\nmech_list: DIGEST-MD5 OTP CRAM-MD5 NTLM PLAIN SCRAM-SHA-256\n");

        string[] with = await RunAsync("explain", hasMd5: true);
        string[] without = await RunAsync("explain", hasMd5: false);

        Assert.All(s_madeOfMd5, name =>
        {
            Assert.All(LinesOf(with, name), static line => Assert.DoesNotContain("MD5", line.Split(':')[1], StringComparison.Ordinal));
            Assert.All(LinesOf(without, name), static line => Assert.EndsWith("hidden: the platform has no MD5", line, StringComparison.Ordinal));
        });
        Assert.Contains(LinesOf(without, "PLAIN"), static line => line.EndsWith("offered: nothing hides it", StringComparison.Ordinal));
        Assert.Contains(LinesOf(without, "SCRAM-SHA-256"), static line => line.EndsWith("offered: nothing hides it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task They_are_not_listed_either()
    {
        string[] with = await RunAsync("mechs", hasMd5: true);
        string[] without = await RunAsync("mechs", hasMd5: false);

        Assert.Equal(s_madeOfMd5, s_madeOfMd5.Intersect(WordsOf(with)));
        Assert.Empty(s_madeOfMd5.Intersect(WordsOf(without)));
        Assert.Contains("SCRAM-SHA-256", WordsOf(without));
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> WordsOf(string[] lines) => lines.SelectMany(static line => line.Split(' ', ','));

    // One without TLS and one under TLS.
    private static string[] LinesOf(string[] lines, string mechanism)
    {
        string[] found = [.. lines.Where(line => line.StartsWith($"{mechanism} ", StringComparison.Ordinal))];
        Assert.Equal(2, found.Length);
        return found;
    }

    private async Task<string[]> RunAsync(string command, bool hasMd5)
    {
        PeerCommand program = CliProgram.Command(_folder.Path, command);
        if (!hasMd5)
        {
            program = program with
            {
                Environment = new Dictionary<string, string>(program.Environment) { ["OPENSSL_CONF"] = _folder.Write("openssl.cnf", OpenSslConfiguration) },
            };
        }
        PeerResult result = await PeerProcess.RunAsync(program);
        Assert.True(result.Succeeded, result.Transcript);
        return [.. result.Transcript.Split('\n').Select(static line => line.Trim())];
    }
}
