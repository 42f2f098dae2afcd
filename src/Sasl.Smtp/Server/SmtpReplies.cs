using System.Text;

namespace Sasl.Smtp;

/// <summary>The reply lines of RFC 4954 sections 4 and 6, and the ones a host adds around them. All without CRLF.</summary>
public static class SmtpReplies
{
    /// <summary>For commands that need a login first (RFC 4954 section 6): sent by the host, to MAIL for example.</summary>
    public static ReadOnlyMemory<byte> AuthenticationRequired { get; } = Ascii("530 5.7.0 Authentication required");

    /// <summary>AUTH after a success or inside a mail transaction (RFC 4954 section 4).</summary>
    public static ReadOnlyMemory<byte> BadSequence { get; } = Ascii("503 5.5.1 Bad sequence of commands");

    /// <summary>An AUTH command that is not of the form the grammar gives (RFC 4954 section 8).</summary>
    public static ReadOnlyMemory<byte> BadSyntax { get; } = Ascii("501 5.5.4 Syntax: AUTH mechanism [initial-response]");

    /// <summary>An initial response to a mechanism in which the server speaks first (RFC 4954 section 4).</summary>
    public static ReadOnlyMemory<byte> NoInitialResponse { get; } = Ascii("501 5.7.0 The mechanism takes no initial response");

    /// <summary>STARTTLS may be answered, the guard having seen nothing unread (RFC 3207 section 4).</summary>
    public static ReadOnlyMemory<byte> ReadyForTls { get; } = Ascii("220 2.0.0 Ready to start TLS");

    /// <summary>The client sent something behind STARTTLS without waiting: the host sends this and closes the connection.</summary>
    public static ReadOnlyMemory<byte> TalkedBeforeTls { get; } = Ascii("554 5.5.0 Commands after STARTTLS before its reply");

    /// <summary>A value after <c>AUTH=</c> in MAIL that is not of the form RFC 4954 section 5 gives.</summary>
    public static ReadOnlyMemory<byte> BadMailAuth { get; } = Ascii("501 5.5.4 Bad AUTH parameter");

    private static readonly ReadOnlyMemory<byte> s_success = Ascii("235 2.7.0 Authentication successful");
    private static readonly ReadOnlyMemory<byte> s_malformed = Ascii("501 5.5.2 Cannot decode response");
    private static readonly ReadOnlyMemory<byte> s_tooLong = Ascii("500 5.5.6 Authentication exchange line is too long");
    private static readonly ReadOnlyMemory<byte> s_aborted = Ascii("501 5.7.0 Authentication aborted");
    private static readonly ReadOnlyMemory<byte> s_unavailable = Ascii("504 5.5.4 Unrecognized authentication type");
    private static readonly ReadOnlyMemory<byte> s_tooWeak = Ascii("534 5.7.9 Authentication mechanism is too weak");
    private static readonly ReadOnlyMemory<byte> s_encryption = Ascii("538 5.7.11 Encryption required for requested authentication mechanism");
    private static readonly ReadOnlyMemory<byte> s_transition = Ascii("432 4.7.12 A password transition is needed");
    private static readonly ReadOnlyMemory<byte> s_temporary = Ascii("454 4.7.0 Temporary authentication failure");
    private static readonly ReadOnlyMemory<byte> s_invalid = Ascii("535 5.7.8 Authentication credentials invalid");

    // What the reply says is all a stranger may know: every reason that depends on the account has the one text.
    internal static ReadOnlyMemory<byte> For(SaslError error) => error switch
    {
        SaslError.None => s_success,
        SaslError.Malformed => s_malformed,
        SaslError.MessageTooLong => s_tooLong,
        SaslError.Aborted => s_aborted,
        SaslError.MechanismUnavailable => s_unavailable,
        SaslError.MechanismTooWeak => s_tooWeak,
        SaslError.EncryptionRequired => s_encryption,
        SaslError.TransitionNeeded => s_transition,
        SaslError.TemporaryFailure => s_temporary,
        SaslError.InvalidCredentials or SaslError.NotAuthorized or SaslError.AccountDisabled or SaslError.PasswordExpired
            or SaslError.ChannelBindingMismatch or SaslError.ServerNotAuthentic => s_invalid,
    };

    internal static int CodeOf(ReadOnlySpan<byte> line) =>
        (100 * (line[0] - '0')) + (10 * (line[1] - '0')) + (line[2] - '0');

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
