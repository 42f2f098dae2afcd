namespace Sasl.Saslauthd;

/// <summary>How a reply begins.</summary>
internal enum SaslauthdReplyKind
{
    /// <summary>With neither word: whoever sent it is no saslauthd.</summary>
    Garbage,

    /// <summary>With <c>OK</c>: the password is the user's.</summary>
    Accepted,

    /// <summary>With <c>NO</c>.</summary>
    Refused,
}
