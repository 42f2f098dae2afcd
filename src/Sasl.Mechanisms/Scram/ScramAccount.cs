namespace Sasl.Mechanisms;

/// <summary>What one login is checked against: a user's stored keys or plain-text password, or a decoy that looks and costs the same.</summary>
/// <remarks>
/// For everybody the same is done in the same order: the store is asked, a shape and a salt are made up, a stored value is read, the real
/// one or a decoy's. Keys are derived from a plain-text password, the real one or a decoy's, when the proof has come: until then a stranger
/// has cost the server nothing, and the first answer takes the same time for either kind of user. Keys that were derived before are used
/// again; a proof that turns out wrong is then paid for with the derivation that was saved, so that only who knows the password sees a difference.
/// </remarks>
internal sealed class ScramAccount : IDisposable
{
    private readonly ScramHash _hash;
    private readonly ScramDerivedCache _derived;
    private PropertySet? _found;    // null once nothing in it is needed any more
    private ScramVerifier? _verifier;
    private bool _isFresh;
    private bool _owesDerivation;

    private ScramAccount(ScramHash hash, SaslUser user, ScramDerivedCache derived)
    {
        _hash = hash;
        _derived = derived;
        _found = new PropertySet(hash.Properties);
        User = user;
    }

    /// <summary>The user; for a name that cannot be anyone's, one that no store was asked for.</summary>
    public SaslUser User { get; }

    /// <summary>Why no proof can be right, for the administrator; null when one can.</summary>
    public string? Missing { get; private set; }

    /// <summary>The salt to announce.</summary>
    public ReadOnlyMemory<byte> Salt { get; private set; }

    /// <summary>The iteration count to announce.</summary>
    public int Iterations { get; private set; }

    /// <summary>Finds what a user has, or makes up what the user might have.</summary>
    public static async ValueTask<ScramAccount> FindAsync(
        SaslServerContext context, ScramHash hash, ScramOptions options, string name, CancellationToken cancellationToken)
    {
        SaslUser? user = await context.ResolveUserAsync(name, cancellationToken).ConfigureAwait(false);
        var account = new ScramAccount(
            hash, user ?? new SaslUser(name, context.Service.Realm), context.Shared(static () => new ScramDerivedCache()));
        try
        {
            bool known = user is not null && await context.LookupAsync(user, account._found!, cancellationToken).ConfigureAwait(false);
            account.Settle(context, options, user is null ? "username cannot be anyone's" : known ? null : "unknown user");
            return account;
        }
        catch
        {
            account.Dispose();
            throw;
        }
    }

