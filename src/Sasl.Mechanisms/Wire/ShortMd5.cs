using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;

#pragma warning disable CA5351 // The mechanisms that use it are MD5 and nothing else, and are offered only where a list names them.

namespace Sasl.Mechanisms;

/// <summary>MD5 and HMAC-MD5 of messages of a few blocks, with Bouncy Castle's digest: one call of the platform costs as much as four blocks (docs/decisions/0032).</summary>
/// <remarks>
/// Each thread has digests of its own, which live as long as the thread. Finishing a hash erases what the digest has buffered and sets it back.
/// What is hashed is gathered first, because the digest takes octets one by one where a piece does not end on a word.
/// </remarks>
internal ref struct ShortMd5
{
    /// <summary>The length of a hash, in octets.</summary>
    public const int HashLength = MD5.HashSizeInBytes;

    private const int BlockLength = 64;
    private const ulong InnerPad = 0x3636363636363636;
    private const ulong OuterPad = 0x5c5c5c5c5c5c5c5c;

    private static readonly ThreadLocal<(MD5Digest One, MD5Digest Other)> s_digests = new(static () => (new MD5Digest(), new MD5Digest()));

    private readonly MD5Digest _digest;
    private readonly MD5Digest _fork;
    private readonly Span<byte> _gathered;
    private int _used;

    /// <summary>Begins a hash. It must be finished before the thread begins another.</summary>
    /// <param name="room">Where to gather; of any length, erased at the end.</param>
    public ShortMd5(Span<byte> room)
    {
        (_digest, _fork) = s_digests.Value;
        _gathered = room;
    }

    /// <summary>Hashes octets.</summary>
    public void Add(scoped ReadOnlySpan<byte> octets)
    {
        if (octets.Length > _gathered.Length - _used)
        {
            Flush();
            if (octets.Length > _gathered.Length)
            {
                _digest.BlockUpdate(octets);
                return;
            }
        }
        octets.CopyTo(_gathered[_used..]);
        _used += octets.Length;
    }

    /// <summary>Hashes octets as hex digits in lower case.</summary>
    /// <param name="octets">At most 16.</param>
    public void AddHex(scoped ReadOnlySpan<byte> octets)
    {
        Span<byte> hex = stackalloc byte[2 * HashLength];
        Convert.TryToHexStringLower(octets, hex, out int length);
        Add(hex[..length]);
        CryptographicOperations.ZeroMemory(hex);
    }

    /// <summary>Finishes the hash.</summary>
    /// <param name="hash">Receives 16 octets.</param>
    public void Finish(scoped Span<byte> hash)
    {
        Flush();
        _digest.DoFinal(hash);
    }

    /// <summary>Finishes two hashes that have begun alike.</summary>
    /// <param name="one">How one ends, in octets that are hashed as hex digits.</param>
    /// <param name="other">How the other ends.</param>
    /// <param name="hashOfOne">Receives 16 octets.</param>
    /// <param name="hashOfOther">Receives 16 octets.</param>
    public void FinishBoth(scoped ReadOnlySpan<byte> one, scoped ReadOnlySpan<byte> other, scoped Span<byte> hashOfOne, scoped Span<byte> hashOfOther)
    {
        Flush();
        _fork.Reset(_digest);
        AddHex(one);
        Finish(hashOfOne);
        Span<byte> hex = stackalloc byte[2 * HashLength];
        Convert.TryToHexStringLower(other, hex, out int length);
        _fork.BlockUpdate(hex[..length]);
        _fork.DoFinal(hashOfOther);
    }

    /// <summary>HMAC-MD5 (RFC 2104).</summary>
    /// <param name="key">The key, of any length.</param>
    /// <param name="input">What to authenticate.</param>
    /// <param name="code">Receives 16 octets.</param>
    public static void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> code)
    {
        MD5Digest digest = s_digests.Value.One;
        Span<byte> block = stackalloc byte[BlockLength];
        block.Clear();
        if (key.Length > BlockLength)
        {
            digest.BlockUpdate(key);
            digest.DoFinal(block);
        }
        else
        {
            key.CopyTo(block);
        }
        Mask(block, InnerPad);
        digest.BlockUpdate(block);
        digest.BlockUpdate(input);
        digest.DoFinal(code);

        Mask(block, InnerPad ^ OuterPad);
        digest.BlockUpdate(block);
        digest.BlockUpdate(code[..HashLength]);
        digest.DoFinal(code);
        CryptographicOperations.ZeroMemory(block);
    }

    private void Flush()
    {
        if (_used == 0)
            return;
        _digest.BlockUpdate(_gathered[.._used]);
        CryptographicOperations.ZeroMemory(_gathered[.._used]);
        _used = 0;
    }

    private static void Mask(Span<byte> block, ulong mask)
    {
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(block))
            word ^= mask;
    }
}
