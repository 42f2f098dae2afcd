using System.Collections.Immutable;

namespace Sasl.Smtp;

/// <summary>What a source of credentials found, and where it looked.</summary>
/// <param name="Credential">The credential, which the receiver disposes; null when there is none.</param>
/// <param name="KeysTried">The keys asked for, in order; when something was found, the last is where.</param>
public sealed record SmtpCredentialAnswer(SmtpCredential? Credential, ImmutableArray<string> KeysTried)
{
    /// <summary>The answer for the administrator: <c>nothing under mail.example.com, [mail.example.com]:587</c>.</summary>
    public override string ToString() =>
        Credential is null ? $"nothing under {string.Join(", ", KeysTried)}" : $"{Credential.UserName} under {KeysTried[^1]}";
}
