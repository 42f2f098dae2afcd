namespace Sasl.TestKit;

/// <summary>One message of a conversation.</summary>
/// <param name="FromClient">Whether the client sent it.</param>
/// <param name="Octets">The message; may hold a password, for it is a test's.</param>
public sealed record SaslPairMessage(bool FromClient, ReadOnlyMemory<byte> Octets);
