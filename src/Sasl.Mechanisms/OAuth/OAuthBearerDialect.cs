using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>OAUTHBEARER (RFC 7628 section 3).</summary>
/// <remarks><code>
/// client-resp = gs2-header kvsep *kvpair kvsep
/// acknowledgement = kvsep
/// </code></remarks>
internal sealed class OAuthBearerDialect : OAuthDialect
{
    private const int LongestPort = 5;

    public override ReadOnlySpan<byte> Acknowledgement => [OAuthFields.Separator];

    // There is no OAUTHBEARER-PLUS to downgrade from, so that "y" says no more than "n"; "p" promises what nobody can check.
    public override bool TryParse(ReadOnlySpan<byte> message, out OAuthRequest request)
    {
        request = default;
        if (!Gs2Header.TryParse(message, out Gs2Header header) || header.Binding is Gs2Binding.Used
            || message[header.Length..] is not [OAuthFields.Separator, ..]
            || !OAuthFields.TryParse(message, header.Length + 1, out OAuthFields fields))
        {
            return false;
        }
        request = new OAuthRequest(header.AuthorizationId, fields.Authorization);
        return true;
    }

    public override bool TryWrite(SaslClientContext context, ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        string? name = context.AuthorizationId ?? context.UserName;
        if (name?.Contains('\0', StringComparison.Ordinal) is true || Encoding.UTF8.GetByteCount(name ?? "") > SaslName.MaxLength)
            return false;
        Gs2Header.Write(Gs2Binding.NotSupported, type: null, string.IsNullOrEmpty(name) ? null : name, output);
        output.Write([OAuthFields.Separator]);
        WriteServer(context.Service, output);
        OAuthFields.WriteLast(token, output);
        return true;
    }

    public override void WriteRefusal(OAuthFault fault, TokenDiscovery discovery, IBufferWriter<byte> output)
    {
        string status = fault switch
        {
            OAuthFault.InvalidRequest => "invalid_request",
            OAuthFault.InvalidToken => "invalid_token",
            OAuthFault.InsufficientScope => "insufficient_scope",
        };
        OAuthRefusal.Write(output, [("status", status), ("scope", discovery.Scope), ("openid-configuration", discovery.OpenIdConfiguration)]);
    }

    public override bool IsAcknowledgement(ReadOnlySpan<byte> message) => message is [OAuthFields.Separator];

    // Both are optional for bearer tokens. A name outside ASCII has no place in the grammar, and the port is known on a connection only.
    private static void WriteServer(SaslServiceInfo service, IBufferWriter<byte> output)
    {
        if (service.ServerName.Length > 0 && !service.ServerName.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            output.Write("host="u8);
            Encoding.ASCII.GetBytes(service.ServerName, output);
            output.Write([OAuthFields.Separator]);
        }
        int? port = (service.Channel.Remote as IPEndPoint)?.Port ?? (service.Channel.Remote as DnsEndPoint)?.Port;
        if (port is not { } number)
            return;
        output.Write("port="u8);
        number.TryFormat(output.GetSpan(LongestPort), out int written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
        output.Write([OAuthFields.Separator]);
    }
}
