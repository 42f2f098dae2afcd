using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>A shape, and a stored value of that shape which no password fits: reading it costs what reading a real one costs.</summary>
internal sealed class ScramDecoy
{
    private readonly ScramHash _hash;
    private readonly byte[] _stored;

    public ScramDecoy(ScramHash hash, ScramShape shape)
    {
        _hash = hash;
        Shape = shape;
        using var random = new ScramVerifier(hash, shape.Iterations, shape.SaltLength);
        RandomNumberGenerator.Fill(random.SaltSpan);
        RandomNumberGenerator.Fill(random.StoredKey);
        RandomNumberGenerator.Fill(random.ServerKey);
        _stored = Encoding.ASCII.GetBytes(random.Format());
    }

    public ScramShape Shape { get; }

    /// <summary>A verifier that no proof satisfies.</summary>
    public ScramVerifier Read() => ScramVerifier.TryParse(_hash, _stored, out ScramVerifier? verifier)
        ? verifier
        : throw new InvalidOperationException("A formatted verifier cannot be read back.");
}
