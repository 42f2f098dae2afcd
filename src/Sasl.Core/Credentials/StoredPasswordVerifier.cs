using System.Collections.Immutable;

namespace Sasl;

/// <summary>Checks passwords against what a store keeps, in whatever form: Cyrus SASL's <c>pwcheck_method: auxprop</c>.</summary>
/// <remarks>
/// <para>The store is asked once, for the properties of all forms. Each value belongs to the first form of the list that can read it.
/// Of the values that are derived from a password the cheapest alone decides: five SCRAM hashes of one password would only make a wrong one
/// five times as slow. A plain text beside them does not count, in PLAIN as little as in SCRAM, because it may be a leftover. Where nothing
/// is derived, the values that cost nothing to compare, such as a password in plain text, are all compared, and any of them may match.</para>
/// <para>An unknown user, and one without a readable value, costs the work of one of the kinds of users that were found, always the same
/// kind for one name, so that the time does not tell them apart. A password that is empty or cannot be prepared is wrong, after the same work.</para>
/// </remarks>
public sealed class StoredPasswordVerifier : IPasswordVerifier
{
    private readonly ICredentialStore _store;
    private readonly ImmutableArray<PasswordForm> _forms;
    private readonly (string Property, PasswordForm[] Forms)[] _formsOf;
    private readonly ImmutableArray<SaslProperty> _wanted;
    private readonly SaslWorkQueue _work;
    private readonly PasswordPopulation _population;

    /// <summary>Takes the store and the forms it may hold.</summary>
    /// <param name="store">Whom to ask.</param>
    /// <param name="forms">The forms to read; at least one. A form that reads any octets, such as <see cref="PlainTextForm"/>, comes after
    /// more particular ones of the same property.</param>
    /// <param name="work">Where checks of more than <see cref="SaslWorkQueue.InlineIterations"/> iterations run.</param>
    public StoredPasswordVerifier(ICredentialStore store, IReadOnlyList<PasswordForm> forms, SaslWorkQueue work)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(forms);
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfZero(forms.Count, nameof(forms));
        _store = store;
        _forms = [.. forms];
        _formsOf = [.. forms.GroupBy(static form => form.Property.Name).Select(static group => (group.Key, group.ToArray()))];
        _wanted = [.. forms.Select(static form => form.Property).DistinctBy(static property => property.Name)];
        _work = work;

