using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The server side of SRP: group, salt and public key; then the client's proof, and its own.</summary>
/// <remarks>
/// <code>
/// C: { utf8(U) utf8(I) utf8(sid) os(cn) }     S: { 0x00 mpi(N) mpi(g) os(s) mpi(B) utf8(L) }
/// C: { mpi(A) os(M1) utf8(o) os(cIV) }        S: { os(M2) os(sIV) utf8(sid) uint(ttl) }
/// </code>
/// </remarks>
internal sealed class SrpServer(SaslServerContext context, SrpOptions options) : SaslExchange
{
    private const int SaltLength = 16;
    private const int PrivateKeyLength = 32;
    private const int VectorLength = 16;

    private static readonly ImmutableArray<SaslProperty> s_wanted = [SrpMechanism.Secret, SaslProperty.UserPassword];
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SrpComputation? _computation;
    private SrpLayers? _offer;
    private SaslUser? _user;
    private string _authorizationId = "";
    private byte[] _sentName = [];
    private byte[] _sentId = [];
    private byte[] _salt = [];
    private byte[] _list = [];
    private byte[] _sessionKey = [];
    private BigInteger _verifier = BigInteger.Zero;
    private BigInteger _privateKey = BigInteger.Zero;
    private BigInteger _publicKey = BigInteger.Zero;
    private bool _isKnown;
    private SrpLayer? _layer;

    public override SaslSecurityLayer? SecurityLayer => _layer;

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        _computation is null ? OnNamesAsync(input, output, cancellationToken) : new(OnProof(input.Span, output));

    protected override void Erase()
    {
        CryptographicOperations.ZeroMemory(_sessionKey);
        (_verifier, _privateKey) = (BigInteger.Zero, BigInteger.Zero);
    }

    private async ValueTask<SaslStep> OnNamesAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        if (!TryReadNames(input.Span, out string name))
            return SaslStep.Fail(SaslError.Malformed, "the first message has not two names, a session and a nonce");
        _user = await context.ResolveUserAsync(name, cancellationToken).ConfigureAwait(false);
        if (_user is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "user name cannot be anyone's");
        using var found = new PropertySet(s_wanted);
        bool exists = await context.LookupAsync(_user, found, cancellationToken).ConfigureAwait(false);
        FindVerifier(name, exists, found);

