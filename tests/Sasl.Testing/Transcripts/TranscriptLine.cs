namespace Sasl.Testing;

/// <summary>One message of a transcript.</summary>
/// <param name="FromClient">Who says it.</param>
/// <param name="Octets">What is said.</param>
public sealed record TranscriptLine(bool FromClient, byte[] Octets);
