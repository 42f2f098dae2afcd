using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>PLAIN works from SCRAM's stored keys.</summary>
public sealed class ScramPasswordFormTests
{
    private static readonly byte[] s_stored = Encoding.ASCII.GetBytes(
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");

    [Fact]
    public void Every_hash_has_a_form_in_each_place() => Assert.Equal(
        [
            "authPassword", "authPassword", "authPassword", "authPassword", "authPassword", "authPassword", "cmusaslsecretSCRAM-SHA-512", "cmusaslsecretSCRAM-SHA3-512",
            "cmusaslsecretSCRAM-SHA-384", "cmusaslsecretSCRAM-SHA-256", "cmusaslsecretSCRAM-SHA-224", "cmusaslsecretSCRAM-SHA-1",
        ],
        ScramMechanisms.PasswordForms.Select(static form => form.Property.Name));

    [Fact]
    public void One_form_in_each_place_reads_a_value()
    {
        PasswordForm[] forms = [.. ScramMechanisms.PasswordForms.Where(static form => form.CostOf(s_stored) is not null)];
        Assert.Equal(["authPassword", "cmusaslsecretSCRAM-SHA-256"], forms.Select(static form => form.Property.Name));
        Assert.All(forms, static form => Assert.Equal(4096, form.CostOf(s_stored)));
    }

    [Fact]
    public void The_password_matches_and_no_other_does()
    {
        PasswordForm form = ScramMechanisms.PasswordForms.First(static form => form.CostOf(s_stored) is not null);
        Assert.True(form.Verify(s_stored, "pencil"u8));
        Assert.False(form.Verify(s_stored, "Pencil"u8));
        Assert.False(form.Verify(s_stored, ""u8));
        Assert.False(form.Verify("pencil"u8, "pencil"u8));
    }

    [Fact]
    public void A_check_that_is_imitated_does_the_work_of_one_that_fails()
    {
        var hash = new CountingHash();
        var form = new ScramPasswordForm(hash, SaslProperty.UserPassword);
        form.Verify(s_stored, "wrong"u8);
        var real = hash.TakeWork();
        form.Imitate(form.CostOf(s_stored)!.Value, "wrong"u8);
        Assert.Equal(real, hash.TakeWork());
        Assert.Equal((1, 1, 1, 4096), real);
    }

    [Fact]
    public void A_verifier_of_passwords_takes_them()
    {
        using var store = new MemoryCredentialStore();
        store.Add(new SaslUser("alice", ""), "authPassword", s_stored);
        using var work = new SaslWorkQueue();
        var verifier = new StoredPasswordVerifier(store, ScramMechanisms.PasswordForms, work);
        Assert.Equal(PasswordOutcome.Match, Verify("alice", "pencil"));
        Assert.Equal(PasswordOutcome.Mismatch, Verify("alice", "pencils"));
        Assert.Equal(PasswordOutcome.UnknownUser, Verify("bob", "pencil"));

        PasswordOutcome Verify(string user, string password) => verifier.VerifyAsync(
            new SaslUser(user, ""), Encoding.ASCII.GetBytes(password), new SaslServiceInfo("imap", "", "", SaslChannel.Plaintext), default).AsTask().Result.Outcome;
    }
}