        // Before anybody was found: of the forms that derive the one that would decide, because the library stores all of them by default.
        PasswordForm likely = _forms.Where(static form => form.TypicalCost > 0).MinBy(static form => form.TypicalCost) ?? _forms[0];
        _population = new PasswordPopulation(new PasswordEffort(likely, likely.TypicalCost));
    }

    /// <summary>Whether a match needs that no plain text beside the deciding value is another password's: for whoever replaces what is outdated.</summary>
    internal bool RefusesLeftovers { get; init; }

    /// <inheritdoc/>
    /// <exception cref="SaslUnavailableException">The password does not match, but one store of a chain could not answer.</exception>
    public ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        // Printable ASCII is what SASLprep would leave as it is.
        return password.IsEmpty || password.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? PrepareAsync(user, password, cancellationToken)
            : LookUpAsync(user, password, usable: true, cancellationToken);
    }

    private async ValueTask<PasswordVerdict> PrepareAsync(SaslUser user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        using var prepared = new SecureBufferWriter();
        bool usable = SaslPrep.TryQuery(password.Span, prepared) && prepared.WrittenCount > 0;
        return await LookUpAsync(user, usable ? prepared.WrittenMemory : password, usable, cancellationToken).ConfigureAwait(false);
    }

    // What answers at once, as a store in memory does, needs no state to come back to (docs/decisions/0033).
    private ValueTask<PasswordVerdict> LookUpAsync(SaslUser user, ReadOnlyMemory<byte> password, bool usable, CancellationToken cancellationToken)
    {
        PasswordEffort effort = _population.Imitate(user);    // for everybody, since choosing takes time too
        var found = new PropertySet(_wanted) { HeedsSilence = true };
        bool isWaiting = false;
        try
        {
            ValueTask<bool> looking = _store.LookupAsync(user, found, cancellationToken);
            if (!looking.IsCompletedSuccessfully)
            {
                isWaiting = true;
                return WaitAsync(looking, effort, found, password, usable, cancellationToken);
            }
            Check check = Choose(looking.Result, effort, found, password, usable);
            if (check.Cost <= SaslWorkQueue.InlineIterations)
                return new(Answer(check, Perform(check)));
            isWaiting = true;
            return WaitAsync(check, cancellationToken);
        }
        finally
        {
            if (!isWaiting)
                found.Dispose();
        }
    }

    private async ValueTask<PasswordVerdict> WaitAsync(
        ValueTask<bool> looking, PasswordEffort effort, PropertySet found, ReadOnlyMemory<byte> password, bool usable, CancellationToken cancellationToken)
    {
        using (found)
        {
            Check check = Choose(await looking.ConfigureAwait(false), effort, found, password, usable);
            return check.Cost > SaslWorkQueue.InlineIterations
                ? await WaitAsync(check, cancellationToken).ConfigureAwait(false)
                : Answer(check, Perform(check));
        }
    }

    private async ValueTask<PasswordVerdict> WaitAsync(Check check, CancellationToken cancellationToken)
    {
        using (check.Found)
            return Answer(check, await PerformQueuedAsync(check, cancellationToken).ConfigureAwait(false));
    }

    private Check Choose(bool known, PasswordEffort effort, PropertySet found, ReadOnlyMemory<byte> password, bool usable)
    {
        if (!known || FindDeciding(found) is not { } deciding)
            return new Check(effort.Form, effort.Cost, Index: null, found, password, IsKnown: false);
        _population.Learn(deciding.Form, deciding.Cost);
        return new Check(deciding.Form, deciding.Cost, usable ? deciding.Index : null, found, password, IsKnown: true);
    }

    private static PasswordOutcome Answer(in Check check, bool matches) =>
        matches ? PasswordOutcome.Match
        : check.Found.Silence is { } silence ? throw silence
        : check.IsKnown ? PasswordOutcome.Mismatch
        : PasswordOutcome.UnknownUser;

    // Beside the others, so that only a queued check pays for the closure.
    private ValueTask<bool> PerformQueuedAsync(Check check, CancellationToken cancellationToken) =>
        _work.RunAsync(() => Perform(check), cancellationToken);

    private bool Perform(in Check check)
    {
        if (check.Index is not { } index)
        {
            check.Form.Imitate(check.Cost, check.Password.Span);
            return false;
        }
        return check.Cost > 0
            ? check.Form.Verify(check.Found.ValueAt(index), check.Password.Span)
                && !(RefusesLeftovers && CompareFreeValues(check.Found, check.Password.Span) is false)
            : check.Found.Count == 1 ? check.Form.Verify(check.Found.ValueAt(index), check.Password.Span)
            : CompareFreeValues(check.Found, check.Password.Span) is true;
    }

    // Whether any of them matches; null when there is none.
    private bool? CompareFreeValues(PropertySet found, ReadOnlySpan<byte> password)
    {
        bool? matches = null;
        for (int i = 0; i < found.Count; i++)
        {
            if (FindForm(found, i, out int cost) is { } form && cost == 0)
                matches = form.Verify(found.ValueAt(i), password) | (matches ?? false);
        }
        return matches;
    }

    private Choice? FindDeciding(PropertySet found)
    {
        Choice? deciding = null;
        for (int i = 0; i < found.Count; i++)
        {
            if (FindForm(found, i, out int cost) is { } form && (deciding is null || IsBefore(form, cost, deciding.Value)))
                deciding = new Choice(form, cost, i);
        }
        return deciding;
    }

    // What is derived comes before what is free, then the cheaper one, then the first of the list.
    private bool IsBefore(PasswordForm form, int cost, Choice other) =>
        (cost > 0) != (other.Cost > 0) ? cost > 0
        : cost != other.Cost ? cost < other.Cost
        : _forms.IndexOf(form) < _forms.IndexOf(other.Form);

    private PasswordForm? FindForm(PropertySet found, int index, out int cost)
    {
        foreach ((string property, PasswordForm[] forms) in _formsOf)
        {
            if (property == found.NameAt(index))
                return FindForm(forms, found.ValueAt(index), out cost);
        }
        cost = 0;
        return null;
    }

    private static PasswordForm? FindForm(PasswordForm[] forms, ReadOnlySpan<byte> value, out int cost)
    {
        foreach (PasswordForm form in forms)
        {
            if (form.CostOf(value) is { } iterations)
            {
                cost = iterations;
                return form;
            }
        }
        cost = 0;
        return null;
    }

    private readonly record struct Choice(PasswordForm Form, int Cost, int Index);

    /// <summary>One check to perform; without an index it is only imitated.</summary>
    private readonly record struct Check(
        PasswordForm Form, int Cost, int? Index, PropertySet Found, ReadOnlyMemory<byte> Password, bool IsKnown);
}
