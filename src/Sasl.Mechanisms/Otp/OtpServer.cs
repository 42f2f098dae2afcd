using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The server side of OTP, RFC 2444: names, challenge, one-time password.</summary>
/// <remarks>
/// The record in the store is changed by compare-and-replace only: when a challenge is given it is locked, and with the answer it moves on. Of two
/// logins that race, on however many machines, one finds the record changed under it and fails.
/// </remarks>
internal sealed class OtpServer(SaslServerContext context, OtpOptions options) : SaslExchange
{
    private static readonly ImmutableArray<SaslProperty> s_wanted = [OtpMechanism.Secret];

    private State _state;
    private string _authorizationId = "";
    private SaslUser? _user;
    private OtpRecord? _record;       // null for somebody who has none: a challenge is given all the same
    private byte[]? _stored;          // the record as the store has it now
    private OtpParameters? _asked;

    private enum State
    {
        ExpectNames,
        ExpectResponse,
    }

    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) => _state switch
        {
            State.ExpectNames => OnNamesAsync(input, output, cancellationToken),
            State.ExpectResponse => OnResponseAsync(input, cancellationToken),
        };

    private async ValueTask<SaslStep> OnNamesAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!OtpNames.TryParse(input.Span, out OtpNames names))
            return SaslStep.Fail(SaslError.Malformed, "not authzid NUL authcid");
        _authorizationId = names.AuthorizationId;
        _user = await context.ResolveUserAsync(names.AuthenticationId, cancellationToken).ConfigureAwait(false);
        if (_user is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's");

        await FindAsync(_user, cancellationToken).ConfigureAwait(false);
        if (_record is not null && await BeginAsync(_user, _record, cancellationToken).ConfigureAwait(false) is { } refusal)
            return refusal;
        _asked = _record is null
            ? OtpDecoy.For(context, _user, options.Algorithm)
            : _record.Parameters with { Sequence = _record.Parameters.Sequence - 1 };
        Encoding.ASCII.GetBytes(OtpChallenge.Write(_asked), output);
        _state = State.ExpectResponse;
        return SaslStep.Continue;
    }

    private async ValueTask FindAsync(SaslUser user, CancellationToken cancellationToken)
    {
        using var found = new PropertySet(s_wanted);
        bool exists = await context.LookupAsync(user, found, cancellationToken).ConfigureAwait(false);
        if (exists && found.Has(OtpMechanism.Secret.Name))
            Take(found);
        else if (options.OpieKeys is { } path)
            _record = await OpieKeysFile.FindAsync(path, user.Name, cancellationToken).ConfigureAwait(false);
    }

    private void Take(PropertySet found)
    {
        found.TryGet(OtpMechanism.Secret, out ReadOnlySpan<byte> stored);
        _stored = stored.ToArray();
        _record = OtpRecord.Parse(stored);
    }

    // Null when a challenge may be given.
    private async ValueTask<SaslStep?> BeginAsync(SaslUser user, OtpRecord record, CancellationToken cancellationToken)
    {
        if (record.Parameters.Sequence <= 1)
            return SaslStep.Fail(SaslError.PasswordExpired, "the one-time passwords are used up: the password must be set anew");
        DateTimeOffset now = context.Clock.GetUtcNow();
        // A time further away than any lock is not one; it would lock the user out for good.
        if (record.LockedUntil > now && record.LockedUntil <= now + OtpOptions.MaxLockTime)
            return SaslStep.Fail(SaslError.TemporaryFailure, "another login with a one-time password of this user is under way");
        if (options.LockTime == TimeSpan.Zero)
            return null;
        return await TryStoreAsync(user, record with { LockedUntil = now + options.LockTime }, cancellationToken).ConfigureAwait(false)
            ? null
            : SaslStep.Fail(SaslError.TemporaryFailure, "another login has begun at the same time, or the record is in a store that is not written");
    }

    private async ValueTask<SaslStep> OnResponseAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        OtpResponse? response = OtpResponse.Parse(input.Span, _asked!.Algorithm);
        byte[]? right = response?.Passwords.FirstOrDefault(password => (_record ?? OtpDecoy.Record(_asked)).IsFollowedBy(password));
        if (_record is null)
        {
            return response is null
                ? SaslStep.Fail(SaslError.Malformed, "not a one-time password")
                : SaslStep.Fail(SaslError.InvalidCredentials, "unknown user, or no one-time passwords stored");
        }
        if (right is null)
        {
            await TryStoreAsync(_user!, _record with { LockedUntil = DateTimeOffset.UnixEpoch }, cancellationToken).ConfigureAwait(false);
            return response is null
                ? SaslStep.Fail(SaslError.Malformed, "not a one-time password")
                : SaslStep.Fail(SaslError.InvalidCredentials, "not the next one-time password");
        }
        return await AcceptAsync(response!, right, cancellationToken).ConfigureAwait(false);
    }

    // What has been sent is used up, whatever becomes of the login: a listener has it now.
    private async ValueTask<SaslStep> AcceptAsync(OtpResponse response, byte[] password, CancellationToken cancellationToken)
    {
        bool isLate = options.LockTime > TimeSpan.Zero && context.Clock.GetUtcNow() >= _record!.LockedUntil;
        string? refusal = response.BeginsAnew ? WhyNotAnew(response) : null;
        OtpRecord next = response.BeginsAnew && refusal is null && !isLate
            ? new OtpRecord(response.NewParameters!, response.NewPassword, DateTimeOffset.UnixEpoch)
            : new OtpRecord(_asked!, password, DateTimeOffset.UnixEpoch);
        if (!await TryStoreAsync(_user!, next, cancellationToken).ConfigureAwait(false))
            return SaslStep.Fail(SaslError.InvalidCredentials, "another login has used this one-time password");
        if (isLate)
            return SaslStep.Fail(SaslError.TemporaryFailure, "the answer came too late");
        return refusal is null
            ? SaslStep.Authenticated(_user!, _authorizationId)
            : SaslStep.Fail(SaslError.InvalidCredentials, refusal);
    }

    // With the same seed the old passwords might come round again (RFC 2289 section 8).
    private string? WhyNotAnew(OtpResponse response) =>
        response.NewParameters is not { } parameters || response.NewPassword is null ? "the new sequence cannot be read"
        : parameters.Sequence <= 1 ? "the new sequence is used up from the beginning"
        : parameters.Seed == _asked!.Seed ? "the new sequence has the old seed"
        : null;

    private async ValueTask<bool> TryStoreAsync(SaslUser user, OtpRecord record, CancellationToken cancellationToken)
    {
        byte[] octets = record.ToOctets();
        ReadOnlyMemory<byte>? expected = _stored is null ? default(ReadOnlyMemory<byte>?) : _stored;    // a null array would be an empty value
        if (_stored is not null && _stored.AsSpan().SequenceEqual(octets))
            return true;
        bool isStored = await context.WritableStore!.TryReplaceAsync(user, OtpMechanism.Secret.Name, expected, octets, cancellationToken).ConfigureAwait(false);
        if (isStored)
        {
            _stored = octets;
            _record = record;
        }
        return isStored;
    }
}
