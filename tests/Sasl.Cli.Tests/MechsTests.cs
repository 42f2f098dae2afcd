using Sasl.Kerberos;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

public sealed class MechsTests : IDisposable
{
    private const string ScramLast = "SCRAM-SHA-1";

    private static readonly bool s_hasKerberos = KerberosMechanisms.Standard.All(static mechanism => mechanism.MissingOnPlatform is null);

    private static readonly string All = $"  {(s_hasKerberos ? "GSS-SPNEGO GSSAPI " : "")}SRP PASSDSS-3DES-1 SCRAM-SHA-512 SCRAM-SHA3-512 SCRAM-SHA-384 SCRAM-SHA-256 SCRAM-SHA-224 SCRAM-SHA-1{(s_hasKerberos ? " GS2-KRB5" : "")} EXTERNAL OAUTHBEARER XOAUTH2 DIGEST-MD5 OTP CRAM-MD5 NTLM PLAIN LOGIN ANONYMOUS";

    private readonly CliFolder _folder = new();

    [Fact]
    public async Task Without_flags_stores_servers_and_clients_are_listed()
    {
        CliResult result = await _folder.RunAsync("", "mechs");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith(
            "Installed and properly configured auxprop mechanisms are:\nsasldb\nList of auxprop plugins follows\nPlugin \"sasldb\" , \tAPI version: 8\n\tsupports store: yes\n\n"
            + $"Installed and properly configured SASL (server side) mechanisms are:\n{All}\n"
            + "Available SASL (server side) mechanisms matching your criteria are:\n"
            + $"{All.Replace(" EXTERNAL", "", StringComparison.Ordinal)}\nList of server plugins follows\n"
            + (s_hasKerberos
                ? "Plugin \"gssapiv2\" [loaded], \tAPI version: 4\n\tSASL mechanism: GSS-SPNEGO, best SSF: 256, supports setpass: no\n"
                : "Plugin \"srp\" [loaded], \tAPI version: 4\n\tSASL mechanism: SRP, best SSF: 128, supports setpass: yes\n"),
            result.Output);
        Assert.Contains($"Available SASL (client side) mechanisms matching your criteria are:\n{All}\nList of client plugins follows\n", result.Output);
    }

