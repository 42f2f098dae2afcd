namespace Sasl.Mechanisms;

/// <summary>How one-time passwords are made and kept.</summary>
public sealed record OtpOptions
{
    /// <summary>The highest number a sequence may begin with, as RFC 2444 section 3 and Cyrus SASL have it.</summary>
    public const int MaxSequence = 9999;

    /// <summary>The longest a login may take, and another be locked out.</summary>
    public static readonly TimeSpan MaxLockTime = TimeSpan.FromHours(1);

    /// <summary>The defaults.</summary>
    public static OtpOptions Default { get; } = new();

    /// <summary>The hash of new sequences. Cyrus's <c>otp_mda</c>. Sequences that exist keep theirs.</summary>
    public OtpAlgorithm Algorithm { get; init; } = OtpAlgorithm.Md5;

    /// <summary>How long a login may take. In that time no other login of the same user begins (RFC 2289 section 9), unless the first has ended.
    /// Cyrus SASL's five minutes unless set; zero lets logins race, and the first answer wins.</summary>
    public TimeSpan LockTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A client whose challenge has a smaller number than this begins a new sequence with its answer. Zero never does.</summary>
    public int RenewBelow { get; init; } = 10;

    /// <summary>A file of OPIE to read the sequences of users from who have none in the store; null reads none. Cyrus's <c>opiekeys</c>.
    /// It is never written: the first login stores the sequence, and the store decides from then on.</summary>
    public string? OpieKeys { get; init; }

    internal void ThrowIfInvalid()
    {
        if (!Enum.IsDefined(Algorithm))
            throw new ArgumentOutOfRangeException(nameof(Algorithm));
        ArgumentOutOfRangeException.ThrowIfLessThan(LockTime, TimeSpan.Zero, nameof(LockTime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LockTime, MaxLockTime, nameof(LockTime));
        ArgumentOutOfRangeException.ThrowIfNegative(RenewBelow, nameof(RenewBelow));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RenewBelow, MaxSequence, nameof(RenewBelow));
    }
}
