using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>A hash function of the platform and HMAC (RFC 2104) over it, for short messages. Thread-safe.</summary>
/// <remarks>
/// On OpenSSL 3 the platform's one-shot functions look the algorithm up and set a context up at every call, which costs several times the
/// hashing. Here a few contexts are kept, each used by one caller at a time (docs/decisions/0032). Finishing a hash erases what the context
/// has buffered. Who finds no context that is free makes one; what finds no place when it is done is thrown away.
/// </remarks>
/// <param name="algorithm">The hash function.</param>
/// <param name="size">The size of a hash, in octets.</param>
/// <param name="blockSize">The size of the block that the function works on, in octets.</param>
internal sealed class HashContexts(HashAlgorithmName algorithm, int size, int blockSize)
{
    private const int MaxBlockSize = 128;
    private const int LongestInOnePiece = 384;
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5c;

    private readonly IncrementalHash?[] _free = new IncrementalHash?[Environment.ProcessorCount];

    /// <summary>The hash of one message.</summary>
    public void Hash(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        ref IncrementalHash? place = ref Place();
        IncrementalHash context = Take(ref place);
        context.AppendData(input);
        context.GetHashAndReset(destination);
        Give(ref place, context);
    }

    /// <summary>HMAC(key, input).</summary>
    public void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination)
    {
        ref IncrementalHash? place = ref Place();
        IncrementalHash context = Take(ref place);
        // The masked key and what is hashed behind it in one piece: each call of the platform costs as much as hashing a block.
        Span<byte> text = stackalloc byte[MaxBlockSize + LongestInOnePiece];
        Span<byte> block = text[..blockSize];
        block.Clear();
        if (key.Length > blockSize)
        {
            context.AppendData(key);
            context.GetHashAndReset(block);
        }
        else
        {
            key.CopyTo(block);
        }

        Mask(block, InnerPad);
        ReadOnlySpan<byte> first = input[..Math.Min(input.Length, LongestInOnePiece)];
        first.CopyTo(text[blockSize..]);
        context.AppendData(text[..(blockSize + first.Length)]);
        if (first.Length < input.Length)
            context.AppendData(input[first.Length..]);
        context.GetHashAndReset(text.Slice(blockSize, size));

        Mask(block, InnerPad ^ OuterPad);
        context.AppendData(text[..(blockSize + size)]);
        context.GetHashAndReset(destination);
        CryptographicOperations.ZeroMemory(text[..(blockSize + size)]);
        Give(ref place, context);
    }

    private ref IncrementalHash? Place() => ref _free[Thread.GetCurrentProcessorId() % _free.Length];

    private IncrementalHash Take(ref IncrementalHash? place) => Interlocked.Exchange(ref place, null) ?? IncrementalHash.CreateHash(algorithm);

    private static void Give(ref IncrementalHash? place, IncrementalHash context) => Interlocked.Exchange(ref place, context)?.Dispose();

    private static void Mask(Span<byte> block, byte mask)
    {
        for (int i = 0; i < block.Length; i++)
            block[i] ^= mask;
    }
}
