namespace Sasl.Mechanisms;

/// <summary>A hash being computed, used by one caller at a time and again afterwards.</summary>
internal interface IHashContext : IDisposable
{
    /// <summary>Hashes more octets.</summary>
    void Append(ReadOnlySpan<byte> octets);

    /// <summary>Gives the hash of all that was appended, erases what the context has of it, and is ready for the next message.</summary>
    /// <param name="hash">Receives it; as long as the function's hashes.</param>
    void Finish(Span<byte> hash);
}