        byte[] random = new byte[PrivateKeyLength];
        context.Nonces.Fill(random);
        _privateKey = _computation!.PrivateKey(random);
        CryptographicOperations.ZeroMemory(random);
        _publicKey = _computation.ServerPublicKey(_verifier, _privateKey);
        _offer = SrpLayers.Offer(context.Layers, options) with { Digests = [_computation.Digest] };
        _list = _offer.Write();
        new SrpBuffer().Add(0).AddNumber(options.Group.Prime).AddNumber(options.Group.Generator).AddOctets(_salt).AddNumber(_publicKey).AddText(_list)
            .WriteTo(output);
        return SaslStep.Continue;
    }

    private bool TryReadNames(ReadOnlySpan<byte> input, out string name)
    {
        var reader = new SrpReader(input);
        _sentName = reader.ReadText().ToArray();
        _sentId = reader.ReadText().ToArray();
        reader.ReadText();
        reader.ReadOctets();
        name = "";
        if (!reader.IsWhole || _sentName.Length == 0)
            return false;
        try
        {
            name = s_utf8.GetString(_sentName);
            _authorizationId = s_utf8.GetString(_sentId);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    // A stored secret was made with the whole name, so that it is of use only to who sends that. The salt of a stored password is always the same one, as a
    // stored salt is, and so is that of nobody: what is asked for does not show who exists.
    private void FindVerifier(string name, bool exists, PropertySet found)
    {
        Span<byte> decoy = stackalloc byte[SaltLength];
        SrpStoredForm? stored = exists && name == _user!.ToString() && found.TryGet(SrpMechanism.Secret, out ReadOnlySpan<byte> secret)
            ? SrpStoredForm.Parse(secret, options.Group)
            : null;
        bool hasPassword = found.TryGet(SaslProperty.UserPassword, out ReadOnlySpan<byte> password) && exists && !password.IsEmpty;
        context.FillDecoy(_user!, "srp-salt"u8, decoy);
        byte[] decoySalt = decoy.ToArray();
        context.FillDecoy(_user!, "srp"u8, decoy);

        _computation = new SrpComputation(options.Group, stored?.Digest ?? SrpDigest.Of(options.Hash));
        byte[] used = hasPassword ? password.ToArray() : decoy.ToArray();
        BigInteger verifier = options.Group.Raise(_computation.SecretExponent(_sentName, used, decoySalt));
        CryptographicOperations.ZeroMemory(used);
        _verifier = stored?.Verifier ?? verifier;
        _salt = stored?.Salt ?? decoySalt;
        _isKnown = stored is not null || hasPassword;
    }

    private SaslStep OnProof(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var reader = new SrpReader(input);
        BigInteger clientKey = reader.ReadNumber();
        ReadOnlySpan<byte> proof = reader.ReadOctets();
        ReadOnlySpan<byte> list = reader.ReadText();
        ReadOnlySpan<byte> vector = reader.ReadOctets();
        if (!reader.IsWhole || SrpLayers.Parse(list) is not { } choice)
            return SaslStep.Fail(SaslError.Malformed, "the second message has not a key, a proof, options and a vector");
        if (!_computation!.IsPublicKey(clientKey))
            return SaslStep.Fail(SaslError.InvalidCredentials, "the client's public key is none");
        if (_offer!.Objection(choice) is { } objection)
            return SaslStep.Fail(SaslError.InvalidCredentials, objection);
        if (choice.Ciphers is [var cipher] && vector.Length < cipher.BlockLength)
            return SaslStep.Fail(SaslError.Malformed, "the client's vector is too short for its cipher");
        if (choice.Macs.Length > 0 && SrpLayer.RoomIn(choice.BufferSize, choice) < 1)
            return SaslStep.Fail(SaslError.InvalidCredentials, "the client's buffer is too small for a layer");
        if (_computation.ServerSessionKey(clientKey, _publicKey, _verifier, _privateKey) is not { } key)
            return SaslStep.Fail(SaslError.InvalidCredentials, "the client's public key gives a secret that anybody knows");
        _sessionKey = key;
        byte[] expected = _computation.ClientProof(_sentName, _sentId, _salt, clientKey, _publicKey, _sessionKey, _list);
        if (!CryptographicOperations.FixedTimeEquals(expected, proof) || !_isKnown)
            return SaslStep.Fail(SaslError.InvalidCredentials, _isKnown ? "proof mismatch" : "unknown user, or neither a password nor a verifier stored");
        return Conclude(clientKey, expected, list.ToArray(), choice, vector, output);
    }

    private SaslStep Conclude(
        BigInteger clientKey, byte[] clientProof, byte[] list, SrpLayers choice, ReadOnlySpan<byte> clientVector, IBufferWriter<byte> output)
    {
        byte[] vector = new byte[VectorLength];
        context.Nonces.Fill(vector);
        // Both directions have one key: with one vector, too, they would be encrypted with the same octets.
        if (choice.Ciphers is [var cipher] && clientVector[..cipher.BlockLength].StartsWith(vector.AsSpan(0, cipher.BlockLength)))
            return SaslStep.Fail(SaslError.InvalidCredentials, "the client's vector is the server's");
        byte[] proof = _computation!.ServerProof(clientKey, clientProof, _sessionKey, _sentId, list, default, timeToLive: 0);
        new SrpBuffer().AddOctets(proof).AddOctets(vector).AddText(default).Add(0, 0, 0, 0).WriteTo(output);
        if (choice.Macs.Length > 0)
            _layer = new SrpLayer(choice, options.Macs, _sessionKey, clientVector, vector, choice.BufferSize, _offer!.BufferSize);
        return SaslStep.Authenticated(_user!, _authorizationId);
    }
}
