using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Smtp.Tests.Server;

/// <summary>The examples of RFC 4954 section 4.1, of RFC 2554, and of the guide this library's users follow, octet by octet.</summary>
public sealed class Rfc4954ExampleTests
{
    private static readonly TestAccounts s_accounts = new TestAccounts().Add("test", "1234").Add("test@example.org", "testpass");

    [Theory]
    [InlineData("AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=")]
    [InlineData("auth plain dGVzdAB0ZXN0ADEyMzQ=")]
    public async Task Plain_with_initial_response(string command) =>
        await Play(SaslMechanisms.Plain, TestServer.Tls, "C: " + command, "S: 235 2.7.0 Authentication successful");

    [Fact]
    public async Task Plain_without_initial_response() => await Play(
        SaslMechanisms.Plain, TestServer.Tls,
        "C: AUTH PLAIN", "S: 334 ", "C: dGVzdAB0ZXN0ADEyMzQ=", "S: 235 2.7.0 Authentication successful");

    [Fact]
    public async Task External_with_empty_initial_response() => await Play(
        SaslMechanisms.External, TestServer.Tls with { ExternalIdentity = "test" },
        "C: AUTH EXTERNAL =", "S: 235 2.7.0 Authentication successful");

    [Theory]
    [InlineData("PDQxOTI5NDIzNDEuMTI4Mjg0NzJAc291cmNlZm91ci5hbmRyZXcuY211LmVkdT4=", "<4192942341.12828472@sourcefour.andrew.cmu.edu>",
        "cmpzMyBlYzNhNTlmZWQzOTVhYmExZWM2MzY3YzRmNGI0MWFjMA==", "rjs3 ec3a59fed395aba1ec6367c4f4b41ac0")]
    [InlineData("PENCeUxFREJoU0NnbmhNWitOMjNGNndAZWx3b29kLmlubm9zb2Z0LmNvbT4=", "<CByLEDBhSCgnhMZ+N23F6w@elwood.innosoft.com>",
        "ZnJlZCA5ZTk1YWVlMDljNDBhZjJiODRhMGMyYjNiYmFlNzg2ZQ==", "fred 9e95aee09c40af2b84a0c2b3bbae786e")]
    public async Task Cram_md5_is_framed_as_the_RFCs_print_it(string challenge, string decodedChallenge, string response, string decodedResponse)
    {
        // The RFCs do not tell the passwords, so that a mechanism of this shape stands in for the real one.
        string? heard = null;
        SaslMechanism framed = TestMechanism.Of("CRAM-MD5", (step, input, output) =>
        {
            if (step == 0)
            {
                Encoding.ASCII.GetBytes(decodedChallenge, output);
                return SaslStep.Continue;
            }
            heard = Encoding.ASCII.GetString(input.Span);
            return SaslStep.Authenticated(new SaslUser("fred", ""), null);
        }, SaslFirstMove.Server);

        await Play(framed, SaslChannel.Plaintext,
            "C: AUTH CRAM-MD5", "S: 334 " + challenge, "C: " + response, "S: 235 2.7.0 Authentication successful");
        Assert.Equal(decodedResponse, heard);
    }

    [Fact]
    public async Task Plain_without_encryption_is_refused() => await Play(
        SaslMechanisms.Plain, SaslChannel.Plaintext,
        "C: AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=", "S: 538 5.7.11 Encryption required for requested authentication mechanism");

    [Fact]
    public void Ehlo_reply_of_the_guide_comes_out_octet_by_octet()
    {
        SaslMechanism[] mechanisms =
            [.. ((string[])["PLAIN", "LOGIN", "DIGEST-MD5", "CRAM-MD5"]).Select(static name => TestMechanism.Of(name, static (_, _, _) => SaslStep.Continue))];
        using SmtpAuthServer server = TestServer.Make(mechanisms: [.. mechanisms]);

        Assert.Equal("250-AUTH PLAIN LOGIN DIGEST-MD5 CRAM-MD5", "250-" + server.Capability);
    }

    [Fact]
    public void Ehlo_reply_for_broken_clients_comes_out_octet_by_octet()
    {
        SaslMechanism[] mechanisms =
            [.. ((string[])["DIGEST-MD5", "PLAIN", "CRAM-MD5"]).Select(static name => TestMechanism.Of(name, static (_, _, _) => SaslStep.Continue))];
        using SmtpAuthServer server = TestServer.Make(options: new SmtpAuthServerOptions { BrokenClients = true }, mechanisms: [.. mechanisms]);

        Assert.Equal(
            ["250-AUTH DIGEST-MD5 PLAIN CRAM-MD5", "250-AUTH=DIGEST-MD5 PLAIN CRAM-MD5"],
            server.CapabilityLines.Select(static line => "250-" + line));
    }

    private static async Task Play(SaslMechanism mechanism, SaslChannel channel, params string[] lines)
    {
        using SmtpAuthServer server = TestServer.Make(channel, s_accounts, mechanisms: [mechanism]);
        for (int i = 0; i < lines.Length; i += 2)
        {
            byte[] line = Encoding.ASCII.GetBytes(lines[i]["C: ".Length..]);
            SmtpAuthReply reply = SmtpAuthServer.IsAuthCommand(line, out ReadOnlyMemory<byte> argument) && server.State is SmtpAuthState.ExpectCommand
                ? await server.BeginAsync(argument) : await server.ContinueAsync(line);
            Assert.Equal(lines[i + 1], "S: " + Encoding.ASCII.GetString(reply.Line.Span));
        }
    }
}
