namespace Sasl;

/// <summary>What a <see cref="PacketBuffer"/> has of its next packet.</summary>
internal enum PacketState
{
    /// <summary>Not all of it yet.</summary>
    Incomplete,

    /// <summary>All of it.</summary>
    Complete,

    /// <summary>A length that no packet may have.</summary>
    Refused,
}
