using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Checkers.Passwd;

/// <summary>The comparison with the system's crypt, in this process.</summary>
public sealed class AccountPasswordTests
{
    private readonly AccountPassword _passwords = new(CryptLibrary.Loaded ?? throw new MissingPeerException(CryptLibrary.WhyMissing!));

    [PeerFact("python3")]
    public async Task Every_refusal_hashes_one_password()
    {
        string hash = (await SystemCrypt.HashAsync(("secret"u8.ToArray(), SystemCrypt.Settings["sha256crypt"])))[0]!;
        foreach (string? field in new[] { null, "*", "!", "", hash, "!" + hash, "$9$unknown$" })
        {
            long before = _passwords.Derivations;
            Assert.Equal(PasswordOutcome.Mismatch, Compare("wrong", field).Outcome);
            Assert.Equal(before + 1, _passwords.Derivations);
        }
    }

    [Fact]
    public void The_first_decoy_is_hashed_as_the_system_hashes_new_passwords()
    {
        string decoy = Decoy();
        Assert.StartsWith("$", decoy, StringComparison.Ordinal);
        Assert.NotEqual(decoy, Encoding.ASCII.GetString(new AccountPassword(CryptLibrary.Loaded!).DecoySetting));
        Assert.Equal((PasswordOutcome.Mismatch, null), Compare("anything", null));
        Assert.Equal(decoy, Decoy());
    }

    [PeerTheory("python3")]
    [InlineData("yescrypt")]
    [InlineData("bcrypt")]
    [InlineData("sha512crypt")]
    [InlineData("sha512crypt-rounds")]
    [InlineData("md5crypt")]
    [InlineData("bsdi-des")]
    [InlineData("des")]
    public async Task After_a_login_decoys_cost_what_its_hash_cost(string method)
    {
        string setting = SystemCrypt.Settings[method];
        string hash = (await SystemCrypt.HashAsync(("secret"u8.ToArray(), setting)))[0]!;
        string first = Decoy();
        Assert.Equal(PasswordOutcome.Mismatch, Compare("wrong", hash).Outcome);
        Assert.Equal(first, Decoy());
        Assert.Equal(PasswordOutcome.Match, Compare("secret", hash).Outcome);
        Assert.StartsWith(setting.TrimEnd('$'), Decoy(), StringComparison.Ordinal);
        Assert.True(Decoy().Length < hash.Length, "the decoy has the digest in it");
        string decoyed = (await SystemCrypt.HashAsync(("secret"u8.ToArray(), Decoy())))[0]!;
        Assert.Equal(hash, decoyed);
    }

    [PeerFact("python3")]
    public async Task Fifty_at_once_get_each_their_own_answer()
    {
        string[] hashes = [.. (await SystemCrypt.HashAsync([.. Enumerable.Range(0, 50)
            .Select(static number => (Encoding.ASCII.GetBytes($"secret{number}"), SystemCrypt.Settings["md5crypt"]))])).Select(static hash => hash!)];
        PasswordOutcome[] outcomes = await Task.WhenAll(hashes.Select((hash, number) => Task.Run(() => Compare($"secret{number - (number % 2)}", hash).Outcome)));
        Assert.All(outcomes.Index(), static pair => Assert.Equal(pair.Index % 2 == 0 ? PasswordOutcome.Match : PasswordOutcome.Mismatch, pair.Item));
    }

    private string Decoy() => Encoding.ASCII.GetString(_passwords.DecoySetting);

    private unsafe (PasswordOutcome Outcome, string? Why) Compare(string password, string? field)
    {
        if (field is null)
            return _passwords.Compare(Encoding.UTF8.GetBytes(password), null);
        fixed (byte* octets = Encoding.UTF8.GetBytes(field + '\0'))
            return _passwords.Compare(Encoding.UTF8.GetBytes(password), octets);
    }
}
