using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

#pragma warning disable CA5350 // RFC 2831 names the cipher, and it is the strongest there.

namespace Sasl.Mechanisms;

/// <summary>One direction of an <c>auth-conf</c> cipher. Its state runs on from one message to the next.</summary>
internal abstract class DigestStreamCipher
{
    private const int DesKeyOctets = 7;
    private const int DesBlock = 8;

    /// <summary>Makes one direction.</summary>
    /// <param name="cipher">Which cipher.</param>
    /// <param name="key">The direction's key, 16 octets (Kcc or Kcs, RFC 2831 section 2.4).</param>
    /// <param name="encrypt">Whether it encrypts.</param>
    public static DigestStreamCipher Make(DigestCipher cipher, ReadOnlySpan<byte> key, bool encrypt)
    {
        if (!cipher.HasBlocks)
            return new Rc4(key);
        bool triple = cipher.Flag is DigestMd5Ciphers.TripleDes;
        byte[] spread = new byte[triple ? 2 * DesBlock : DesBlock];
        DesKey.Spread(key, spread);
        if (triple)
            DesKey.Spread(key[DesKeyOctets..], spread.AsSpan(DesBlock));
        if (triple && PlatformTripleDes.TryMake(spread, key[DesBlock..], encrypt) is { } platform)
        {
            CryptographicOperations.ZeroMemory(spread);
            return platform;
        }
        var blocks = new CbcBlockCipher(triple ? new DesEdeEngine() : new DesEngine());
        blocks.Init(encrypt, new ParametersWithIV(new KeyParameter(spread), key[DesBlock..]));
        CryptographicOperations.ZeroMemory(spread);
        return new Blocks(blocks);
    }

    /// <summary>Encrypts or decrypts in place; whole blocks where the cipher has blocks.</summary>
    public abstract void Apply(Span<byte> octets);

    /// <summary>Forgets the key, as far as the cipher lets it be overwritten.</summary>
    public abstract void Erase();

    private sealed class Rc4 : DigestStreamCipher
    {
        private readonly RC4Engine _engine = new();

        public Rc4(ReadOnlySpan<byte> key) => _engine.Init(forEncryption: true, new KeyParameter(key));

        public override void Apply(Span<byte> octets) => _engine.ProcessBytes(octets, octets);

        public override void Erase() => _engine.Init(forEncryption: true, new KeyParameter(new byte[DigestComputation.HashLength]));
    }

    /// <summary>3DES of the platform, all blocks of a message in one call.</summary>
    private sealed class PlatformTripleDes : DigestStreamCipher
    {
        private readonly TripleDES _cipher = TripleDES.Create();
        private readonly byte[] _chain = new byte[DesBlock];
        private readonly bool _encrypt;

        private PlatformTripleDes(ReadOnlySpan<byte> iv, bool encrypt)
        {
            iv.CopyTo(_chain);
            _encrypt = encrypt;
        }

        /// <summary>Null where the platform has no 3DES, or refuses a key as weak whose halves are the same.</summary>
        public static PlatformTripleDes? TryMake(ReadOnlySpan<byte> twoKeys, ReadOnlySpan<byte> iv, bool encrypt)
        {
            byte[] threeKeys = [.. twoKeys, .. twoKeys[..DesBlock]];
            PlatformTripleDes? made = null;
            try
            {
                made = new PlatformTripleDes(iv, encrypt);
                made._cipher.Key = threeKeys;
                made._cipher.EncryptEcb(stackalloc byte[DesBlock], stackalloc byte[DesBlock], PaddingMode.None);
                return made;
            }
            catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
            {
                made?.Erase();
                return null;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(threeKeys);
            }
        }

        public override void Apply(Span<byte> octets)
        {
            if (octets.IsEmpty)
                return;
            if (_encrypt)
            {
                _cipher.EncryptCbc(octets, _chain, octets, PaddingMode.None);
                octets[^DesBlock..].CopyTo(_chain);
                return;
            }
            Span<byte> last = stackalloc byte[DesBlock];
            octets[^DesBlock..].CopyTo(last);
            _cipher.DecryptCbc(octets, _chain, octets, PaddingMode.None);
            last.CopyTo(_chain);
        }

        public override void Erase()
        {
            _cipher.Dispose();
            CryptographicOperations.ZeroMemory(_chain);
        }
    }

    private sealed class Blocks(CbcBlockCipher cipher) : DigestStreamCipher
    {
        public override void Apply(Span<byte> octets)
        {
            for (; !octets.IsEmpty; octets = octets[DesBlock..])
                cipher.ProcessBlock(octets, octets);
        }

        public override void Erase() => cipher.Init(true, new ParametersWithIV(
            new KeyParameter(new byte[cipher.UnderlyingCipher is DesEdeEngine ? 2 * DesBlock : DesBlock]), new byte[DesBlock]));
    }
}
