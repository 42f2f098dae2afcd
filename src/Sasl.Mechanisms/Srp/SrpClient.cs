using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The client side of SRP; <see cref="SrpServer"/> shows the messages.</summary>
internal sealed class SrpClient(SaslClientContext context, SrpOptions options) : SaslExchange
{
    private const int PrivateKeyLength = 32;
    private const int VectorLength = 16;

    private readonly byte[] _name = Encoding.UTF8.GetBytes(context.UserName!);
    private readonly byte[] _vector = new byte[VectorLength];
    private State _state;
    private SrpComputation? _computation;
    private SrpLayers? _offer;
    private SrpLayers? _choice;
    private BigInteger _publicKey = BigInteger.Zero;
    private byte[] _sessionKey = [];
    private byte[] _proof = [];
    private byte[] _list = [];
    private SrpLayer? _layer;

    private enum State
    {
        ExpectStart,
        ExpectGroup,
        ExpectProof,
    }

    public override SaslSecurityLayer? SecurityLayer => _layer;

    // Cyrus SASL sends the name where nobody is to be acted for.
    private byte[] ActAs => string.IsNullOrEmpty(context.AuthorizationId) ? _name : Encoding.UTF8.GetBytes(context.AuthorizationId);

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken) =>
        new(_state switch
        {
            State.ExpectStart => Start(output),
            State.ExpectGroup => OnGroup(input.Span, output),
            State.ExpectProof => OnProof(input.Span),
        });

    protected override void Erase() => CryptographicOperations.ZeroMemory(_sessionKey);

    private SaslStep Start(IBufferWriter<byte> output)
    {
        if (_name.Length > ushort.MaxValue || ActAs.Length > ushort.MaxValue)
            return SaslStep.Fail(SaslError.InvalidCredentials, "a name is too long for SRP");
        _state = State.ExpectGroup;
        new SrpBuffer().AddText(_name).AddText(ActAs).AddText(default).AddOctets(default).WriteTo(output);
        return SaslStep.Continue;
    }

    private SaslStep OnGroup(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var reader = new SrpReader(input);
        bool isNew = reader.ReadOctet() == 0;
        BigInteger prime = reader.ReadNumber();
        BigInteger generator = reader.ReadNumber();
        byte[] salt = reader.ReadOctets().ToArray();
        BigInteger serverKey = reader.ReadNumber();
        byte[] list = reader.ReadText().ToArray();
        if (!reader.IsWhole || !isNew || SrpLayers.Parse(list) is not { } offer)
            return SaslStep.Fail(SaslError.Malformed, "the server's message has not a group, a salt, a key and options");
        if (SrpGroup.Find(prime, generator, options.MinGroupBits) is not { } group)
            return SaslStep.Fail(SaslError.MechanismTooWeak, "the server's group is none that is trusted here");
        if (offer.Choose(context.Layers, options, out string? fault) is not { } choice)
            return SaslStep.Fail(SaslError.MechanismTooWeak, fault!);
        if (choice.Macs.Length > 0 && SrpLayer.RoomIn(offer.BufferSize, choice) < 1)
            return SaslStep.Fail(SaslError.Malformed, "the server's buffer is too small for a layer");
        _computation = new SrpComputation(group, choice.Digests[0]);
        if (!_computation.IsPublicKey(serverKey))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server's public key is none");
        (_offer, _choice, _list) = (offer, choice, choice.Write());
        return Prove(group, salt, serverKey, list, output);
    }

    private SaslStep Prove(SrpGroup group, byte[] salt, BigInteger serverKey, byte[] offer, IBufferWriter<byte> output)
    {
        byte[] random = new byte[PrivateKeyLength];
        context.Nonces.Fill(random);
        BigInteger privateKey = _computation!.PrivateKey(random);
        CryptographicOperations.ZeroMemory(random);
        _publicKey = group.Raise(privateKey);
        if (_computation.ClientSessionKey(_publicKey, serverKey, _computation.SecretExponent(_name, context.Password!.Memory, salt), privateKey) is not { } key)
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server's public key gives a secret that anybody knows");
        _sessionKey = key;
        _proof = _computation.ClientProof(_name, ActAs, salt, _publicKey, serverKey, _sessionKey, offer);
        context.Nonces.Fill(_vector);
        new SrpBuffer().AddNumber(_publicKey).AddOctets(_proof).AddText(_list).AddOctets(_vector).WriteTo(output);
        _state = State.ExpectProof;
        return SaslStep.Continue;
    }

    private SaslStep OnProof(ReadOnlySpan<byte> input)
    {
        var reader = new SrpReader(input);
        ReadOnlySpan<byte> proof = reader.ReadOctets();
        ReadOnlySpan<byte> vector = reader.ReadOctets();
        byte[] sessionId = reader.ReadText().ToArray();
        uint timeToLive = reader.ReadUInt32();
        if (!reader.IsWhole)
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server did not prove that it knows the verifier");
        byte[] expected = _computation!.ServerProof(_publicKey, _proof, _sessionKey, ActAs, _list, sessionId, timeToLive);
        if (!CryptographicOperations.FixedTimeEquals(expected, proof))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server's proof is wrong");
        if (_choice!.Ciphers is [var cipher] && (vector.Length < cipher.BlockLength || vector.StartsWith(_vector.AsSpan(0, cipher.BlockLength))))
            return SaslStep.Fail(SaslError.ServerNotAuthentic, "the server's vector is too short, or the client's");
        if (_choice.Macs.Length > 0)
            _layer = new SrpLayer(_choice, options.Macs, _sessionKey, vector, _vector, _offer!.BufferSize, _choice.BufferSize);
        return SaslStep.Finished;
    }
}
