using System.Buffers;

namespace Sasl.Mechanisms;

/// <summary>How proofs are sent: 32 hex digits in lower case (RFC 2831 section 2.1.2).</summary>
internal static class DigestProof
{
    private static readonly SearchValues<byte> s_hexDigits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>Whether octets are of that form.</summary>
    public static bool IsValid(ReadOnlySpan<byte> hex) => hex.Length == DigestComputation.HexLength && !hex.ContainsAnyExcept(s_hexDigits);

    /// <summary>Reads a proof of that form.</summary>
    /// <param name="hex">32 digits.</param>
    /// <param name="proof">Receives 16 octets.</param>
    /// <returns>False when it has another form.</returns>
    public static bool TryRead(ReadOnlySpan<byte> hex, Span<byte> proof) =>
        IsValid(hex) && Convert.FromHexString(hex, proof, out _, out _) is OperationStatus.Done;

    /// <summary>Writes a proof.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> label, ReadOnlySpan<byte> proof)
    {
        Span<byte> room = output.GetSpan(label.Length + DigestComputation.HexLength);
        label.CopyTo(room);
        Convert.TryToHexStringLower(proof, room[label.Length..], out int digits);
        output.Advance(label.Length + digits);
    }
}
