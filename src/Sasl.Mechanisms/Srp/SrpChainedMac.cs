using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>
/// HMAC-SHA-1 as Cyrus SASL uses it. It never begins its HMAC anew, and OpenSSL then goes on from the state in which the last signature left the hash:
/// what is signed is hashed from there, with the octets hashed before counted in, and only the outer half is keyed. The first signature is HMAC-SHA-1.
/// </summary>
/// <remarks>No library lets the state of SHA-1 be set, so that it is written out here.</remarks>
internal sealed class SrpChainedMac : SrpMac
{
    private const int Block = 64;
    private const int Words = 5;
    private const int HashLength = 4 * Words;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;

    private static ReadOnlySpan<uint> Start => [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

    private readonly uint[] _inner = new uint[Words];
    private readonly uint[] _outer = new uint[Words];
    private int _before = Block;

    public SrpChainedMac(ReadOnlySpan<byte> key)
    {
        Prepare(key, InnerPad, _inner);
        Prepare(key, OuterPad, _outer);
    }

    /// <inheritdoc/>
    public override int Size => HashLength;

    /// <inheritdoc/>
    public override void Sign(ReadOnlySpan<byte> message, uint number, Span<byte> signature)
    {
        Span<byte> octets = stackalloc byte[NumberLength];
        Span<byte> hash = stackalloc byte[HashLength];
        BinaryPrimitives.WriteUInt32BigEndian(octets, number);
        Finish(_inner, _before, message, octets, hash);
        Span<uint> outer = stackalloc uint[Words];
        _outer.CopyTo(outer);
        Finish(outer, Block, hash, default, signature);
        outer.CopyTo(_inner);
        _before = Block + HashLength;
    }

    /// <inheritdoc/>
    public override void Erase()
    {
        _inner.AsSpan().Clear();
        _outer.AsSpan().Clear();
    }

    private static void Prepare(ReadOnlySpan<byte> key, byte pad, Span<uint> state)
    {
        Span<byte> block = stackalloc byte[Block];
        block.Clear();
        key.CopyTo(block);
        for (int i = 0; i < Block; i++)
            block[i] ^= pad;
        Start.CopyTo(state);
        Compress(state, block);
        CryptographicOperations.ZeroMemory(block);
    }

    // Hashes two parts to the end, padding and length included; the state is left as it is then.
    private static void Finish(Span<uint> state, int before, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> hash)
    {
        long bits = 8L * (before + first.Length + second.Length);
        for (; first.Length >= Block; first = first[Block..])
            Compress(state, first[..Block]);
        Span<byte> tail = stackalloc byte[2 * Block];
        tail.Clear();
        first.CopyTo(tail);
        second.CopyTo(tail[first.Length..]);
        int length = first.Length + second.Length;
        tail[length] = 0x80;
        int end = length + 1 + sizeof(long) <= Block ? Block : 2 * Block;
        BinaryPrimitives.WriteInt64BigEndian(tail[(end - sizeof(long))..], bits);
        for (int at = 0; at < end; at += Block)
            Compress(state, tail.Slice(at, Block));
        for (int i = 0; i < Words; i++)
            BinaryPrimitives.WriteUInt32BigEndian(hash[(4 * i)..], state[i]);
    }

    // FIPS 180-4 section 6.1.2.
    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        const int Rounds = 80;
        Span<uint> schedule = stackalloc uint[Rounds];
        for (int t = 0; t < 16; t++)
            schedule[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        for (int t = 16; t < Rounds; t++)
            schedule[t] = uint.RotateLeft(schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16], 1);
        (uint a, uint b, uint c, uint d, uint e) = (state[0], state[1], state[2], state[3], state[4]);
        for (int t = 0; t < Rounds; t++)
        {
            (uint mixed, uint constant) = t switch
            {
                < 20 => ((b & c) ^ (~b & d), 0x5a827999u),
                < 40 => (b ^ c ^ d, 0x6ed9eba1u),
                < 60 => ((b & c) ^ (b & d) ^ (c & d), 0x8f1bbcdcu),
                _ => (b ^ c ^ d, 0xca62c1d6u),
            };
            uint next = uint.RotateLeft(a, 5) + mixed + e + constant + schedule[t];
            (e, d, c, b, a) = (d, c, uint.RotateLeft(b, 30), a, next);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }
}
