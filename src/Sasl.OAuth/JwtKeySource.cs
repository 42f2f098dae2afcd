using Microsoft.IdentityModel.Tokens;

namespace Sasl.OAuth;

/// <summary>Keeps an issuer's keys, and reads them again when they are old or lack one that a token names; never more often than the options allow.</summary>
internal sealed class JwtKeySource(JwtValidatorOptions options, Func<CancellationToken, Task<byte[]>> read) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private Reading? _last;
    private DateTimeOffset _nextTry = DateTimeOffset.MinValue;

    /// <summary>The keys that may have made a signature.</summary>
    /// <exception cref="SaslUnavailableException">The keys are not known.</exception>
    public async ValueTask<IReadOnlyList<SecurityKey>> FindAsync(string? name, string algorithm, CancellationToken cancellationToken)
    {
        Reading? last = Volatile.Read(ref _last);
        if (last is null || options.Clock.GetUtcNow() - last.Time >= options.KeyLifetime)
            last = await ReadAsync(last, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<SecurityKey> found = last.Keys.Find(name, algorithm);
        if (found.Count > 0)
            return found;
        // The issuer may have a new key; a token that names a key nobody has must not make every login ask.
        Reading newer = await ReadAsync(last, cancellationToken).ConfigureAwait(false);
        return newer == last ? found : newer.Keys.Find(name, algorithm);
    }

    public void Dispose() => _reading.Dispose();

    // Whoever waited for somebody else's reading takes its result.
    private async ValueTask<Reading> ReadAsync(Reading? known, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            DateTimeOffset now = options.Clock.GetUtcNow();
            if (_last is { } last && (last != known || now < _nextTry))
                return Usable(last, now);
            if (now < _nextTry)
                throw new SaslUnavailableException("the issuer's keys could not be read a moment ago");
            try
            {
                byte[] json = await read(cancellationToken).ConfigureAwait(false);
                // Unchanged keys stay the same objects, for which the library has prepared its checks.
                JwtKeySet keys = _last is not null && json.AsSpan().SequenceEqual(_last.Json) ? _last.Keys : JwtKeySet.Parse(json);
                _nextTry = now + options.KeyRetryInterval;
                var reading = new Reading(keys, json, now);
                Volatile.Write(ref _last, reading);
                return reading;
            }
            catch (Exception exception) when (exception is SaslUnavailableException or IOException or UnauthorizedAccessException)
            {
                _nextTry = now + options.KeyRetryInterval;
                if (_last is { } older && now - older.Time < options.KeyLifetime + options.KeyGrace)
                    return older;
                if (exception is SaslUnavailableException)
                    throw;
                throw new SaslUnavailableException("the issuer's keys could not be read", exception);
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    private Reading Usable(Reading reading, DateTimeOffset now) => now - reading.Time < options.KeyLifetime + options.KeyGrace
        ? reading : throw new SaslUnavailableException("the issuer's keys are too old, and could not be read a moment ago");

    private sealed record Reading(JwtKeySet Keys, byte[] Json, DateTimeOffset Time)
    {
        public bool Equals(Reading? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
