using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sasl.Mechanisms;

/// <summary>One direction of triple DES in CBC mode, which runs on from one message to the next.</summary>
internal sealed class PassdssCipher
{
    /// <summary>The length of a block.</summary>
    public const int Block = 8;

    private const int KeyLength = 24;

    private readonly CbcBlockCipher _cipher = new(new DesEdeEngine());

    public PassdssCipher(byte[] key, byte[] vector, bool encrypt) => _cipher.Init(encrypt, new ParametersWithIV(new KeyParameter(key), vector));

    /// <summary>Encrypts or decrypts whole blocks in place.</summary>
    public void Apply(Span<byte> octets)
    {
        for (; !octets.IsEmpty; octets = octets[Block..])
            _cipher.ProcessBlock(octets, octets);
    }

    /// <summary>Forgets the key.</summary>
    public void Erase() => _cipher.Init(true, new ParametersWithIV(new KeyParameter(new byte[KeyLength]), new byte[Block]));
}
