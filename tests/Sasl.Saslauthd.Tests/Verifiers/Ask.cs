using System.Text;

namespace Sasl.Saslauthd.Tests.Verifiers;

/// <summary>Asks a verifier as a session would.</summary>
internal static class Ask
{
    public static SaslServiceInfo Smtp { get; } = new("smtp", "mail.example.com", "", SaslChannel.Plaintext);

    public static SaslUser Alice { get; } = new("alice", "");

    public static ValueTask<PasswordVerdict> AskAsync(
        this IPasswordVerifier verifier, string user, string password, string realm = "", CancellationToken cancellationToken = default) =>
        verifier.VerifyAsync(new SaslUser(user, realm), Encoding.UTF8.GetBytes(password), Smtp, cancellationToken);

    public static async Task<PasswordOutcome> OutcomeAsync(this IPasswordVerifier verifier, string user, string password, string realm = "") =>
        (await verifier.AskAsync(user, password, realm)).Outcome;

    public static async Task<string> TroubleAsync(this IPasswordVerifier verifier, string user = "alice", string password = "secret") =>
        (await Xunit.Assert.ThrowsAsync<SaslUnavailableException>(async () => await verifier.AskAsync(user, password))).Message;
}
