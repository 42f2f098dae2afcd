namespace Sasl.Tests;

/// <summary>A verifier with one answer, which counts how often it was asked.</summary>
internal sealed class FixedVerifier(PasswordOutcome? outcome) : IPasswordVerifier, IDisposable
{
    public int Asked { get; private set; }

    public bool IsDisposed { get; private set; }

    public ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        Asked++;
        return new(outcome ?? throw new SaslUnavailableException("the daemon does not answer"));
    }

    public void Dispose() => IsDisposed = true;
}
