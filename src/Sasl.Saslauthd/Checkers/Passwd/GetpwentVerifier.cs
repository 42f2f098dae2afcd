using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>Compares passwords with the hashes that getpwnam(3) gives out: <c>saslauthd -a getpwent</c>.</summary>
/// <remarks>
/// <para>For systems whose hashes are in passwd(5) itself, or come there over NIS or LDAP. Where they are in shadow(5), which is nearly
/// everywhere, this checker refuses everybody and says so; <see cref="ShadowVerifier"/> is the one for those.</para>
/// <para>Knows every hash that the system's crypt(3) knows. Needs glibc or musl. The realm is left out.</para>
/// </remarks>
public sealed unsafe class GetpwentVerifier : IPasswordVerifier
{
    private const string Name = "getpwent";
    private const string WrongPassword = "Incorrect password";
    private const string UnknownName = "Invalid username";

    private readonly SaslWorkQueue _work;
    private readonly AccountPassword _passwords;

    /// <summary>Takes the queue to work on.</summary>
    /// <param name="work">Where checks run; the caller disposes it.</param>
    /// <exception cref="SaslConfigurationException">This machine has no crypt(3).</exception>
    public GetpwentVerifier(SaslWorkQueue work)
    {
        ArgumentNullException.ThrowIfNull(work);
        _work = work;
        _passwords = new AccountPassword(CryptLibrary.Loaded
            ?? throw new SaslConfigurationException($"Passwords cannot be checked with the system's files here: {CryptLibrary.WhyMissing}."));
    }

    /// <summary>The checker for <c>saslauthd -a getpwent</c>. It takes no option.</summary>
    public static SaslauthdChecker Checker { get; } = new(Name, static context => new GetpwentVerifier(context.Work))
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
        byte* field = account.IsFound ? account.Passwd.Password : null;
        (PasswordOutcome outcome, string? why) = _passwords.Compare(password, field);
        if (!account.IsFound)
            return Answer(PasswordOutcome.UnknownUser, UnknownName, null);
        if (outcome is PasswordOutcome.Match)
            return new PasswordVerdict(outcome, Name);
        bool isElsewhere = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(field) is [(byte)'x'];
        return Answer(outcome, WrongPassword, isElsewhere ? "the hash is not in passwd but in shadow; the checker for that is shadow" : why);
    }

    private static PasswordVerdict Answer(PasswordOutcome outcome, string reply, string? why) =>
        new(outcome, Name) { Reason = why is null ? reply : $"{reply}: {why}" };
}
