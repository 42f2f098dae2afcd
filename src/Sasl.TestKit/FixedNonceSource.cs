namespace Sasl.TestKit;

/// <summary>A source that gives the same octets every time, so that a conversation can be repeated. For tests only: whoever knows a nonce can replay.</summary>
public sealed class FixedNonceSource : SaslNonceSource
{
    private readonly byte[] _octets;

    /// <summary>Takes what to repeat.</summary>
    /// <param name="octets">At least one octet; repeated from the first one where more are asked for.</param>
    public FixedNonceSource(params ReadOnlySpan<byte> octets)
    {
        ArgumentOutOfRangeException.ThrowIfZero(octets.Length, nameof(octets));
        _octets = octets.ToArray();
    }

    /// <inheritdoc/>
    public override void Fill(Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
            destination[i] = _octets[i % _octets.Length];
    }
}
