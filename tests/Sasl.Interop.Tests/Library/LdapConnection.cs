using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sasl.Interop.Tests.Library;

/// <summary>
/// As much of LDAP as it takes to bind with SASL and then to do something inside the layer (RFC 4511 sections 4.2 and 4.5, RFC 4532). The
/// messages are BER with a length, so that nothing is read ahead: the layer begins behind the last response to the bind.
/// </summary>
internal sealed class LdapConnection : IAsyncDisposable
{
    private const int MaxMessageLength = 4 * 1024 * 1024;
    private const int Version = 3;
    private const int SaslBindInProgress = 14;
    private const int WholeSubtree = 2;

    private static readonly Asn1Tag s_bindRequest = new(TagClass.Application, 0, isConstructed: true);
    private static readonly Asn1Tag s_saslCredentials = new(TagClass.ContextSpecific, 3, isConstructed: true);
    private static readonly Asn1Tag s_serverCredentials = new(TagClass.ContextSpecific, 7);
    private static readonly Asn1Tag s_searchRequest = new(TagClass.Application, 3, isConstructed: true);
    private static readonly Asn1Tag s_equalityMatch = new(TagClass.ContextSpecific, 3, isConstructed: true);
    private static readonly Asn1Tag s_orFilter = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag s_searchEntry = new(TagClass.Application, 4, isConstructed: true);
    private static readonly Asn1Tag s_extendedRequest = new(TagClass.Application, 23, isConstructed: true);
    private static readonly Asn1Tag s_requestName = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag s_responseValue = new(TagClass.ContextSpecific, 11);

    private readonly TcpClient _tcp;
    private Stream _stream;
    private int _messageId;

    private LdapConnection(TcpClient tcp, Stream stream) => (_tcp, _stream) = (tcp, stream);

