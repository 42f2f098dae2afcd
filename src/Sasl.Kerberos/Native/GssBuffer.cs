namespace Sasl.Kerberos;

/// <summary><c>gss_buffer_desc</c>: octets that C owns or borrows (RFC 2744 section 3.2).</summary>
internal unsafe struct GssBuffer
{
    public nuint Length;
    public byte* Value;

    /// <summary>The octets; valid as long as the memory is.</summary>
    public readonly Span<byte> Octets => new(Value, checked((int)Length));
}
