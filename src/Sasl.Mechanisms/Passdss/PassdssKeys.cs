using System.Security.Cryptography;
using Org.BouncyCastle.Math;

#pragma warning disable CA5350 // PASSDSS-3DES-1 is SHA-1, DSS and triple DES and nothing else; the mechanism is offered only where a list names it.

namespace Sasl.Mechanisms;

/// <summary>What both sides make of the shared secret and of what was said, draft-newman-sasl-passdss-01 section 3.</summary>
internal sealed class PassdssKeys
{
    private const int HashLength = SHA1.HashSizeInBytes;
    private const int CipherKeyLength = 24;
    private const int VectorLength = 8;

    private readonly byte[] _shared;

    /// <summary>Hashes the conversation.</summary>
    /// <param name="said">The client's first message, and the server's up to its signature.</param>
    /// <param name="secret">The shared secret.</param>
    public PassdssKeys(ReadOnlySpan<byte> said, BigInteger secret)
    {
        var shared = new System.Buffers.ArrayBufferWriter<byte>();
        PassdssBuffer.AddNumber(shared, secret);
        _shared = shared.WrittenSpan.ToArray();
        Hash = SHA1.HashData([.. said, .. _shared]);
        (ClientVector, ServerVector) = (Derive('A')[..VectorLength], Derive('B')[..VectorLength]);
        (ClientCipherKey, ServerCipherKey) = (DeriveLong('C'), DeriveLong('D'));
        (ClientIntegrityKey, ServerIntegrityKey) = (Derive('E'), Derive('F'));
        ClientProof = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, ClientIntegrityKey);
        ClientProof.AppendData(said);
    }

    /// <summary>What the server signs.</summary>
    public byte[] Hash { get; }

    public byte[] ClientVector { get; }

    public byte[] ServerVector { get; }

    public byte[] ClientCipherKey { get; }

    public byte[] ServerCipherKey { get; }

    public byte[] ClientIntegrityKey { get; }

    public byte[] ServerIntegrityKey { get; }

    private IncrementalHash ClientProof { get; }

    /// <summary>What the client puts behind its password: that it has heard what the server has said, and has chosen this.</summary>
    public byte[] Prove(ReadOnlySpan<byte> choice)
    {
        ClientProof.AppendData(choice);
        return ClientProof.GetHashAndReset();
    }

    /// <summary>Erases all of it.</summary>
    public void Erase()
    {
        foreach (byte[] key in (byte[][])[_shared, Hash, ClientVector, ServerVector, ClientCipherKey, ServerCipherKey, ClientIntegrityKey, ServerIntegrityKey])
            CryptographicOperations.ZeroMemory(key);
        ClientProof.Dispose();
    }

    private byte[] Derive(char letter) => SHA1.HashData([.. _shared, (byte)letter, .. Hash]);

    private byte[] DeriveLong(char letter)
    {
        byte[] first = Derive(letter);
        return [.. first, .. SHA1.HashData([.. _shared, .. first])[..(CipherKeyLength - HashLength)]];
    }
}
