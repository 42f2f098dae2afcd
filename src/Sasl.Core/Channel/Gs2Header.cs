using System.Buffers;
using System.Text;

namespace Sasl;

/// <summary>What precedes the first message of SCRAM, OAUTHBEARER and the GS2 family.</summary>
/// <remarks>
/// <code>
/// gs2-header     = gs2-cbind-flag "," [ authzid ] ","
/// gs2-cbind-flag = ("p=" cb-name) / "n" / "y"
/// cb-name        = 1*(ALPHA / DIGIT / "." / "-")
/// authzid        = "a=" saslname
/// </code>
/// </remarks>
public readonly ref struct Gs2Header
{
    /// <summary>The longest name of a channel-binding type, in octets. The longest registered one has 20.</summary>
    public const int MaxTypeLength = 64;

    private static readonly SearchValues<byte> s_typeOctets =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-"u8);

    /// <summary>What the client says about channel binding.</summary>
    public Gs2Binding Binding { get; private init; }

    /// <summary>The name of the channel-binding type; empty unless it is used.</summary>
    public ReadOnlySpan<byte> BindingType { get; private init; }

    /// <summary>As whom the client wants to act; null when it did not say.</summary>
    public string? AuthorizationId { get; private init; }

    /// <summary>The length of the header in octets, the comma at its end included.</summary>
    public int Length { get; private init; }

    /// <summary>Reads the header at the start of a message.</summary>
    /// <param name="message">The message; what follows the header is not looked at.</param>
    /// <param name="header">The header, whose type is a part of the message.</param>
    /// <returns>False when the message does not begin with a header.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out Gs2Header header)
    {
        header = default;
        int first = message.IndexOf((byte)',');
        int second = first < 0 ? -1 : message[(first + 1)..].IndexOf((byte)',');
        if (second < 0 || !TryParseFlag(message[..first], out Gs2Binding binding, out ReadOnlySpan<byte> type))
            return false;

        ReadOnlySpan<byte> authzid = message.Slice(first + 1, second);
        string? name = null;
        if (!authzid.IsEmpty && !(authzid.StartsWith("a="u8) && SaslName.TryDecode(authzid[2..], out name)))
            return false;
        header = new Gs2Header { Binding = binding, BindingType = type, AuthorizationId = name, Length = first + second + 2 };
        return true;
    }

    /// <summary>Appends a header.</summary>
    /// <param name="binding">What to say about channel binding.</param>
    /// <param name="type">The name of the channel-binding type, when it is used.</param>
    /// <param name="authorizationId">As whom to act; null to say nothing.</param>
    /// <param name="output">Where the header goes.</param>
    public static void Write(Gs2Binding binding, string? type, string? authorizationId, IBufferWriter<byte> output)
    {
        output.Write(binding switch { Gs2Binding.NotSupported => "n"u8, Gs2Binding.NotOffered => "y"u8, Gs2Binding.Used => "p="u8 });
        if (binding is Gs2Binding.Used)
            Encoding.ASCII.GetBytes(type, output);
        output.Write(","u8);
        if (authorizationId is not null)
        {
            output.Write("a="u8);
            SaslName.Encode(authorizationId, output);
        }
        output.Write(","u8);
    }

    /// <summary>The name of the type, as <see cref="SaslChannelBindings"/> knows it.</summary>
    public string BindingTypeName() =>
        BindingType.SequenceEqual("tls-exporter"u8) ? SaslChannelBindings.TlsExporter
        : BindingType.SequenceEqual("tls-server-end-point"u8) ? SaslChannelBindings.TlsServerEndPoint
        : BindingType.SequenceEqual("tls-unique"u8) ? SaslChannelBindings.TlsUnique
        : Encoding.ASCII.GetString(BindingType);

    private static bool TryParseFlag(ReadOnlySpan<byte> flag, out Gs2Binding binding, out ReadOnlySpan<byte> type)
    {
        type = default;
        binding = flag is [(byte)'y'] ? Gs2Binding.NotOffered : Gs2Binding.NotSupported;
        if (flag is [(byte)'n' or (byte)'y'])
            return true;
        if (!flag.StartsWith("p="u8))
            return false;
        binding = Gs2Binding.Used;
        type = flag[2..];
        return type.Length is > 0 and <= MaxTypeLength && !type.ContainsAnyExcept(s_typeOctets);
    }
}
