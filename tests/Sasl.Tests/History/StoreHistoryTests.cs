using System.Text;
using Sasl.Sasldb;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>What credential stores kept, lost or mixed up.</summary>
public sealed class StoreHistoryTests : IDisposable
{
    private const string Old = "old-Secret-kX7vQ2mN";
    private const string New = "new-Secret-pR9wZ4tB";

    private static readonly SaslUser s_alice = new("alice", "example.com");

    private readonly PrivateDirectory _folder = PrivateDirectory.Create("history");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(5000)]
    public async Task Sasldb_free_space_keeps_no_old_passwords(int padding)
    {
        string path = _folder.At("sasldb2");
        string old = Old + new string('.', padding);
        using (var store = new SasldbStore(path))
        {
            for (int i = 0; i < 30; i++)
                await store.StoreAsync(new SaslUser($"user{i}", "example.com"), [new("userPassword", Octets($"{old}{i}"))], default);
            await store.StoreAsync(s_alice, [new("userPassword", Octets(old))], default);
            Assert.Contains(Old, Text(path), StringComparison.Ordinal);

            for (int i = 0; i < 30; i++)
            {
                if (i % 2 == 0)
                    await store.StoreAsync(new SaslUser($"user{i}", "example.com"), [new("userPassword", Octets(New))], default);
                else
                    Assert.True(await store.RemoveAsync(new SaslUser($"user{i}", "example.com"), default));
            }
            Assert.True(await store.TryReplaceAsync(s_alice, "userPassword", Octets(old), Octets(New), default));
        }
        Assert.Contains(New, Text(path), StringComparison.Ordinal);
        Assert.DoesNotContain("old-Secret", Text(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CVE_2022_24407_A_value_with_quotes_backslashes_and_NULs_is_a_value()
    {
        // Nothing is put into a statement here; a store that has statements is a later issue's, and binds its parameters.
        using var store = new SasldbStore(_folder.At("sasldb2"));
        foreach (string value in new[] { "'; DROP TABLE users; --", "\\'", "a\0b", "\"\\\"", "%p %u %v", "\n" })
        {
            var mallory = new SaslUser("mallory'; --\\", "exa'mple");
            await store.StoreAsync(mallory, [new("userPassword", Octets(value))], default);
            using var found = new PropertySet(SaslProperty.UserPassword);
            Assert.True(await store.LookupAsync(mallory, found, default));
            Assert.True(found.TryGet(SaslProperty.UserPassword, out ReadOnlySpan<byte> read));
            Assert.Equal(value, Encoding.UTF8.GetString(read));
        }
        Assert.Equal(1, await store.VerifyAsync(default));
    }

    [Theory]
    [InlineData("alice\0example.com", "x")]
    [InlineData("alice", "example.com\0userPassword")]
    [InlineData("ali\0ce", "example.com")]
    public async Task A_NUL_in_a_name_reaches_no_other_record(string name, string realm)
    {
        using var store = new SasldbStore(_folder.At("sasldb2"));
        await store.StoreAsync(s_alice, [new("userPassword", Octets(Old))], default);
        using var found = new PropertySet(SaslProperty.UserPassword);
        Assert.False(await store.LookupAsync(new SaslUser(name, realm), found, default));
        Assert.True(found.IsEmpty);
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await store.StoreAsync(new SaslUser(name, realm), [new("userPassword", Octets(New))], default));
    }

    [Fact]
    public async Task A_missing_or_damaged_sasldb_is_a_temporary_failure_and_no_unknown_user()
    {
        foreach (byte[]? content in new[] { null, [], "not a database"u8.ToArray(), new byte[8192] })
        {
            string path = _folder.At($"sasldb-{Guid.NewGuid():N}");
            if (content is not null)
                File.WriteAllBytes(path, content);
            SaslServerBuilder builder = new() { ServerName = "mail.example.com" };
            using SaslServerSetup setup = builder.Build("smtp", Builders.Conf($"sasldb_path: {path}\nmech_list: PLAIN LOGIN SCRAM-SHA-256 CRAM-MD5"));
            using SaslServerSession session = setup.Server.CreateSession(Builders.Tls);
            Assert.Equal(SaslError.TemporaryFailure, (await session.StartAsync("PLAIN", "\0alice\0pencil"u8.ToArray())).Error);
            Assert.Equal(SaslError.TemporaryFailure, (await session.StartAsync("SCRAM-SHA-256", "n,,n=alice,r=abc"u8.ToArray())).Error);
            await session.StartAsync("CRAM-MD5");
            Assert.Equal(SaslError.TemporaryFailure, (await session.StepAsync(Octets("alice " + new string('0', 32)))).Error);
        }
    }

    [Fact]
    public void A_property_set_gives_nothing_for_a_name_it_was_not_asked_for()
    {
        // Cyrus SASL's prop_dup and prop_getnames trip over absent names.
        using var found = new PropertySet(SaslProperty.UserPassword);
        found.Add("somethingElse", "x"u8);
        Assert.True(found.IsEmpty);
        Assert.False(found.TryGet(new SaslProperty("somethingElse"), out ReadOnlySpan<byte> value));
        Assert.True(value.IsEmpty);
        Assert.False(found.Has(""));
    }

    private static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(path));
}
