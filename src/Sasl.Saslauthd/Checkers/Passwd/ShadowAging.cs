namespace Sasl.Saslauthd;

/// <summary>How long an account and its password are good, as shadow(5) has it: numbers of days; negative where the field is empty.</summary>
/// <param name="LastChange">The day of the password's last change, since 1 January 1970; 0 when it must be changed at the next login.</param>
/// <param name="Maximum">For how many days after that the password is good.</param>
/// <param name="Inactive">For how many more days it can be changed at a login.</param>
/// <param name="Expire">The day since 1 January 1970 from which on the account is closed.</param>
/// <remarks>
/// The minimum age and the days of warning, the two fields that are left out, say when a password may be changed and when its owner is
/// reminded; no login fails by them. Nobody can change a password in a SASL exchange, so one that would have to be is refused.
/// </remarks>
internal readonly record struct ShadowAging(long LastChange, long Maximum, long Inactive, long Expire)
{
    private const long SecondsPerDay = 86_400;

    // No calendar reaches further; a sum of two stays far inside of 64 bits.
    private const long MaxDays = 1_000_000_000;

    /// <summary>What is wrong on a day, with the words of Cyrus's saslauthd (saslauthd/auth_shadow.c); null when the account is good.</summary>
    /// <param name="now">The time.</param>
    public (PasswordOutcome Outcome, string Reason)? Judge(DateTimeOffset now)
    {
        long today = now.ToUnixTimeSeconds() / SecondsPerDay;
        if (Expire >= 0 && today >= Expire)
            return (PasswordOutcome.Disabled, "Account expired");
        if (LastChange == 0)
            return (PasswordOutcome.Expired, "Password expired: it must be changed before the next login");
        if (LastChange < 0 || Maximum < 0)
            return null;
        long last = Math.Min(LastChange, MaxDays) + Math.Min(Maximum, MaxDays);
        if (today <= last)
            return null;
        return Inactive >= 0 && today > last + Math.Min(Inactive, MaxDays)
            ? (PasswordOutcome.Expired, "Password expired: the time to change it is over too")
            : (PasswordOutcome.Expired, "Password expired");
    }
}
