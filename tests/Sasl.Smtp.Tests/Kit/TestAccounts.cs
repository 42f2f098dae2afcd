using System.Security.Cryptography;
using System.Text;

namespace Sasl.Smtp.Tests;

/// <summary>Accounts in memory, as a store of plain-text passwords and as a verifier; a token is the password with hyphens.</summary>
internal sealed class TestAccounts : ICredentialStore, IPasswordVerifier, ITokenValidator
{
    public const string User = "alice";
    public const string Password = "correct horse battery";

    private readonly Dictionary<string, byte[]> _passwords = new(StringComparer.Ordinal);

    public TestAccounts() => Add(User, Password);

    /// <summary>When set, every question ends like this.</summary>
    public PasswordOutcome? Always { get; init; }

    /// <summary>A store that can be written to, with what a mechanism keeps of the user in place of a password.</summary>
    public static MemoryCredentialStore WithSecretsOf(SaslMechanism mechanism)
    {
        var store = new MemoryCredentialStore();
        var user = new SaslUser(User, "");
        foreach (SaslPropertyValue value in mechanism.DeriveSecrets!(user, Encoding.UTF8.GetBytes(Password)))
            store.Add(user, value.Name, value.Value!.Value.Span);
        return store;
    }

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

    public TokenDiscovery Discovery => TokenDiscovery.None;

    public static string TokenOf(string password) => password.Replace(' ', '-');

    public ValueTask<TokenVerdict> ValidateAsync(ReadOnlyMemory<byte> token, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        foreach ((string user, byte[] password) in _passwords)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(TokenOf(Encoding.UTF8.GetString(password))), token.Span))
                return new(TokenVerdict.Valid(new TokenGrant(user)));
        }
        return new(TokenVerdict.Invalid());
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
