using System.Buffers.Binary;

namespace Sasl.Mechanisms;

/// <summary>What all three messages begin with: a signature and the type.</summary>
internal static class NtlmMessage
{
    /// <summary>Where the type is.</summary>
    public const int TypeAt = 8;

    private static ReadOnlySpan<byte> Signature => "NTLMSSP\0"u8;

    /// <summary>Whether octets are a message of a type, with room for what it has to have.</summary>
    public static bool Is(ReadOnlySpan<byte> message, uint type, int minLength) =>
        message.Length >= minLength && message.StartsWith(Signature) && BinaryPrimitives.ReadUInt32LittleEndian(message[TypeAt..]) == type;

    /// <summary>Writes the beginning.</summary>
    public static void Begin(Span<byte> message, uint type)
    {
        message.Clear();
        Signature.CopyTo(message);
        BinaryPrimitives.WriteUInt32LittleEndian(message[TypeAt..], type);
    }
}