    /// <summary>The verifier, derived first where only a plain-text password is there. It stays this account's.</summary>
    public async ValueTask<ScramVerifier> VerifierAsync(SaslWorkQueue work, CancellationToken cancellationToken)
    {
        if (_verifier is not null)
            return _verifier;
        _verifier = FindDerived();
        _owesDerivation = _verifier is not null;
        _isFresh = _verifier is null;
        return _verifier ??= await DeriveAsync(work, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The proof was right: what was derived for it is kept for the next login.</summary>
    public void Remember()
    {
        if (_isFresh && TryGetPassword(out ReadOnlySpan<byte> password))
            _derived.Add(User, password, _verifier!);
    }

    /// <summary>The proof was wrong: whoever sent it waits as long as for a user whose keys are not known.</summary>
    public async ValueTask PayAsync(SaslWorkQueue work, CancellationToken cancellationToken)
    {
        if (_owesDerivation)
            (await DeriveAsync(work, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    /// <summary>Erases what was found and derived.</summary>
    public void Dispose()
    {
        DropFound();
        _verifier?.Dispose();
    }

    /// <summary>Decides what this account is.</summary>
    /// <param name="context">Makes the salt.</param>
    /// <param name="options">The options.</param>
    /// <param name="nobody">Why it is nobody's; null when the store knows the user.</param>
    private void Settle(SaslServerContext context, ScramOptions options, string? nobody)
    {
        ScramPopulation population = context.Shared(static () => new ScramPopulation());
        var derived = new ScramShape(options.IterationsFor(_hash), options.SaltLength, FromPlaintext: true);
        ScramDecoy decoy = population.Imitate(context, _hash, User, derived with { FromPlaintext = false });
        Span<byte> salt = stackalloc byte[Math.Max(derived.SaltLength, decoy.Shape.SaltLength)];    // at most ScramVerifier.MaxSaltLength
        population.FillSalt(context, _hash, User, salt);
        if (nobody is null && TryTake(options, derived, salt) is { } shape)
            population.Learn(_hash, shape);
        else
            TakeDecoy(decoy, salt, nobody ?? "no usable keys for this hash");
        if (_verifier is not null)
            DropFound();    // while the client computes its proof nothing is held but the keys
    }

    private void DropFound()
    {
        _found?.Dispose();
        _found = null;
    }

    // Stored keys come before a plain-text password, the other way round than in Cyrus SASL: see docs/decisions.
    private ScramShape? TryTake(ScramOptions options, ScramShape derived, ReadOnlySpan<byte> salt)
    {
        _verifier = _found!.Get(_hash.Standard) ?? _found.Get(_hash.Own);
        if (_verifier is null)
        {
            (Salt, Iterations) = (salt[..derived.SaltLength].ToArray(), derived.Iterations);
            return TryGetPassword(out _) ? derived : null;
        }
        (Salt, Iterations) = (_verifier.Salt, _verifier.Iterations);
        return Iterations <= options.MaxStoredIterations ? new ScramShape(Iterations, Salt.Length, FromPlaintext: false) : null;
    }

    // What the store had is of no use: the decoy's value takes its place and is read in the same way, but for the salt, which is the user's own.
    private void TakeDecoy(ScramDecoy decoy, ReadOnlySpan<byte> salt, string missing)
    {
        Missing = missing;
        _verifier?.Dispose();
        _found!.Dispose();
        decoy.AddTo(_found);
        _verifier = _found.Get(_hash.Standard) ?? _found.Get(_hash.Own);
        (Salt, Iterations) = (salt[..decoy.Shape.SaltLength].ToArray(), decoy.Shape.Iterations);
    }

    private ScramVerifier? FindDerived()
    {
        TryGetPassword(out ReadOnlySpan<byte> password);
        ScramVerifier? known = _derived.Find(_hash, User, password, Salt.Span, Iterations);
        if (Missing is null)
            return known;
        known?.Dispose();    // a decoy's password is nobody's
        return null;
    }

    private ValueTask<ScramVerifier> DeriveAsync(SaslWorkQueue work, CancellationToken cancellationToken) =>
        Iterations <= SaslWorkQueue.InlineIterations ? new(Derive()) : work.RunAsync(Derive, cancellationToken);

    private ScramVerifier Derive()
    {
        TryGetPassword(out ReadOnlySpan<byte> password);
        if (!password.ContainsAnyExceptInRange((byte)' ', (byte)'~'))    // what SASLprep would leave as it is
            return ScramVerifier.Derive(_hash, password, Salt.Span, Iterations);

        // Cyrus SASL stores what was typed, and clients derive from the prepared text (RFC 5802 section 2.2). Octets that cannot be prepared
        // serve the clients that send them as they are. Nothing is left of some texts, and the empty password must be nobody's.
        using var prepared = new SecureBufferWriter();
        bool usable = SaslPrep.TryQuery(password, prepared) && prepared.WrittenCount > 0;
        return ScramVerifier.Derive(_hash, usable ? prepared.WrittenSpan : password, Salt.Span, Iterations);
    }

    private bool TryGetPassword(out ReadOnlySpan<byte> password)
    {
        password = default;
        return _found?.TryGet(SaslProperty.UserPassword, out password) is true && !password.IsEmpty;
    }
}
