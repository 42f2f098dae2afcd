namespace Sasl;

/// <summary>The channel-binding data one connection has, by type name (RFC 5056, RFC 5929, RFC 9266).</summary>
/// <remarks>
/// An application whose TLS library knows more than .NET does derives from this class, or uses <see cref="Of"/>,
/// and puts the result into <see cref="SaslChannel.Bindings"/>. One object belongs to one connection.
/// </remarks>
public abstract class SaslChannelBindings
{
    /// <summary>RFC 9266: keying material exported from the TLS connection. The default on TLS 1.3.</summary>
    public const string TlsExporter = "tls-exporter";

    /// <summary>RFC 5929 section 4: a hash of the server's certificate.</summary>
    public const string TlsServerEndPoint = "tls-server-end-point";

    /// <summary>RFC 5929 section 3: the first Finished message. Does not exist on TLS 1.3.</summary>
    public const string TlsUnique = "tls-unique";

    /// <summary>The types this connection has data for, the preferred one first. Never empty for a channel that binds.</summary>
    public abstract IReadOnlyList<string> Types { get; }

    /// <summary>Finds the data of one type.</summary>
    /// <param name="type">The registered name, as a peer sent it; compared as it is, in lower case.</param>
    /// <param name="data">The octets, without any prefix; empty when the result is false.</param>
    /// <returns>False when this connection has no data of that type.</returns>
    public abstract bool TryGet(string type, out ReadOnlyMemory<byte> data);

    /// <summary>Bindings whose data is known already, the preferred type first.</summary>
    /// <param name="bindings">Type names and their data.</param>
    public static SaslChannelBindings Of(params ReadOnlySpan<(string Type, ReadOnlyMemory<byte> Data)> bindings) =>
        new FixedChannelBindings(bindings.ToArray());
}