    /// <summary>Connects, with TLS from the first octet where a certificate is expected.</summary>
    public static async Task<LdapConnection> OpenAsync(int port, X509Certificate2? certificate, CancellationToken cancellationToken)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        if (certificate is null)
            return new LdapConnection(tcp, tcp.GetStream());
        var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData) is true,
        }, cancellationToken);
        return new LdapConnection(tcp, tls);
    }

    /// <summary>What the connection is to the client.</summary>
    public SaslChannel Channel => _stream is SslStream tls ? SaslChannel.FromTls(tls) : SaslChannel.Plaintext;

    /// <summary>Binds; null after success, else what the client or the server found wrong. A negotiated layer is used from then on.</summary>
    public async Task<string?> BindAsync(SaslClientSession session, string mechanism, CancellationToken cancellationToken)
    {
        SaslReply reply = await session.StartAsync([mechanism], cancellationToken);
        while (true)
        {
            if (reply.Status is SaslStatus.Failure)
                return session.FailureDetail;
            await SendAsync(writer => WriteBind(writer, mechanism, reply.Message), cancellationToken);
            (int code, string diagnostic, byte[]? credentials) = await ReceiveBindResponseAsync(cancellationToken);
            if (code == SaslBindInProgress)
            {
                reply = await session.StepAsync(credentials ?? [], cancellationToken);
                continue;
            }
            if (code != 0)
                return $"{code} {diagnostic}";
            reply = credentials is null
                ? await session.CompleteAsync(cancellationToken: cancellationToken)
                : await session.CompleteAsync(credentials, cancellationToken);
            if (!reply.IsSuccess)
                return session.FailureDetail;
            if (session.SecurityLayer is { } layer)
                _stream = new SaslStream(_stream, layer);
            return null;
        }
    }

    /// <summary>As whom the server knows us, RFC 4532: "dn:" and a name.</summary>
    public async Task<string> WhoAmIAsync(CancellationToken cancellationToken)
    {
        await SendAsync(static writer =>
        {
            using (writer.PushSequence(s_extendedRequest))
                writer.WriteOctetString("1.3.6.1.4.1.4203.1.11.3"u8, s_requestName);
        }, cancellationToken);
        AsnReader response = (await ReceiveAsync(cancellationToken)).Body;
        (int code, string diagnostic) = ReadResult(response);
        if (code != 0)
            throw new IOException($"slapd answered {code} {diagnostic}");
        return Encoding.UTF8.GetString(response.ReadOctetString(s_responseValue));
    }

    /// <summary>The names of the entries below a base whose uid is one of some.</summary>
    public async Task<IReadOnlyList<string>> SearchAsync(string searchBase, IEnumerable<string> users, CancellationToken cancellationToken)
    {
        await SendAsync(writer => WriteSearch(writer, searchBase, users), cancellationToken);
        var names = new List<string>();
        while (true)
        {
            (Asn1Tag tag, AsnReader body) = await ReceiveAsync(cancellationToken);
            if (tag == s_searchEntry)
            {
                names.Add(Encoding.UTF8.GetString(body.ReadOctetString()));
                continue;
            }
            (int code, string diagnostic) = ReadResult(body);
            return code == 0 ? names : throw new IOException($"slapd answered {code} {diagnostic}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private static void WriteBind(AsnWriter writer, string mechanism, ReadOnlyMemory<byte>? credentials)
    {
        using (writer.PushSequence(s_bindRequest))
        {
            writer.WriteInteger(Version);
            writer.WriteOctetString([]);    // no name: the mechanism says who it is
            using (writer.PushSequence(s_saslCredentials))
            {
                writer.WriteOctetString(Encoding.ASCII.GetBytes(mechanism));
                if (credentials is { } message)
                    writer.WriteOctetString(message.Span);
            }
        }
    }

    private static void WriteSearch(AsnWriter writer, string searchBase, IEnumerable<string> users)
    {
        using (writer.PushSequence(s_searchRequest))
        {
            writer.WriteOctetString(Encoding.UTF8.GetBytes(searchBase));
            writer.WriteEnumeratedValue((LdapEnumerated)WholeSubtree);
            writer.WriteEnumeratedValue((LdapEnumerated)0);    // aliases are not followed
            writer.WriteInteger(0);                            // no limit of entries
            writer.WriteInteger(0);                            // nor of time
            writer.WriteBoolean(false);
            using (writer.PushSetOf(s_orFilter))
            {
                foreach (string user in users)
                {
                    using (writer.PushSequence(s_equalityMatch))
                    {
                        writer.WriteOctetString("uid"u8);
                        writer.WriteOctetString(Encoding.UTF8.GetBytes(user));
                    }
                }
            }
            using (writer.PushSequence())
                writer.WriteOctetString("cn"u8);
        }
    }

    private async Task<(int Code, string Diagnostic, byte[]? Credentials)> ReceiveBindResponseAsync(CancellationToken cancellationToken)
    {
        AsnReader response = (await ReceiveAsync(cancellationToken)).Body;
        (int code, string diagnostic) = ReadResult(response);
        byte[]? credentials = response.HasData && response.PeekTag().HasSameClassAndValue(s_serverCredentials)
            ? response.ReadOctetString(s_serverCredentials)
            : null;
        return (code, diagnostic, credentials);
    }

    private static (int Code, string Diagnostic) ReadResult(AsnReader response)
    {
        int code = (int)response.ReadEnumeratedValue<LdapEnumerated>();
        response.ReadOctetString();    // matchedDN
        return (code, Encoding.UTF8.GetString(response.ReadOctetString()));
    }

    private async Task SendAsync(Action<AsnWriter> write, CancellationToken cancellationToken)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(++_messageId);
            write(writer);
        }
        await _stream.WriteAsync(writer.Encode(), cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    private async Task<(Asn1Tag Tag, AsnReader Body)> ReceiveAsync(CancellationToken cancellationToken)
    {
        byte[] head = new byte[2];
        await _stream.ReadExactlyAsync(head, cancellationToken);
        int length = head[1];
        if (length > 0x80)    // the long form: so many octets of length follow
        {
            byte[] more = new byte[length - 0x80];
            ArgumentOutOfRangeException.ThrowIfGreaterThan(more.Length, sizeof(int));
            await _stream.ReadExactlyAsync(more, cancellationToken);
            length = more.Aggregate(0, static (value, octet) => checked((value << 8) | octet));
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxMessageLength);
        byte[] body = new byte[length];
        await _stream.ReadExactlyAsync(body, cancellationToken);
        var reader = new AsnReader(body, AsnEncodingRules.BER);
        if (reader.ReadInteger() != _messageId)
            throw new IOException("slapd answered another message.");
        Asn1Tag tag = reader.PeekTag();
        return (tag, reader.ReadSequence(tag));
    }

    // AsnReader wants an enum for ENUMERATED; the values are those of RFC 4511.
    private enum LdapEnumerated;
}
