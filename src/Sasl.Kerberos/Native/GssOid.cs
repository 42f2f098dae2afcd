using System.Runtime.InteropServices;

namespace Sasl.Kerberos;

/// <summary><c>gss_OID_desc</c>: an object identifier in DER, without tag and length (RFC 2744 section 3.3).</summary>
internal unsafe struct GssOid
{
    public uint Length;
    public byte* Elements;

    /// <summary>1.2.840.113554.1.2.2: Kerberos 5.</summary>
    public static GssOid* Kerberos { get; } = Make([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2]);

    /// <summary>1.3.6.1.5.5.2: SPNEGO.</summary>
    public static GssOid* Spnego { get; } = Make([0x2b, 6, 1, 5, 5, 2]);

    /// <summary>1.2.840.113554.1.2.1.4: a name that is service@host.</summary>
    public static GssOid* HostBasedService { get; } = Make([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 1, 4]);

    /// <summary>1.2.840.113554.1.2.1.1: a user's name.</summary>
    public static GssOid* UserName { get; } = Make([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 1, 1]);

    /// <summary>1.2.840.113554.1.2.2.1: a Kerberos principal's name.</summary>
    public static GssOid* Principal { get; } = Make([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1]);

    /// <summary>1.2.840.113554.1.2.2.5.15: asks a context for its strength in bits.</summary>
    public static GssOid* Strength { get; } = Make([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 5, 15]);

    /// <summary>1.2.752.43.13.29: makes a credential promise neither integrity nor confidentiality unless asked to.</summary>
    public static GssOid* NoProtectionUnasked { get; } = Make([0x2a, 0x85, 0x70, 0x2b, 13, 29]);

    /// <summary>Whether a library's identifier, perhaps none, is this one.</summary>
    public static bool Is(GssOid* one, GssOid* other) =>
        one is not null && new ReadOnlySpan<byte>(one->Elements, (int)one->Length).SequenceEqual(new ReadOnlySpan<byte>(other->Elements, (int)other->Length));

    // Libraries keep pointers to these, so they are never freed.
    private static GssOid* Make(ReadOnlySpan<byte> elements)
    {
        var oid = (GssOid*)NativeMemory.Alloc((nuint)(sizeof(GssOid) + elements.Length));
        oid->Length = (uint)elements.Length;
        oid->Elements = (byte*)(oid + 1);
        elements.CopyTo(new Span<byte>(oid->Elements, elements.Length));
        return oid;
    }
}
