namespace Sasl.Kerberos;

/// <summary>The layers of RFC 4752, as bits of the first octet of an offer and of a choice.</summary>
[Flags]
internal enum LayerBits : byte
{
    /// <summary>No bit: nothing that both could use.</summary>
    Nothing = 0,

    /// <summary>No layer.</summary>
    NoLayer = 1,

    /// <summary>Integrity.</summary>
    Integrity = 2,

    /// <summary>Integrity and confidentiality.</summary>
    Confidentiality = 4,
}
