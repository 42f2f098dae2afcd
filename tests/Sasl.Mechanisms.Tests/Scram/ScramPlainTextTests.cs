using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Plain-text passwords as other programs left them in the store.</summary>
public sealed class ScramPlainTextTests : IDisposable
{
    private readonly ScramParties _parties = new();

    public void Dispose() => _parties.Dispose();

    [Theory]
    [InlineData("pa\u00ADss", "pa\u00ADss")]
    [InlineData("pa\u00ADss", "pass")]
    [InlineData("pass", "pa\u00ADss")]
    [InlineData("\u2168", "IX")]
    public async Task A_password_that_was_stored_as_it_was_typed_is_prepared(string stored, string typed)
    {
        _parties.Store.Add(new SaslUser("alice", ""), "userPassword", Encoding.UTF8.GetBytes(stored));
        Assert.NotNull((await _parties.RunAsync(_parties.Client("alice", typed), ["SCRAM-SHA-256"])).Identity);
        Assert.Null((await _parties.RunAsync(_parties.Client("alice", "other"), ["SCRAM-SHA-256"])).Identity);
    }

    [Theory]
    [InlineData("70E4DF")]      // Latin-1, as a terminal may have sent it to saslpasswd2
    [InlineData("70656E07")]    // a control character
    public async Task Octets_that_cannot_be_prepared_serve_clients_that_send_them_as_they_are(string octets)
    {
        byte[] stored = Convert.FromHexString(octets);
        _parties.Store.Add(new SaslUser("alice", ""), "userPassword", stored);
        Assert.Equal(SaslError.None, await ProveAsync("alice", stored));
        Assert.Equal(SaslError.InvalidCredentials, await ProveAsync("alice", "pencil"u8.ToArray()));
    }

    [Fact]
    public async Task A_password_of_which_preparation_leaves_nothing_is_not_the_empty_one()
    {
        _parties.Store.Add(new SaslUser("alice", ""), "userPassword", "\u00AD"u8);
        Assert.Equal(SaslError.InvalidCredentials, await ProveAsync("alice", []));
    }

    // A client that derives from whatever octets it is given.
    private async Task<SaslError> ProveAsync(string user, byte[] password)
    {
        ScramHash hash = ScramHash.Sha256;
        using SaslServerSession session = _parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await session.StartAsync(hash.Name, Encoding.ASCII.GetBytes($"n,,n={user},r=abc"));
        string first = Encoding.ASCII.GetString(reply.Message!.Value.Span);
        string[] parts = first.Split(',');
        string final = $"c=biws,{parts[0]}";

        byte[] clientKey = new byte[hash.Size];
        byte[] storedKey = new byte[hash.Size];
        byte[] proof = new byte[hash.Size];
        ScramKeys.Derive(hash, password, Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2].AsSpan(2), provider: null), clientKey, default);
        hash.Hash(clientKey, storedKey);
        hash.Hmac(storedKey, Encoding.ASCII.GetBytes($"n={user},r=abc,{first},{final}"), proof);
        for (int i = 0; i < proof.Length; i++)
            proof[i] ^= clientKey[i];
        return (await session.StepAsync(Encoding.ASCII.GetBytes($"{final},p={Convert.ToBase64String(proof)}"))).Error;
    }
}
