namespace Sasl.Mechanisms;

/// <summary>What a stranger can see, or measure, of how one user's password is kept.</summary>
/// <param name="Iterations">The iteration count.</param>
/// <param name="SaltLength">The length of the salt, in octets.</param>
/// <param name="FromPlaintext">Whether the server derives the keys from a plain-text password in every login.</param>
internal readonly record struct ScramShape(int Iterations, int SaltLength, bool FromPlaintext);
