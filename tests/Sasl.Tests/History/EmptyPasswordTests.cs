using System.Security.Cryptography;
using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>A store that has an empty password for somebody has none.</summary>
public sealed class EmptyPasswordTests
{
    [Fact]
    public async Task CRAM_MD5_with_an_empty_stored_password_lets_nobody_in()
    {
        using var store = new MemoryCredentialStore();
        store.Add(new SaslUser("carol", ""), "userPassword", []);
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp", ServerName = "mail.example.com", Mechanisms = [SaslMechanisms.CramMd5],
            Policy = new SaslPolicy { Allow = ["CRAM-MD5"] }, CredentialStore = store,
        });
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        ReadOnlyMemory<byte> challenge = (await session.StartAsync("CRAM-MD5")).Message!.Value;
        string digest = Convert.ToHexStringLower(HMACMD5.HashData([], challenge.Span));
        Assert.Equal(SaslError.InvalidCredentials, (await session.StepAsync(Encoding.ASCII.GetBytes($"carol {digest}"))).Error);
    }
}
