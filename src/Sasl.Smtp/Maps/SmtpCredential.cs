namespace Sasl.Smtp;

/// <summary>A user name with its password. Whoever gets one disposes it.</summary>
/// <param name="userName">The user name.</param>
/// <param name="password">The password; disposed with this object.</param>
public sealed class SmtpCredential(string userName, SaslSecret password) : IDisposable
{
    /// <summary>The user name.</summary>
    public string UserName { get; } = userName;

    /// <summary>The password, perhaps empty.</summary>
    public SaslSecret Password { get; } = password;

    /// <summary>Erases the password.</summary>
    public void Dispose() => Password.Dispose();

    /// <summary>The user name, never the password.</summary>
    public override string ToString() => $"{UserName} <secret>";
}