    [Theory]
    [InlineData("-m", "PLAIN LOGIN", "PLAIN LOGIN")]
    [InlineData("-m", "plain", "PLAIN")]
    [InlineData("-f", "noplain,noactive", "SRP PASSDSS-3DES-1 SCRAM-SHA-512 SCRAM-SHA3-512 SCRAM-SHA-384 SCRAM-SHA-256 SCRAM-SHA-224 SCRAM-SHA-1")]
    [InlineData("-f", "maximum", "PASSDSS-3DES-1")]
    [InlineData("-f", "passcred", "PASSDSS-3DES-1 OAUTHBEARER XOAUTH2 PLAIN LOGIN")]
    [InlineData("-b", "max=0", "SRP PASSDSS-3DES-1 SCRAM-SHA-512 SCRAM-SHA3-512 SCRAM-SHA-384 SCRAM-SHA-256 SCRAM-SHA-224 SCRAM-SHA-1 OAUTHBEARER XOAUTH2 DIGEST-MD5 OTP CRAM-MD5 NTLM PLAIN LOGIN ANONYMOUS")]
    [InlineData("-e", "ssf=256,id=alice", "SRP PASSDSS-3DES-1 SCRAM-SHA-512 SCRAM-SHA3-512 SCRAM-SHA-384 SCRAM-SHA-256 SCRAM-SHA-224 SCRAM-SHA-1 EXTERNAL OAUTHBEARER XOAUTH2 DIGEST-MD5 OTP CRAM-MD5 NTLM PLAIN LOGIN ANONYMOUS")]
    public async Task Criteria_choose(string flag, string value, string names)
    {
        if (s_hasKerberos && flag != "-m")
            names = WithKerberos(names);
        CliResult result = await _folder.RunAsync("", "mechs", "-s", flag, value);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"  {names}", result.Lines[3]);
        Assert.Equal(names.Split(' '), result.Lines.Where(static line => line.StartsWith("\tSASL mechanism: ", StringComparison.Ordinal)).Select(static line => line.Split([' ', ','])[2]));
    }

    [Theory]
    [InlineData("-b", "min=257")]
    public async Task Criteria_that_nothing_fits_are_no_failure(string flag, string value)
    {
        CliResult result = await _folder.RunAsync("", "mechs", "-s", flag, value);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("No server side SASL mechanisms matching your criteria found", result.Lines[^1]);
    }

    [Theory]
    [InlineData("-m", "NOSUCH", "Listing SASL mechanisms: no mechanism available")]
    [InlineData("-b", "min=x", "number of bits")]
    [InlineData("-b", "min=99999999999", "number of bits")]
    [InlineData("-f", "nosuch", "noplain")]
    [InlineData("-e", "ssf=-1", "ssf=N")]
    public async Task What_cannot_be_understood_is_a_failure(string flag, string value, string reason)
    {
        CliResult result = await _folder.RunAsync("", "mechs", flag, value);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(reason, result.Error);
    }

    [Fact]
    public async Task A_store_can_be_chosen_and_a_path_has_no_effect()
    {
        CliResult result = await _folder.RunAsync("", "mechs", "-a", "-x", "nosuch", "-p", "/nowhere");

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("Plugin", result.Output);
        Assert.Contains("-p has no effect", result.Error);
    }

    [PeerTheory("saslpluginviewer")]
    [InlineData("-s")]
    [InlineData("-c")]
    public async Task Flags_and_features_are_those_that_Cyrus_SASL_prints(string side)
    {
        PeerResult theirs = await PeerProcess.RunAsync(new PeerCommand("saslpluginviewer", side));
        CliResult ours = await _folder.RunAsync("", "mechs", side);

        Dictionary<string, string> expected = FlagsByMechanism(theirs.Transcript.Split('\n'));
        Dictionary<string, string> actual = FlagsByMechanism(ours.Lines);
        Assert.NotEmpty(actual);
        // Cyrus SASL reads cmusaslsecretDIGEST-MD5 and never writes it; here it is written where mech_list names the mechanism.
        Assert.All(actual.Where(static pair => !IsOursAlone(pair.Key)), pair => Assert.Equal(expected[pair.Key.Replace("best SSF: 128, supports setpass: yes", "best SSF: 128, supports setpass: no", StringComparison.Ordinal)], pair.Value));
    }

    public void Dispose() => _folder.Dispose();

    // What saslpluginviewer prints where the plug-ins of tests/cyrus-plugins/build.sh are; Debian builds neither.
    [Theory]
    [InlineData("SRP", "best SSF: 128, supports setpass: yes", "NO_ANONYMOUS|NO_PLAINTEXT|NO_ACTIVE|NO_DICTIONARY|FORWARD_SECRECY|MUTUAL_AUTH")]
    [InlineData("PASSDSS-3DES-1", "best SSF: 112, supports setpass: no", "NO_ANONYMOUS|NO_PLAINTEXT|NO_ACTIVE|NO_DICTIONARY|FORWARD_SECRECY|PASS_CREDENTIALS|MUTUAL_AUTH")]
    public async Task Those_that_Debian_does_not_build_have_Cyrus_SASLs_flags_too(string mechanism, string line, string flags)
    {
        CliResult ours = await _folder.RunAsync("", "mechs", "-s");

        Assert.Equal($"\tsecurity flags: {flags}\n\tfeatures: WANT_CLIENT_FIRST|PROXY_AUTHENTICATION", FlagsByMechanism(ours.Lines)[$"\tSASL mechanism: {mechanism}, {line}"]);
    }

    // It promises all that the criteria ask for, but for "maximum".
    private static string WithKerberos(string names)
    {
        string before = names.Contains(ScramLast, StringComparison.Ordinal) ? ScramLast : "PASSDSS-3DES-1";
        return names == before ? names : $"GSS-SPNEGO GSSAPI {names.Replace(before, $"{before} GS2-KRB5", StringComparison.Ordinal)}";
    }

    // Cyrus SASL has none of the first three, Debian's neither of the others.
    private static bool IsOursAlone(string line) => line.Contains(" OAUTHBEARER,", StringComparison.Ordinal) || line.Contains(" XOAUTH2,", StringComparison.Ordinal)
        || line.Contains(" SCRAM-SHA3-512,", StringComparison.Ordinal) || line.Contains(" SRP,", StringComparison.Ordinal) || line.Contains(" PASSDSS-3DES-1,", StringComparison.Ordinal);

    // By the whole line of the mechanism, setpass included, the lines of its flags and of its features.
    private static Dictionary<string, string> FlagsByMechanism(string[] lines) => Enumerable.Range(0, lines.Length)
        .Where(index => lines[index].StartsWith("\tSASL mechanism: ", StringComparison.Ordinal))
        .ToDictionary(index => lines[index], index => $"{lines[index + 1]}\n{WithoutDifferences(lines[index], lines[index + 2])}");

    // What docs/guide/command-line.md explains: nothing here speaks HTTP, SCRAM's client speaks first, and Kerberos differs a little.
    private static string WithoutDifferences(string mechanism, string features) =>
        (mechanism.Contains(" SCRAM-", StringComparison.Ordinal) ? features.Replace("WANT_CLIENT_FIRST|", "", StringComparison.Ordinal) : features)
        .Replace("|SUPPORTS_HTTP", "", StringComparison.Ordinal)
        .Replace(mechanism.Contains(" GS", StringComparison.Ordinal) ? "|PROXY_AUTHENTICATION" : "|SUPPORTS_HTTP", "", StringComparison.Ordinal)
        .Replace(mechanism.Contains(" GSS", StringComparison.Ordinal) ? "|CHANNEL_BINDING" : "|SUPPORTS_HTTP", "", StringComparison.Ordinal).TrimEnd();
}
