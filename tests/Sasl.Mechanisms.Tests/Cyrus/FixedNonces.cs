namespace Sasl.Mechanisms.Tests;

/// <summary>The same octets every time, as the transcripts' key for it says.</summary>
internal sealed class FixedNonces(string text) : SaslNonceSource
{
    public override void Fill(Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
            destination[i] = (byte)text[i % text.Length];
    }
}
