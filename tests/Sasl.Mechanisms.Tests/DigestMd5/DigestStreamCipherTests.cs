using System.Security.Cryptography;
using Xunit;

#pragma warning disable CA5350 // What the protocol prescribes is compared.

namespace Sasl.Mechanisms.Tests;

/// <summary>3DES, which the platform computes, or Bouncy Castle where the platform refuses.</summary>
public sealed class DigestStreamCipherTests
{
    private static readonly DigestCipher s_tripleDes = DigestCipher.Find("3des"u8)!;

    [Fact]
    public void Messages_are_one_chain_of_blocks_in_both_directions()
    {
        byte[] key = [.. Enumerable.Range(1, 16).Select(static i => (byte)(i * 37))];
        byte[] text = [.. Enumerable.Range(0, 64).Select(static i => (byte)i)];
        byte[] sealed1 = text[..24], sealed2 = text[24..];
        DigestStreamCipher encrypt = DigestStreamCipher.Make(s_tripleDes, key, encrypt: true);
        encrypt.Apply(sealed1);
        encrypt.Apply([]);
        encrypt.Apply(sealed2);

        Assert.Equal(Whole(key, text), sealed1.Concat(sealed2));
        DigestStreamCipher decrypt = DigestStreamCipher.Make(s_tripleDes, key, encrypt: false);
        decrypt.Apply(sealed1);
        decrypt.Apply(sealed2);
        Assert.Equal(text, sealed1.Concat(sealed2));
        encrypt.Erase();
        decrypt.Erase();
    }

    [Fact]
    public void A_key_with_equal_halves_which_the_platform_refuses_works()
    {
        byte[] text = new byte[32];
        DigestStreamCipher encrypt = DigestStreamCipher.Make(s_tripleDes, new byte[16], encrypt: true);
        encrypt.Apply(text);
        Assert.NotEqual(new byte[32], text);
        DigestStreamCipher.Make(s_tripleDes, new byte[16], encrypt: false).Apply(text);
        Assert.Equal(new byte[32], text);
    }

    private static byte[] Whole(byte[] key, byte[] text)
    {
        byte[] spread = new byte[24];
        DesKey.Spread(key, spread);
        DesKey.Spread(key.AsSpan(7), spread.AsSpan(8));
        spread.AsSpan(0, 8).CopyTo(spread.AsSpan(16));
        using var cipher = TripleDES.Create();
        cipher.Key = spread;
        return cipher.EncryptCbc(text, key.AsSpan(8), PaddingMode.None);
    }
}
