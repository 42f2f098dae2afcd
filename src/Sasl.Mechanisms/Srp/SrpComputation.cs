using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The numbers of one conversation, draft-burdis-cat-srp-sasl-08 section 4 (SRP-6 with 3 for k, and u of both public keys).</summary>
/// <param name="group">N and g.</param>
/// <param name="digest">H.</param>
internal sealed class SrpComputation(SrpGroup group, SrpDigest digest)
{
    private static readonly BigInteger s_three = BigInteger.Three;

    /// <summary>The digest.</summary>
    public SrpDigest Digest => digest;

    /// <summary>x = H(salt | H(user | ":" | password)).</summary>
    public BigInteger SecretExponent(ReadOnlyMemory<byte> user, ReadOnlyMemory<byte> password, ReadOnlyMemory<byte> salt)
    {
        byte[] inner = digest.Compute(user, ":"u8.ToArray(), password);
        byte[] outer = digest.Compute(salt, inner);
        var exponent = new BigInteger(1, outer);
        inner.AsSpan().Clear();
        outer.AsSpan().Clear();
        return exponent;
    }

    /// <summary>A private key: random octets, and so many that the power of 2 is reduced at least once.</summary>
    public BigInteger PrivateKey(ReadOnlySpan<byte> random) => new BigInteger(1, random).Add(BigInteger.ValueOf(group.Prime.BitLength));

    /// <summary>B = 3v + g^b.</summary>
    public BigInteger ServerPublicKey(BigInteger verifier, BigInteger privateKey) =>
        s_three.Multiply(verifier).Add(group.Raise(privateKey)).Mod(group.Prime);

    /// <summary>Whether a peer's public key is between 0 and N, neither included. Of one that is 0 mod N the shared secret is 0, whatever the password.</summary>
    public bool IsPublicKey(BigInteger key) => key.SignValue > 0 && key.CompareTo(group.Prime) < 0;

    /// <summary>u = H(A | B); zero would take the password out of what the server computes.</summary>
    public BigInteger Scramble(BigInteger clientKey, BigInteger serverKey) =>
        new(1, digest.Compute(SrpDigest.Octets(clientKey), SrpDigest.Octets(serverKey)));

    /// <summary>The server's K = H(S), S = (A v^u)^b; null when A v^u is 1 or -1, from which anybody can compute S.</summary>
    public byte[]? ServerSessionKey(BigInteger clientKey, BigInteger serverKey, BigInteger verifier, BigInteger privateKey)
    {
        BigInteger scramble = Scramble(clientKey, serverKey);
        if (scramble.SignValue == 0)
            return null;
        BigInteger root = clientKey.Multiply(verifier.ModPow(scramble, group.Prime)).Mod(group.Prime);
        if (root.CompareTo(BigInteger.One) <= 0 || root.Equals(group.Prime.Subtract(BigInteger.One)))
            return null;
        return SessionKey(root.ModPow(privateKey, group.Prime));
    }

    /// <summary>The client's K = H(S), S = (B - 3g^x)^(a + ux); null when there is nothing to raise.</summary>
    public byte[]? ClientSessionKey(BigInteger clientKey, BigInteger serverKey, BigInteger secretExponent, BigInteger privateKey)
    {
        BigInteger scramble = Scramble(clientKey, serverKey);
        BigInteger root = serverKey.Subtract(s_three.Multiply(group.Raise(secretExponent))).Mod(group.Prime);
        if (scramble.SignValue == 0 || root.SignValue == 0)
            return null;
        return SessionKey(root.ModPow(privateKey.Add(scramble.Multiply(secretExponent)), group.Prime));
    }

    /// <summary>M1: that the client has the session key, and that both have seen the same names, numbers and offers.</summary>
    public byte[] ClientProof(
        ReadOnlyMemory<byte> user, ReadOnlyMemory<byte> authorizationId, ReadOnlyMemory<byte> salt, BigInteger clientKey, BigInteger serverKey,
        ReadOnlyMemory<byte> sessionKey, ReadOnlyMemory<byte> offer)
    {
        byte[] mixed = digest.Compute(SrpDigest.Octets(group.Prime));
        byte[] generator = digest.Compute(SrpDigest.Octets(group.Generator));
        for (int i = 0; i < mixed.Length; i++)
            mixed[i] ^= generator[i];
        return digest.Compute(
            mixed, digest.Compute(user), salt, SrpDigest.Octets(clientKey), SrpDigest.Octets(serverKey), sessionKey, digest.Compute(authorizationId),
            digest.Compute(offer));
    }

    /// <summary>M2: that the server has the session key, and has seen the client's choice.</summary>
    public byte[] ServerProof(
        BigInteger clientKey, ReadOnlyMemory<byte> clientProof, ReadOnlyMemory<byte> sessionKey, ReadOnlyMemory<byte> authorizationId,
        ReadOnlyMemory<byte> choice, ReadOnlyMemory<byte> sessionId, uint timeToLive)
    {
        byte[] time = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(time, timeToLive);
        return digest.Compute(
            SrpDigest.Octets(clientKey), clientProof, sessionKey, digest.Compute(authorizationId), digest.Compute(choice), sessionId, time);
    }

    private byte[] SessionKey(BigInteger shared)
    {
        byte[] octets = SrpDigest.Octets(shared);
        byte[] key = digest.Compute(octets);
        octets.AsSpan().Clear();
        return key;
    }
}
