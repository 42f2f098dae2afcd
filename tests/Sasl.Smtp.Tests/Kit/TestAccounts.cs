using System.Security.Cryptography;
using System.Text;

namespace Sasl.Smtp.Tests;

/// <summary>Accounts in memory, as a store of plain-text passwords and as a verifier.</summary>
internal sealed class TestAccounts : ICredentialStore, IPasswordVerifier
{
    public const string User = "alice";
    public const string Password = "correct horse battery";

    private readonly Dictionary<string, byte[]> _passwords = new(StringComparer.Ordinal);

    public TestAccounts() => Add(User, Password);

    /// <summary>When set, every question ends like this.</summary>
    public PasswordOutcome? Always { get; init; }

    public TestAccounts Add(string user, string password)
    {
        _passwords[user] = Encoding.UTF8.GetBytes(password);
        return this;
    }

    public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        bool known = _passwords.TryGetValue(user.ToString(), out byte[]? password);
        if (known)
            properties.Add(SaslProperty.UserPassword.Name, password);
        return new(known);
    }

    public ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        PasswordOutcome outcome = Always
            ?? (!_passwords.TryGetValue(user.ToString(), out byte[]? known) ? PasswordOutcome.UnknownUser
            : CryptographicOperations.FixedTimeEquals(known, password.Span) ? PasswordOutcome.Match
            : PasswordOutcome.Mismatch);
        return new(new PasswordVerdict(outcome));
    }
}
