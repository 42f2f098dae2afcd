using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sasl;

/// <summary>Fills a store while users log in with passwords that another verifier checks: Cyrus SASL's <c>auto_transition</c>.</summary>
/// <remarks>
/// After a match it writes what each mechanism stores of the password, unless the store verifies the password already. What the store held of
/// an older password goes: with <c>noplain</c> an old <c>userPassword</c> is removed, where Cyrus leaves it valid. A failure to write never
/// fails the login.
/// </remarks>
public sealed class TransitioningPasswordVerifier : IPasswordVerifier
{
    private readonly IPasswordVerifier _inner;
    private readonly SaslTransition _transition;
    private readonly StoredPasswordVerifier _stored;
    private readonly SaslWorkQueue _work;

    /// <summary>Takes the verifier and what to do after its matches.</summary>
    /// <param name="inner">Who decides.</param>
    /// <param name="transition">Where the secrets go.</param>
    /// <param name="work">Where the secrets are derived.</param>
    public TransitioningPasswordVerifier(IPasswordVerifier inner, SaslTransition transition, SaslWorkQueue work)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(transition);
        ArgumentNullException.ThrowIfNull(work);
        _inner = inner;
        _transition = transition;
        _stored = new StoredPasswordVerifier(transition.Store, transition.Forms, work) { RefusesLeftovers = true };
        _work = work;
    }

    /// <inheritdoc/>
    public async ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        PasswordVerdict verdict = await _inner.VerifyAsync(user, password, service, cancellationToken).ConfigureAwait(false);
        if (verdict.Outcome is not PasswordOutcome.Match)
            return verdict;
        try
        {
            if (!await IsStoredAsync(user, password, service, cancellationToken).ConfigureAwait(false))
                await WriteAsync(user, password, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The login has succeeded, whatever becomes of the store.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            cancellationToken.ThrowIfCancellationRequested();
            _transition.Failed?.Invoke(user, exception);
        }
        return verdict;
    }

    // A store that cannot answer may be one that the first write makes, as with sasldb's file. If it cannot be written either, the write says so.
    private async ValueTask<bool> IsStoredAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        try
        {
            PasswordVerdict verdict = await _stored.VerifyAsync(user, password, service, cancellationToken).ConfigureAwait(false);
            return verdict.Outcome is PasswordOutcome.Match;
        }
        catch (SaslUnavailableException)
        {
            return false;
        }
    }

    private async ValueTask WriteAsync(SaslUser user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        using var prepared = new SecureBufferWriter();
        if (!SaslPrep.TryStored(password.Span, prepared) || prepared.WrittenCount == 0)
            return;    // no mechanism could ever present it
        ReadOnlyMemory<byte> secret = prepared.WrittenMemory;
        var derived = new List<SaslPropertyValue>();
        try
        {
            await _work.RunAsync(() => Derive(user, secret.Span, derived), cancellationToken).ConfigureAwait(false);
            await _transition.Store.StoreAsync(
                user,
                [
                    .. derived,
                    new SaslPropertyValue(SaslProperty.UserPassword.Name, _transition.StorePlainText ? secret : (ReadOnlyMemory<byte>?)null),
                    SaslPropertyValue.Removed(CyrusPlainForm.Instance.Property.Name),
                ],
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            derived.ForEach(static value => Erase(value));
        }
    }

    private bool Derive(SaslUser user, ReadOnlySpan<byte> password, List<SaslPropertyValue> derived)
    {
        foreach (SaslSecretDeriver derive in _transition.Derivers)
            derived.AddRange(derive(user, password));
        return derived.Count > 0;
    }

    private static void Erase(SaslPropertyValue value)
    {
        if (value.Value is { } octets && MemoryMarshal.TryGetArray(octets, out ArraySegment<byte> array))
            CryptographicOperations.ZeroMemory(array);
    }
}
