using System.Collections.Concurrent;
using System.Text;
using Xunit;

namespace Sasl.Saslauthd.Tests;

/// <summary>Asks a verifier, collects what the administrator is told, and looks for the password in all of it.</summary>
internal sealed class CheckerRun
{
    public static readonly SaslServiceInfo Service = new("imap", "localhost", "", SaslChannel.Plaintext);

    private readonly ConcurrentQueue<string> _warnings = new();

    public IReadOnlyCollection<string> Warnings => _warnings;

    public void Warn(string sentence) => _warnings.Enqueue(sentence);

    public Task<PasswordVerdict> AskAsync(IPasswordVerifier verifier, string name, string password, string realm = "", CancellationToken cancellationToken = default) =>
        AskAsync(verifier, name, Encoding.UTF8.GetBytes(password), realm, cancellationToken);

    public async Task<PasswordVerdict> AskAsync(
        IPasswordVerifier verifier, string name, byte[] password, string realm = "", CancellationToken cancellationToken = default)
    {
        PasswordVerdict verdict = await verifier.VerifyAsync(new SaslUser(name, realm), password, Service, cancellationToken);
        if (password.Length >= 4)
        {
            string secret = Encoding.Latin1.GetString(password);
            Assert.DoesNotContain(secret, verdict.Reason ?? "", StringComparison.Ordinal);
            Assert.All(Warnings, warning => Assert.DoesNotContain(secret, warning, StringComparison.Ordinal));
        }
        return verdict;
    }

    public async Task<PasswordOutcome> OutcomeAsync(IPasswordVerifier verifier, string name, string password, string realm = "") =>
        (await AskAsync(verifier, name, password, realm)).Outcome;
}
