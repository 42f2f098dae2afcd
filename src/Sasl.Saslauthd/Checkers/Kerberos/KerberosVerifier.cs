namespace Sasl.Saslauthd;

/// <summary>Asks a Kerberos KDC for a ticket with the password, and makes the KDC prove itself: <c>saslauthd -a kerberos5</c>.</summary>
/// <remarks>
/// <para>Who controls the network can answer in the KDC's place and give a ticket for any password. So a right password is not enough: with the
/// ticket another is fetched for this machine, and it has to open with the machine's own key in the keytab. Without that key nobody gets in.</para>
/// <para>The principal is <c>login[@realm]</c>; without a realm, the default realm's of krb5.conf. Nothing is written to a credential cache. Needs
/// MIT Kerberos. A check waits for the KDC on a thread of the work queue, as long as the library does, and runs to its end once begun.</para>
/// </remarks>
public sealed class KerberosVerifier : IPasswordVerifier
{
    private const string Name = "kerberos5";
    private const string NoPrincipal = "saslauthd principal name error";
    private const string NoPassword = "saslauthd NULL password or username";

    private readonly SaslWorkQueue _work;
    private readonly KerberosOptions _options;
    private string? _warned;

    /// <summary>Takes the queue to work on. Nothing is checked yet; see <see cref="CheckConfiguration"/>.</summary>
    /// <param name="work">Where checks run; the caller disposes it.</param>
    /// <param name="options">How to ask.</param>
    /// <exception cref="SaslConfigurationException">This machine has no Kerberos library.</exception>
    public KerberosVerifier(SaslWorkQueue work, KerberosOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        _work = work;
        _options = options ?? new KerberosOptions();
        if (KerberosLibrary.WhyMissing is string missing)
            throw new SaslConfigurationException($"Passwords cannot be checked with Kerberos here: {missing}.");
    }

    /// <summary>The checker for <c>saslauthd -a kerberos5</c>. Its option is the path of <c>saslauthd.conf</c>.</summary>
    public static SaslauthdChecker Checker { get; } = new(Name, static context =>
    {
        var verifier = new KerberosVerifier(context.Work, KerberosKeys.Read(context));
        verifier.CheckConfiguration();
        return verifier;
    })
    {
        MissingOnPlatform = KerberosLibrary.WhyMissing,
    };

    /// <summary>Makes sure that krb5.conf can be read and that the keytab has the key by which the KDC is proved. Asks no KDC.</summary>
    /// <exception cref="SaslConfigurationException">It cannot, or has not.</exception>
    public void CheckConfiguration()
    {
        try
        {
            using var request = new KerberosRequest(_options);
        }
        catch (KerberosException problem)
        {
            throw new SaslConfigurationException($"Passwords cannot be checked with Kerberos: {problem.Message}.", problem);
        }
    }

    /// <inheritdoc/>
    public ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(service);
        if (CheckerInput.WhyNoName(user.ToString()) is string noName)
            return ValueTask.FromResult(Answer(PasswordOutcome.UnknownUser, NoPrincipal, noName));
        if (CheckerInput.WhyNoPassword(password.Span) is string noPassword)
            return ValueTask.FromResult(Answer(PasswordOutcome.Mismatch, NoPassword, noPassword));
        return KerberosName.Compose(user, service.Service, _options) is string principal
            ? _work.RunAsync(() => Check(principal, password.Span), cancellationToken)
            : ValueTask.FromResult(Answer(PasswordOutcome.UnknownUser, NoPrincipal, "no user can have this name, instance and realm"));
    }

    private PasswordVerdict Check(string principal, ReadOnlySpan<byte> password)
    {
        try
        {
            using var request = new KerberosRequest(_options);
            (PasswordOutcome outcome, string reply, string? why) = request.Check(principal, password);
            if (reply == KerberosRequest.NoProof)
                WarnOnce($"The KDC cannot be proved to be the right one: {why}. Either somebody answers in its place, or the keytab is older than the host's key.");
            return outcome is PasswordOutcome.Match ? new PasswordVerdict(outcome, Name) : Answer(outcome, reply, why);
        }
        catch (KerberosException problem)
        {
            WarnOnce($"Passwords cannot be checked with Kerberos: {problem.Message}.");
            return Answer(PasswordOutcome.Unavailable, "saslauthd internal error", problem.Message);
        }
    }

    private void WarnOnce(string sentence)
    {
        if (Interlocked.Exchange(ref _warned, sentence) != sentence)
            _options.Warn(sentence);
    }

    private static PasswordVerdict Answer(PasswordOutcome outcome, string reply, string? why) =>
        new(outcome, Name) { Reason = why is null ? reply : $"{reply}: {why}" };
}
