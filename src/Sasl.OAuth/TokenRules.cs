using System.Collections.Immutable;

namespace Sasl.OAuth;

/// <summary>What every token must say, however it is validated.</summary>
public sealed record TokenRules
{
    private const int DefaultClockSkew = 60;
    private const int MaxClockSkew = 600;
    private const string Subject = "sub";

    /// <summary>The rules that ask for nothing but a subject.</summary>
    public static TokenRules Default { get; } = new();

    /// <summary>Who must have issued it: the <c>iss</c> claim, octet by octet; null asks for nobody.</summary>
    public string? Issuer { get; init; }

    /// <summary>For whom it must be: one of these in the <c>aud</c> claim, octet by octet; empty asks for nobody.</summary>
    public ImmutableArray<string> Audiences { get; init; } = [];

    /// <summary>The scopes it must have, all of them (<c>scope</c>, or <c>scp</c> where there is none).</summary>
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>The claim that names the user; <c>sub</c> unless set, because that alone an issuer never gives to another user later.</summary>
    /// <remarks>With <c>email</c>, a token that says that the address is not verified is refused.</remarks>
    public string UserNameClaim { get; init; } = Subject;

    /// <summary>How far the issuer's clock may differ; a minute unless set, ten at most.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(DefaultClockSkew);

    internal void ThrowIfInvalid()
    {
        ArgumentException.ThrowIfNullOrEmpty(UserNameClaim);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClockSkew, TimeSpan.Zero, nameof(ClockSkew));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ClockSkew, TimeSpan.FromSeconds(MaxClockSkew), nameof(ClockSkew));
    }

    internal string? ScopeText => Scopes.IsDefaultOrEmpty ? null : string.Join(' ', Scopes);
}
