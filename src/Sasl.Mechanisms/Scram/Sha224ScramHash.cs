using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;

namespace Sasl.Mechanisms;

/// <summary>SHA-224, which the platform lacks.</summary>
/// <remarks>
/// HMAC hashes one block of key before the text, inside and outside. The two states after that block are computed once,
/// so that one iteration of PBKDF2 costs two compressions instead of four.
/// </remarks>
internal sealed class Sha224ScramHash(string name, int defaultIterations) : ScramHash(name, HashSize, defaultIterations)
{
    private const int HashSize = 28;
    private const int BlockSize = 64;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;

    private static ReadOnlySpan<byte> FirstBlock => [0, 0, 0, 1];

    internal override void Hash(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        var digest = new Sha224Digest();
        digest.BlockUpdate(input);
        digest.DoFinal(destination);
    }

    internal override void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination)
    {
        using var mac = new Keyed(key);
        mac.Add(input);
        mac.Finish(destination);
    }

    internal override void Hi(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> destination)
    {
        using var mac = new Keyed(password);
        Span<byte> round = stackalloc byte[HashSize];
        mac.Add(salt);
        mac.Add(FirstBlock);
        mac.Finish(round);
        round.CopyTo(destination);
        for (int i = 1; i < iterations; i++)
        {
            mac.Add(round);
            mac.Finish(round);
            for (int j = 0; j < HashSize; j++)
                destination[j] ^= round[j];
        }
        CryptographicOperations.ZeroMemory(round);
    }

    /// <summary>HMAC (RFC 2104) with the key's two states kept.</summary>
    private readonly ref struct Keyed
    {
        private readonly Sha224Digest _inner = new();
        private readonly Sha224Digest _outer = new();
        private readonly Sha224Digest _running = new();

        public Keyed(ReadOnlySpan<byte> key)
        {
            Span<byte> block = stackalloc byte[BlockSize];
            block.Clear();
            if (key.Length <= BlockSize)
            {
                key.CopyTo(block);
            }
            else
            {
                _inner.BlockUpdate(key);
                _inner.DoFinal(block);
            }
            Absorb(_inner, block, InnerPad);
            Absorb(_outer, block, OuterPad);
            CryptographicOperations.ZeroMemory(block);
            _running.Reset(_inner);
        }

        public void Add(ReadOnlySpan<byte> input) => _running.BlockUpdate(input);

        /// <summary>Gives the code and is ready for the next text.</summary>
        public void Finish(Span<byte> destination)
        {
            Span<byte> hash = stackalloc byte[HashSize];
            _running.DoFinal(hash);
            _running.Reset(_outer);
            _running.BlockUpdate(hash);
            _running.DoFinal(destination);
            _running.Reset(_inner);
        }

        public void Dispose()
        {
            _inner.Reset();
            _outer.Reset();
            _running.Reset();
        }

        private static void Absorb(Sha224Digest digest, ReadOnlySpan<byte> key, byte pad)
        {
            Span<byte> padded = stackalloc byte[BlockSize];
            for (int i = 0; i < padded.Length; i++)
                padded[i] = (byte)(key[i] ^ pad);
            digest.BlockUpdate(padded);
            CryptographicOperations.ZeroMemory(padded);
        }
    }
}
