using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Whom the server side of CRAM-MD5 lets in.</summary>
public sealed class CramMd5ServerTests : IDisposable
{
    private readonly MemoryCredentialStore _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("pencil", true)]
    [InlineData("Pencil", false)]
    [InlineData("", false)]
    public async Task The_digest_of_the_stored_password_is_asked_for(string password, bool accepted)
    {
        Give("alice", "pencil");
        Assert.Equal(accepted ? SaslError.None : SaslError.InvalidCredentials, (await LogInAsync(_store, "alice", password)).Error);
    }

    [Fact]
    public async Task Nobody_is_let_in_with_the_digest_of_nothing_where_the_stored_password_is_empty()
    {
        Give("alice", "");
        Assert.Equal(SaslError.InvalidCredentials, (await LogInAsync(_store, "alice", "")).Error);
    }

    [Fact]
    public async Task A_user_without_a_password_and_one_who_does_not_exist_are_not_let_in_with_the_digest_of_nothing()
    {
        _store.Add(new SaslUser("bob", ""), "mail", "b@example.com"u8);
        Assert.Equal(SaslError.InvalidCredentials, (await LogInAsync(_store, "bob", "")).Error);
        Assert.Equal(SaslError.InvalidCredentials, (await LogInAsync(_store, "nobody", "")).Error);
    }

    [Fact]
    public async Task A_store_that_does_not_know_the_user_is_believed_whatever_it_filled_in() =>
        Assert.Equal(SaslError.InvalidCredentials, (await LogInAsync(new OddStore(), "alice", "pencil")).Error);

    private static async Task<SaslReply> LogInAsync(ICredentialStore store, string user, string password)
    {
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "imap", Mechanisms = [SaslMechanisms.CramMd5], Policy = new SaslPolicy { Allow = ["CRAM-MD5"] }, CredentialStore = store,
        });
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        SaslReply challenge = await session.StartAsync("CRAM-MD5");
        byte[] digest = new byte[CramMd5Digest.HexLength];
        CramMd5Digest.Compute(Encoding.UTF8.GetBytes(password), challenge.Message!.Value.Span, digest);
        return await session.StepAsync(Encoding.ASCII.GetBytes($"{user} {Encoding.ASCII.GetString(digest)}"));
    }

    private void Give(string user, string password) => _store.Add(new SaslUser(user, ""), "userPassword", Encoding.UTF8.GetBytes(password));

    /// <summary>Fills in what it has found for somebody else.</summary>
    private sealed class OddStore : ICredentialStore
    {
        public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
        {
            properties.Add("userPassword", "pencil"u8);
            return new(false);
        }
    }
}
