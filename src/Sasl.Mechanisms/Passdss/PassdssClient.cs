using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The client side of PASSDSS-3DES-1; <see cref="PassdssServer"/> shows the messages.</summary>
internal sealed class PassdssClient(SaslClientContext context) : SaslExchange
{
    private const int PrivateKeyLength = 64;

    // What DSS allows (FIPS 186-4 section 4.2); whoever sends more keeps a client busy.
    private const int MaxSigningPrimeBits = 3072;
    private const int MaxSigningOrderBits = 256;

    private readonly ArrayBufferWriter<byte> _first = new();
    private BigInteger? _privateKey;
    private PassdssKeys? _keys;
    private PassdssLayer? _layer;

    public override SaslSecurityLayer? SecurityLayer => _layer;

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        new(_privateKey is null ? Start(output) : OnKey(input.Span, output));

    protected override void Erase()
    {
        _keys?.Erase();
        _privateKey = null;
    }

    private SaslStep Start(IBufferWriter<byte> output)
    {
        byte[] random = new byte[PrivateKeyLength];
        context.Nonces.Fill(random);
        _privateKey = new BigInteger(1, random);
        CryptographicOperations.ZeroMemory(random);
        PassdssBuffer.AddString(_first, Encoding.UTF8.GetBytes(context.AuthorizationId ?? ""));
        PassdssBuffer.AddString(_first, Encoding.UTF8.GetBytes(context.UserName!));
        PassdssBuffer.AddNumber(_first, PassdssGroup.Raise(_privateKey));
        output.Write(_first.WrittenSpan);
        return SaslStep.Continue;
    }

    private SaslStep OnKey(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var reader = new PassdssReader(input);
        DsaPublicKeyParameters? signingKey = ReadKey(reader.ReadString());
        BigInteger serverKey = reader.ReadNumber();
        ReadOnlySpan<byte> octets = reader.Take(PassdssProtection.Length);
        int signed = reader.Position;
        BigInteger[]? signature = ReadNumbers(reader.ReadString(), 2);
        if (!reader.IsWhole || signingKey is null || signature is null)
            return SaslStep.Fail(SaslError.Malformed, "the server's message has not a DSS key, a key, an offer and a signature");
        if (!PassdssGroup.IsPublicKey(serverKey))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server's public key is none");
        _keys = new PassdssKeys([.. _first.WrittenSpan, .. input[..signed]], serverKey.ModPow(_privateKey!, PassdssGroup.Prime));
        var verifier = new DsaSigner();
        verifier.Init(forSigning: false, signingKey);
        if (!verifier.VerifySignature(_keys.Hash, signature[0], signature[1]))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server's signature is wrong");

        PassdssProtection own = PassdssProtection.Of(context.Layers);
        PassdssProtection offer = PassdssProtection.Read(octets);
        PassdssProtection choice = own with { Layers = own.Strongest(offer) };
        if (choice.Layers is PassdssLayers.Nothing)
            return SaslStep.Fail(SaslError.MechanismTooWeak, "the server offers no protection that the policy allows");
        if (choice.Layers is not PassdssLayers.NoLayer && PassdssLayer.RoomIn(own.LimitFor(offer), choice.Layers is PassdssLayers.Privacy) < 1)
            return SaslStep.Fail(SaslError.Malformed, "the server's buffer is too small for a layer");
        Respond(choice, own.LimitFor(offer), output);
        return SaslStep.Finished;
    }

    private void Respond(PassdssProtection choice, int limit, IBufferWriter<byte> output)
    {
        byte[] octets = choice.Write();
        var plain = new ArrayBufferWriter<byte>();
        plain.Write(octets);
        PassdssBuffer.AddString(plain, context.Password!.Span);
        plain.Write(_keys!.Prove(octets));
        int length = (plain.WrittenCount + PassdssCipher.Block - 1) / PassdssCipher.Block * PassdssCipher.Block;
        Span<byte> message = output.GetSpan(length)[..length];
        message.Clear();
        plain.WrittenSpan.CopyTo(message);
        plain.Clear();
        var encrypt = new PassdssCipher(_keys.ClientCipherKey, _keys.ClientVector, encrypt: true);
        encrypt.Apply(message);
        output.Advance(length);
        if (choice.Layers is PassdssLayers.NoLayer)
            return;
        bool isEncrypted = choice.Layers is PassdssLayers.Privacy;
        _layer = new PassdssLayer(
            _keys.ClientIntegrityKey, _keys.ServerIntegrityKey, isEncrypted ? encrypt : null,
            isEncrypted ? new PassdssCipher(_keys.ServerCipherKey, _keys.ServerVector, encrypt: false) : null, limit, choice.Buffer);
    }

    private static DsaPublicKeyParameters? ReadKey(ReadOnlySpan<byte> octets)
    {
        if (ReadNumbers(octets, 4) is not [var prime, var order, var generator, var key])
            return null;
        bool isKey = prime.BitLength is >= 1024 and <= MaxSigningPrimeBits && order.BitLength is >= 160 and <= MaxSigningOrderBits
            && IsBetween(generator, prime) && IsBetween(key, prime) && prime.TestBit(0) && order.TestBit(0);
        try
        {
            return isKey ? new DsaPublicKeyParameters(key, new DsaParameters(prime, order, generator)) : null;
        }
        catch (ArgumentException)
        {
            return null;    // the key is not of the group
        }
    }

    private static BigInteger[]? ReadNumbers(ReadOnlySpan<byte> octets, int count)
    {
        var reader = new PassdssReader(octets);
        bool isDss = reader.ReadString().SequenceEqual("ssh-dss"u8);
        var numbers = new BigInteger[count];
        for (int i = 0; i < count; i++)
            numbers[i] = reader.ReadNumber();
        return isDss && reader.IsWhole ? numbers : null;
    }

    private static bool IsBetween(BigInteger number, BigInteger prime) => number.CompareTo(BigInteger.One) > 0 && number.CompareTo(prime) < 0;
}
