using System.Buffers;

namespace Sasl.Mechanisms;

/// <summary>How one of the two mechanisms writes what both say.</summary>
internal abstract class OAuthDialect
{
    public static readonly OAuthDialect Bearer = new OAuthBearerDialect();

    public static readonly OAuthDialect XOAuth2 = new XOAuth2Dialect();

    /// <summary>What a client answers to the server's reason for a refusal.</summary>
    public abstract ReadOnlySpan<byte> Acknowledgement { get; }

    /// <summary>Reads a client's first message. Whether there is a token in it is another question.</summary>
    public abstract bool TryParse(ReadOnlySpan<byte> message, out OAuthRequest request);

    /// <summary>Writes a client's first message; false when its names cannot be written.</summary>
    public abstract bool TryWrite(SaslClientContext context, ReadOnlySpan<byte> token, IBufferWriter<byte> output);

    /// <summary>Writes a server's reason for a refusal.</summary>
    public abstract void WriteRefusal(OAuthFault fault, TokenDiscovery discovery, IBufferWriter<byte> output);

    /// <summary>Whether a client has heard the reason.</summary>
    public abstract bool IsAcknowledgement(ReadOnlySpan<byte> message);
}
