using System.Net.Security;
using System.Security.Authentication;

namespace Sasl;

/// <summary>The channel-binding data of a TLS connection, taken from the connection when it is asked for.</summary>
internal sealed class TlsChannelBindings : SaslChannelBindings
{
    private readonly SslStream _stream;
    private readonly SaslChannelBindings? _supplied;
    private readonly OpenSslConnection? _connection;
    private readonly ReadOnlyMemory<byte> _serverEndPoint;

    private TlsChannelBindings(SslStream stream, SaslTlsOptions options)
    {
        _stream = stream;
        _supplied = options.Bindings;
        _connection = OpenSslConnection.TryOpen(stream);
        if ((stream.IsServer ? stream.LocalCertificate : stream.RemoteCertificate) is { } certificate)
            SaslTlsServerEndPoint.TryCompute(certificate, out _serverEndPoint);
        Types = [.. Order(options.BindingTypes)];
    }

    public override IReadOnlyList<string> Types { get; }

    /// <summary>The bindings of a stream whose handshake is done; null when it has none.</summary>
    public static SaslChannelBindings? TryCreate(SslStream stream, SaslTlsOptions options) =>
        new TlsChannelBindings(stream, options) is { Types.Count: > 0 } bindings ? bindings : null;

    public override bool TryGet(string type, out ReadOnlyMemory<byte> data)
    {
        data = default;
        return _stream.IsAuthenticated && Types.Contains(type)
            && (_supplied?.TryGet(type, out data) is true || TryGetOwn(type, out data));
    }

    private bool TryGetOwn(string type, out ReadOnlyMemory<byte> data)
    {
        data = type switch
        {
            TlsExporter => _connection?.Exporter(),
            TlsUnique => _connection?.Unique(),
            TlsServerEndPoint => _serverEndPoint,
            _ => default,
        };
        return !data.IsEmpty;
    }

    private IEnumerable<string> Order(IReadOnlyList<string>? wanted)
    {
        List<string> known = [.. (_supplied?.Types ?? []).Union(Own())];
        return wanted is null ? known : wanted.Distinct().Where(known.Contains);
    }

    private IEnumerable<string> Own()
    {
        // RFC 9266 section 3: tls-unique stays the default before TLS 1.3, and exists only there.
        if (_connection is { HasUnique: true })
            yield return TlsUnique;
        if (_connection is { HasExporter: true })
            yield return TlsExporter;
        if (!_serverEndPoint.IsEmpty)
            yield return TlsServerEndPoint;
    }
}
