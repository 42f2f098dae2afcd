using System.Buffers;
using System.Text.Json;

namespace Sasl.Mechanisms;

/// <summary>The JSON in which a server says why it refuses a token (RFC 7628 section 3.2.2).</summary>
internal static class OAuthRefusal
{
    /// <summary>The longest JSON that is read, in octets. A longer one is a refusal without a reason.</summary>
    public const int MaxLength = 8 * 1024;

    /// <summary>The longest value that is kept, in octets. A longer one counts as missing.</summary>
    public const int MaxValueLength = 1024;

    private const int MaxDepth = 8;

    /// <summary>Writes an object of the values there are.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<(string Name, string? Value)> members)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        foreach ((string name, string? value) in members)
        {
            if (value is not null)
                writer.WriteString(name, value);
        }
        writer.WriteEndObject();
    }

    /// <summary>Reads what can be read. What is no JSON object gives nothing.</summary>
    public static SaslTokenRefusal Read(ReadOnlySpan<byte> json)
    {
        var nothing = new SaslTokenRefusal(null, null, null);
        if (json.Length > MaxLength)
            return nothing;
        try
        {
            return ReadObject(new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth })) ?? nothing;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)    // no JSON, or no Unicode in it
        {
            return nothing;
        }
    }

    private static SaslTokenRefusal? ReadObject(Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            return null;
        string? status = null, scope = null, configuration = null;
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            bool isStatus = reader.ValueTextEquals("status"u8);
            bool isScope = reader.ValueTextEquals("scope"u8);
            bool isConfiguration = reader.ValueTextEquals("openid-configuration"u8);
            reader.Read();
            string? value = reader.TokenType is JsonTokenType.String && reader.ValueSpan.Length <= MaxValueLength ? reader.GetString() : null;
            if (isStatus)
                status ??= value;
            else if (isScope)
                scope ??= value;
            else if (isConfiguration)
                configuration ??= value;
            reader.Skip();
        }
        return new SaslTokenRefusal(status, scope, configuration);
    }
}
