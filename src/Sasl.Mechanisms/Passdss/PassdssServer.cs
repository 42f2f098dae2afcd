using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The server side of PASSDSS-3DES-1: a signed key agreement, and the password under its key.</summary>
/// <remarks>
/// <code>
/// C: string authorization-id, string name, mpint X
/// S: string { "ssh-dss" p q g y }, mpint Y, layers(1) buffer(3), string { "ssh-dss" r s }
/// C: encrypted layer(1) buffer(3) string password, HMAC(20), zeros
/// </code>
/// </remarks>
internal sealed class PassdssServer(SaslServerContext context) : SaslExchange
{
    private const int PrivateKeyLength = 64;
    private const int SigningKeyLength = 32;
    private const int ProofLength = 20;

    private readonly PassdssProtection _offer = PassdssProtection.Of(context.Layers);
    private PassdssKeys? _keys;
    private PassdssCipher? _decrypt;
    private string _name = "";
    private string _authorizationId = "";
    private PassdssLayer? _layer;

    public override SaslSecurityLayer? SecurityLayer => _layer;

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        _keys is null ? new(OnKey(input.Span, output)) : OnPasswordAsync(input, cancellationToken);

    protected override void Erase() => _keys?.Erase();

    private SaslStep OnKey(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var reader = new PassdssReader(input);
        ReadOnlySpan<byte> authorizationId = reader.ReadString();
        ReadOnlySpan<byte> name = reader.ReadString();
        BigInteger clientKey = reader.ReadNumber();
        if (!reader.IsWhole || name.IsEmpty || !TryRead(name, out _name) || !TryRead(authorizationId, out _authorizationId))
            return SaslStep.Fail(SaslError.Malformed, "the first message has not two names and a key");
        if (!PassdssGroup.IsPublicKey(clientKey))
            return SaslStep.Fail(SaslError.InvalidCredentials, "the client's public key is none");

        byte[] random = new byte[PrivateKeyLength];
        context.Nonces.Fill(random);
        var privateKey = new BigInteger(1, random);
        context.Nonces.Fill(random.AsSpan(0, SigningKeyLength));
        BigInteger signingKey = new BigInteger(1, random, 0, SigningKeyLength).Mod(PassdssGroup.Signing.Q.Subtract(BigInteger.One)).Add(BigInteger.One);
        CryptographicOperations.ZeroMemory(random);

        var said = new ArrayBufferWriter<byte>();
        DsaParameters signing = PassdssGroup.Signing;
        PassdssBuffer.AddAll(said, "ssh-dss"u8, signing.P, signing.Q, signing.G, signing.G.ModPow(signingKey, signing.P));
        PassdssBuffer.AddNumber(said, PassdssGroup.Raise(privateKey));
        said.Write(_offer.Write());
        _keys = new PassdssKeys([.. input, .. said.WrittenSpan], clientKey.ModPow(privateKey, PassdssGroup.Prime));
        _decrypt = new PassdssCipher(_keys.ClientCipherKey, _keys.ClientVector, encrypt: false);

        // The number that a signature needs comes from the key and what is signed (RFC 6979): a bad random generator cannot give the key away.
        var signer = new DsaSigner(new HMacDsaKCalculator(new Sha1Digest()));
        signer.Init(forSigning: true, new DsaPrivateKeyParameters(signingKey, signing));
        BigInteger[] signature = signer.GenerateSignature(_keys.Hash);
        PassdssBuffer.AddAll(said, "ssh-dss"u8, signature[0], signature[1]);
        output.Write(said.WrittenSpan);
        return SaslStep.Continue;
    }

    private async ValueTask<SaslStep> OnPasswordAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        if (input.IsEmpty || input.Length % PassdssCipher.Block != 0)
            return SaslStep.Fail(SaslError.Malformed, "the second message is not of whole blocks");
        byte[] opened = input.ToArray();
        try
        {
            _decrypt!.Apply(opened);
            if (!TryReadChoice(opened, out PassdssProtection choice, out Range password, out string fault))
                return SaslStep.Fail(SaslError.Malformed, fault);
            SaslUser? user = await context.ResolveUserAsync(_name, cancellationToken).ConfigureAwait(false);
            if (user is null)
                return SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's");
            PasswordVerdict verdict = await context.VerifyPasswordAsync(user, opened.AsMemory(password), cancellationToken).ConfigureAwait(false);
            if (verdict.Outcome is PasswordOutcome.Match && choice.Layers is not PassdssLayers.NoLayer)
                _layer = MakeLayer(choice);
            return SaslStep.From(verdict, user, _authorizationId);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    private bool TryReadChoice(ReadOnlySpan<byte> opened, out PassdssProtection choice, out Range password, out string fault)
    {
        var reader = new PassdssReader(opened);
        ReadOnlySpan<byte> octets = reader.Take(PassdssProtection.Length);
        int length = reader.ReadString().Length;
        password = (reader.Position - length)..reader.Position;
        ReadOnlySpan<byte> proof = reader.Take(ProofLength);
        choice = reader.IsGood ? PassdssProtection.Read(octets) : default;
        ReadOnlySpan<byte> rest = reader.IsGood ? opened[reader.Position..] : default;
        fault = "the second message has not a choice, a password and a proof, and less than a block of zeros";
        if (!reader.IsGood || rest.Length >= PassdssCipher.Block || rest.ContainsAnyExcept((byte)0))
            return false;
        fault = "the client's proof is wrong";
        if (!CryptographicOperations.FixedTimeEquals(_keys!.Prove(octets), proof))
            return false;
        fault = "the layer chosen was not offered, or the client's buffer is too small for it";
        return choice.Layers is PassdssLayers.NoLayer or PassdssLayers.Integrity or PassdssLayers.Privacy && _offer.Layers.HasFlag(choice.Layers)
            && (choice.Layers is PassdssLayers.NoLayer || PassdssLayer.RoomIn(_offer.LimitFor(choice), choice.Layers is PassdssLayers.Privacy) >= 1);
    }

    private PassdssLayer MakeLayer(PassdssProtection choice)
    {
        bool isEncrypted = choice.Layers is PassdssLayers.Privacy;
        return new PassdssLayer(
            _keys!.ServerIntegrityKey, _keys.ClientIntegrityKey,
            isEncrypted ? new PassdssCipher(_keys.ServerCipherKey, _keys.ServerVector, encrypt: true) : null, isEncrypted ? _decrypt : null,
            _offer.LimitFor(choice), _offer.Buffer);
    }

    private static bool TryRead(ReadOnlySpan<byte> octets, out string text)
    {
        text = "";
        if (octets.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(octets))
            return false;
        text = Encoding.UTF8.GetString(octets);
        return true;
    }
}
