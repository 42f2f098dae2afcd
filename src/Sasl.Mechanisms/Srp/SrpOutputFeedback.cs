using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sasl.Mechanisms;

/// <summary>One direction of a cipher in output feedback mode over whole blocks. It runs on from one message to the next, so that nothing is padded.</summary>
internal sealed class SrpOutputFeedback
{
    private readonly IBlockCipher _cipher;
    private readonly SrpCipher _kind;
    private readonly byte[] _block;
    private int _used;

    /// <summary>Makes one direction.</summary>
    /// <param name="kind">Which cipher.</param>
    /// <param name="sessionKey">Begins with the key.</param>
    /// <param name="initialVector">Begins with the first block.</param>
    public SrpOutputFeedback(SrpCipher kind, ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> initialVector)
    {
        _kind = kind;
        _cipher = kind.Start();
        _cipher.Init(forEncryption: true, new KeyParameter(sessionKey[..kind.KeyLength]));
        _block = initialVector[..kind.BlockLength].ToArray();
        _used = _block.Length;
    }

    /// <summary>Encrypts or decrypts, which is the same, in place.</summary>
    public void Apply(Span<byte> octets)
    {
        for (int i = 0; i < octets.Length; i++)
        {
            if (_used == _block.Length)
            {
                _cipher.ProcessBlock(_block, _block);
                _used = 0;
            }
            octets[i] ^= _block[_used++];
        }
    }

    /// <summary>Forgets the key, as far as the cipher lets it be overwritten.</summary>
    public void Erase()
    {
        _cipher.Init(forEncryption: true, new KeyParameter(new byte[_kind.KeyLength]));
        CryptographicOperations.ZeroMemory(_block);
    }
}
