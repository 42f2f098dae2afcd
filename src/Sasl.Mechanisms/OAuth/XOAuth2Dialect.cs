using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary>XOAUTH2, as Google describes it for Gmail and as Microsoft and Dovecot take it.</summary>
/// <remarks><code>
/// client-resp = "user=" name kvsep "auth=Bearer " token kvsep kvsep
/// acknowledgement = ""
/// </code></remarks>
internal sealed class XOAuth2Dialect : OAuthDialect
{
    public override ReadOnlySpan<byte> Acknowledgement => [];

    public override bool TryParse(ReadOnlySpan<byte> message, out OAuthRequest request)
    {
        request = default;
        if (!OAuthFields.TryParse(message, 0, out OAuthFields fields) || fields.User is not { } user
            || message[user].IsEmpty || message[user].Length > SaslName.MaxLength || message[user].Contains((byte)0) || !Utf8.IsValid(message[user]))
        {
            return false;
        }
        request = new OAuthRequest(Encoding.UTF8.GetString(message[user]), fields.Authorization);
        return true;
    }

    public override bool TryWrite(SaslClientContext context, ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        string name = context.AuthorizationId ?? context.UserName!;
        if (name.AsSpan().ContainsAny('\0', (char)OAuthFields.Separator) || Encoding.UTF8.GetByteCount(name) > SaslName.MaxLength)
            return false;
        output.Write("user="u8);
        Encoding.UTF8.GetBytes(name, output);
        output.Write([OAuthFields.Separator]);
        OAuthFields.WriteLast(token, output);
        return true;
    }

    public override void WriteRefusal(OAuthFault fault, TokenDiscovery discovery, IBufferWriter<byte> output)
    {
        string status = fault switch
        {
            OAuthFault.InvalidRequest => "400",
            OAuthFault.InvalidToken => "401",
            OAuthFault.InsufficientScope => "403",
        };
        OAuthRefusal.Write(output, [("status", status), ("schemes", "bearer"), ("scope", discovery.Scope)]);
    }

    // Clients that share the code of both mechanisms send the other one's octet.
    public override bool IsAcknowledgement(ReadOnlySpan<byte> message) => message is [] or [OAuthFields.Separator];
}
