using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>A shape, and what a store would hold for a user of that shape whose password nobody knows.</summary>
/// <remarks>It goes through the code that real values go through, so that it costs what they cost.</remarks>
internal sealed class ScramDecoy
{
    private const int PasswordLength = 16;

    private readonly string _property;
    private readonly byte[] _value;

    public ScramDecoy(ScramHash hash, ScramShape shape)
    {
        Shape = shape;
        _property = shape.FromPlaintext ? SaslProperty.UserPassword.Name : hash.Written.Name;
        _value = shape.FromPlaintext ? RandomNumberGenerator.GetBytes(PasswordLength) : RandomKeys(hash, shape);
    }

    /// <summary>What it looks like.</summary>
    public ScramShape Shape { get; }

    /// <summary>Puts the value where a store would have put one.</summary>
    public void AddTo(PropertySet found) => found.Add(_property, _value);

    private static byte[] RandomKeys(ScramHash hash, ScramShape shape)
    {
        using var random = new ScramVerifier(hash, shape.Iterations, shape.SaltLength);
        RandomNumberGenerator.Fill(random.SaltSpan);
        RandomNumberGenerator.Fill(random.StoredKey);
        RandomNumberGenerator.Fill(random.ServerKey);
        return random.Format();
    }
}
