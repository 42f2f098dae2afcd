namespace Sasl.Smtp;

/// <summary>What an SMTP server sends in answer to one line of an AUTH exchange.</summary>
/// <param name="Line">The reply without CRLF, ASCII. Valid until the <see cref="SmtpAuthServer"/> is used again.</param>
/// <param name="Code">Its three-digit code, such as 235 or 334.</param>
/// <param name="State">What is awaited once the line is sent.</param>
public readonly record struct SmtpAuthReply(ReadOnlyMemory<byte> Line, int Code, SmtpAuthState State)
{
    /// <summary>The code of success (RFC 4954 section 6).</summary>
    public const int SuccessCode = 235;

    /// <summary>The code of a challenge (RFC 4954 section 4).</summary>
    public const int ChallengeCode = 334;

    /// <summary>Whether this command has authenticated the client.</summary>
    public bool IsSuccess => Code == SuccessCode;

    /// <summary>The code and state, never the line: challenges may carry what a log should not.</summary>
    public override string ToString() => $"{Code} {State}";
}
