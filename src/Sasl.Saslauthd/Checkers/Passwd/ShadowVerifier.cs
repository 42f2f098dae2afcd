namespace Sasl.Saslauthd;

/// <summary>Compares passwords with the hashes of shadow(5), and honours the days after which account and password expire:
/// <c>saslauthd -a shadow</c>.</summary>
/// <remarks>
/// <para>Needs the rights to read <c>/etc/shadow</c>, root's or the group's <c>shadow</c>. Knows every hash that the system's crypt(3) knows, on
/// glibc and musl. The realm is left out.</para>
/// <para>Only who knows the password learns that account or password have expired. The minimum age of a password keeps nobody out.</para>
/// </remarks>
public sealed unsafe class ShadowVerifier : IPasswordVerifier
{
    private const string Name = "shadow";
    private const string WrongPassword = "Incorrect password";
    private const string UnknownName = "Invalid username";
    private const string LookupFailure = "Username shadow lookup failure";

    private readonly SaslWorkQueue _work;
    private readonly TimeProvider _clock;
    private readonly AccountPassword _passwords;

    /// <summary>Takes the queue to work on.</summary>
    /// <param name="work">Where checks run; the caller disposes it.</param>
    /// <param name="clock">Says which day it is; the system's clock where none is given.</param>
    /// <exception cref="SaslConfigurationException">This machine has no crypt(3).</exception>
    public ShadowVerifier(SaslWorkQueue work, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        _work = work;
        _clock = clock ?? TimeProvider.System;
        _passwords = new AccountPassword(CryptLibrary.Loaded
            ?? throw new SaslConfigurationException($"Passwords cannot be checked with the system's files here: {CryptLibrary.WhyMissing}."));
    }

    /// <summary>The checker for <c>saslauthd -a shadow</c>. It takes no option.</summary>
    public static SaslauthdChecker Checker { get; } = new(Name, static context =>
    {
        if (ShadowFile.WhyUnreadable() is string unreadable)
            context.Warn($"No password can be checked yet: {unreadable}.");
        return new ShadowVerifier(context.Work, context.Clock);
    })
    {
        MissingOnPlatform = CryptLibrary.WhyMissing,
    };

    internal AccountPassword Passwords => _passwords;

    /// <inheritdoc/>
    public ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (CheckerInput.WhyNoName(user.Name) is string noName)
            return ValueTask.FromResult(Answer(PasswordOutcome.UnknownUser, UnknownName, noName));
        if (CheckerInput.WhyNoPassword(password.Span) is string noPassword)
            return ValueTask.FromResult(Answer(PasswordOutcome.Mismatch, WrongPassword, noPassword));
        return _work.RunAsync(() => Check(user.Name, password.Span), cancellationToken);
    }

    private PasswordVerdict Check(string login, ReadOnlySpan<byte> password)
    {
        using AccountLookup account = AccountLookup.InPasswd(login);
        if (account.Error != 0)
            return Answer(PasswordOutcome.Unavailable, "Username lookup failure", account.ErrorText);
        using AccountLookup shadow = AccountLookup.InShadow(login);
        if (shadow.Error != 0)
            return Answer(PasswordOutcome.Unavailable, LookupFailure, ShadowFile.WhyUnreadable() ?? shadow.ErrorText);

        bool isKnown = account.IsFound && shadow.IsFound;
        (PasswordOutcome outcome, string? why) = _passwords.Compare(password, isKnown ? shadow.Shadow.Password : null);
        // Where nsswitch.conf has another source behind the file, that one's "unknown", or its entry without a hash, is all that is heard.
        bool hadHash = isKnown && why is null;
        if (account.IsFound && !hadHash && outcome is PasswordOutcome.Mismatch && ShadowFile.WhyUnreadable() is string unreadable)
            return Answer(PasswordOutcome.Unavailable, LookupFailure, unreadable);
        if (!isKnown)
            return Answer(PasswordOutcome.UnknownUser, account.IsFound ? "Invalid shadow username" : UnknownName, null);
        if (outcome is not PasswordOutcome.Match)
            return Answer(outcome, WrongPassword, why);
        return shadow.Shadow.Aging.Judge(_clock.GetUtcNow()) is var (expired, reason)
            ? Answer(expired, reason, null)
            : new PasswordVerdict(PasswordOutcome.Match, Name);
    }

    private static PasswordVerdict Answer(PasswordOutcome outcome, string reply, string? why) =>
        new(outcome, Name) { Reason = why is null ? reply : $"{reply}: {why}" };
}
