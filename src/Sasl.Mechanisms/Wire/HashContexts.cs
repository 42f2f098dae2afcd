using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>A hash function, with HMAC (RFC 2104) and PBKDF2 (RFC 8018) over it, for short messages. Thread-safe.</summary>
/// <remarks>
/// The platform's one-shot functions look the algorithm up and set a context up at every call, which costs several times the hashing.
/// Here a few contexts are kept, each used by one caller at a time (docs/decisions/0032), and OpenSSL is called directly where it can be
/// (docs/decisions/0034). Who finds no context that is free makes one; what finds no place when it is done is thrown away.
/// </remarks>
/// <param name="algorithm">The hash function.</param>
/// <param name="size">The size of a hash, in octets.</param>
/// <param name="blockSize">The size of the block that the function works on, in octets.</param>
/// <param name="library">OpenSSL; null uses the platform's classes.</param>
internal sealed class HashContexts(HashAlgorithmName algorithm, int size, int blockSize, LibCrypto? library)
{
    private const int MaxBlockSize = 128;
    private const int LongestInOnePiece = 384;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;

    private readonly IHashContext?[] _free = new IHashContext?[Environment.ProcessorCount];

    // What OpenSSL does not know, the platform's class refuses in its own words.
    private readonly nint _function = library?.Fetch(algorithm.Name!) ?? 0;

    /// <summary>A hash function, computed by whoever does it best on this machine.</summary>
    public HashContexts(HashAlgorithmName algorithm, int size, int blockSize) : this(algorithm, size, blockSize, LibCrypto.Loaded)
    {
    }

    /// <summary>The hash of one message.</summary>
    public void Hash(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        ref IHashContext? place = ref Place();
        IHashContext context = Take(ref place);
        context.Append(input);
        context.Finish(destination);
        Give(ref place, context);
    }

    /// <summary>HMAC(key, input).</summary>
    public void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination)
    {
        ref IHashContext? place = ref Place();
        IHashContext context = Take(ref place);
        // The masked key and what is hashed behind it in one piece: each call costs as much as hashing a block.
        Span<byte> text = stackalloc byte[MaxBlockSize + LongestInOnePiece];
        Span<byte> block = text[..blockSize];
        FillBlock(context, key, block);

        Mask(block, InnerPad);
        ReadOnlySpan<byte> first = input[..Math.Min(input.Length, LongestInOnePiece)];
        first.CopyTo(text[blockSize..]);
        context.Append(text[..(blockSize + first.Length)]);
        if (first.Length < input.Length)
            context.Append(input[first.Length..]);
        context.Finish(text.Slice(blockSize, size));

        Mask(block, InnerPad ^ OuterPad);
        context.Append(text[..(blockSize + size)]);
        context.Finish(destination);
        CryptographicOperations.ZeroMemory(text[..(blockSize + size)]);
        Give(ref place, context);
    }

    /// <summary>PBKDF2 with HMAC over this function, one block of output.</summary>
    /// <param name="password">The password.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="iterations">The iteration count, at least 1.</param>
    /// <param name="destination">Receives as many octets as the function's hash has.</param>
    public void Pbkdf2(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> destination)
    {
        if (_function == 0)
        {
            Rfc2898DeriveBytes.Pbkdf2(password, salt, destination[..size], iterations, algorithm);
            return;
        }
        using OpenSslHashContext inner = Make(), outer = Make(), running = Make();
        Absorb(password, inner, outer);
        Span<byte> round = stackalloc byte[size];
        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, 1);    // the number of the block
        running.CopyFrom(inner);
        running.Append(salt);
        EndHmac(running, number, outer, round);
        Span<byte> sum = destination[..size];
        round.CopyTo(sum);
        // Every hash is whole words long; octet by octet this was seen in profiles.
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(sum), roundWords = MemoryMarshal.Cast<byte, uint>(round);
        for (int i = 1; i < iterations; i++)
        {
            running.CopyFrom(inner);
            EndHmac(running, round, outer, round);
            for (int j = 0; j < words.Length; j++)
                words[j] ^= roundWords[j];
        }
        CryptographicOperations.ZeroMemory(round);
    }

    // The two states of HMAC behind the key's block, which every iteration starts from.
    private void Absorb(ReadOnlySpan<byte> key, OpenSslHashContext inner, OpenSslHashContext outer)
    {
        Span<byte> block = stackalloc byte[blockSize];
        FillBlock(inner, key, block);
        Mask(block, InnerPad);
        inner.Append(block);
        Mask(block, InnerPad ^ OuterPad);
        outer.Append(block);
        CryptographicOperations.ZeroMemory(block);
    }

    private static void EndHmac(OpenSslHashContext running, ReadOnlySpan<byte> last, OpenSslHashContext outer, Span<byte> code)
    {
        running.Append(last);
        running.End(code);
        running.CopyFrom(outer);
        running.Append(code);
        running.End(code);
    }

    // The key with zeros behind it; a long one is hashed.
    private void FillBlock(IHashContext context, ReadOnlySpan<byte> key, Span<byte> block)
    {
        block.Clear();
        if (key.Length > blockSize)
        {
            context.Append(key);
            context.Finish(block);
        }
        else
        {
            key.CopyTo(block);
        }
    }

    private ref IHashContext? Place() => ref _free[Thread.GetCurrentProcessorId() % _free.Length];

    private IHashContext Take(ref IHashContext? place) =>
        Interlocked.Exchange(ref place, null) ?? (_function == 0 ? new PlatformHashContext(algorithm) : Make());

    private OpenSslHashContext Make() => new(library!, _function, size);

    private static void Give(ref IHashContext? place, IHashContext context) => Interlocked.Exchange(ref place, context)?.Dispose();

    private static void Mask(Span<byte> block, byte mask)
    {
        for (int i = 0; i < block.Length; i++)
            block[i] ^= mask;
    }
}
