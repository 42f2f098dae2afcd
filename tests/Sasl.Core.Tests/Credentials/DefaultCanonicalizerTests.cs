using Xunit;

namespace Sasl.Core.Tests.Credentials;

/// <summary>Cyrus SASL's INTERNAL rules (lib/canonusr.c), with its two mistakes corrected.</summary>
public sealed class DefaultCanonicalizerTests
{
    [Theory]
    [InlineData("alice", "alice", "example.com")]
    [InlineData("  alice ", "alice", "example.com")]
    [InlineData("\t\n\v\f\ralice\r\f\v\n\t", "alice", "example.com")]
    [InlineData("alice@other", "alice", "other")]
    [InlineData("alice@other@third", "alice", "other@third")]
    [InlineData("Alice@Other", "Alice", "Other")]
    [InlineData(" a", "a", "example.com")]           // Cyrus refuses a name whose leading blanks equal the rest in number
    [InlineData("  ab", "ab", "example.com")]
    [InlineData("a b", "a b", "example.com")]
    [InlineData("a", "a", "example.com")]
    public async Task A_name_becomes_a_user(string name, string local, string realm) =>
        Assert.Equal(new SaslUser(local, realm), await CanonicalizeAsync(name));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("    ")]                             // Cyrus makes @realm of four blanks
    [InlineData("\t\r\n")]
    [InlineData("@")]
    [InlineData("@other")]
    [InlineData("alice@")]
    [InlineData(" @ ")]
    [InlineData("al\0ice")]
    [InlineData("\0")]
    [InlineData("alice\0")]
    [InlineData("al\u0007ice")]
    [InlineData("al\tice")]
    [InlineData("alice\u007f")]
    [InlineData("al\nice@example.com")]
    public async Task A_name_that_cannot_be_anyones_is_nobody(string name) => Assert.Null(await CanonicalizeAsync(name));

    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("alice@other", "alice@other")]
    public async Task Without_a_realm_a_bare_name_stays_bare(string name, string canonical) =>
        Assert.Equal(canonical, (await CanonicalizeAsync(name, realm: ""))?.ToString());

    [Theory]
    [InlineData(1024, "", true)]
    [InlineData(1025, "", false)]
    [InlineData(1012, "example.com", true)]
    [InlineData(1013, "example.com", false)]
    [InlineData(100_000, "", false)]
    public async Task The_canonical_name_has_at_most_1024_octets(int length, string realm, bool accepted) =>
        Assert.Equal(accepted, await CanonicalizeAsync(new string('a', length), realm) is not null);

    [Fact]
    public async Task The_realm_it_was_given_counts_too()
    {
        Assert.NotNull(await CanonicalizeAsync("a@" + new string('r', 1022)));
        Assert.Null(await CanonicalizeAsync("a@" + new string('r', 1023)));
    }

    private static async Task<SaslUser?> CanonicalizeAsync(string name, string realm = "example.com") =>
        await DefaultCanonicalizer.Instance.CanonicalizeAsync(name, Ask.Service with { Realm = realm }, default);
}
