using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sasl.Kerberos;

/// <summary>One conversation's state in the library. It is used by one call at a time; freed when the last call has ended.</summary>
internal sealed unsafe class GssContext : SafeHandle
{
    private const int StrengthOctets = 4;

    // What Cyrus SASL takes where a library does not say: DES.
    private const int UnknownStrength = 56;

    private readonly Lock _calls = new();

    public GssContext()
        : base(0, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Goes on as the client.</summary>
    /// <returns>The status, the token for the server, and what the context has.</returns>
    public (GssStatus Status, byte[] Token, GssFlags Flags) Initiate(
        GssCredential credential, GssName target, bool negotiates, GssFlags wanted, ReadOnlySpan<byte> binding, ReadOnlySpan<byte> input)
    {
        using Lock.Scope scope = _calls.EnterScope();
        using Held held = new(this, credential);
        GssBuffer output = default;
        fixed (byte* bound = binding, token = input)
        {
            var bindings = new GssBindings { ApplicationData = new GssBuffer { Length = (nuint)binding.Length, Value = bound } };
            var given = new GssBuffer { Length = (nuint)input.Length, Value = token };
            uint major = GssLibrary.Initiate(
                out uint minor, credential.DangerousGetHandle(), ref handle, target, negotiates ? GssOid.Spnego : GssOid.Kerberos, wanted, 0,
                binding.IsEmpty ? null : &bindings, &given, null, &output, out GssFlags flags, null);
            return (new GssStatus(major, minor, negotiates), Take(&output), flags);
        }
    }

    /// <summary>Goes on as the server.</summary>
    /// <returns>The status, the token for the client, what the context has, who the client is, and the tickets it passed on.</returns>
    public (GssStatus Status, byte[] Token, GssFlags Flags, GssName Peer, GssCredential Delegated) Accept(
        GssCredential credential, bool negotiates, ReadOnlySpan<byte> binding, ReadOnlySpan<byte> input)
    {
        using Lock.Scope scope = _calls.EnterScope();
        using Held held = new(this, credential);
        GssBuffer output = default;
        fixed (byte* bound = binding, token = input)
        {
            var bindings = new GssBindings { ApplicationData = new GssBuffer { Length = (nuint)binding.Length, Value = bound } };
            var given = new GssBuffer { Length = (nuint)input.Length, Value = token };
            uint major = GssLibrary.Accept(
                out uint minor, ref handle, credential, &given, binding.IsEmpty ? null : &bindings, out nint peer, null, &output,
                out GssFlags flags, null, out nint delegated);
            return (new GssStatus(major, minor, negotiates), Take(&output), flags, new GssName(peer), new GssCredential(delegated));
        }
    }

    /// <summary>Whether the context, once complete, is one of Kerberos and of nothing else.</summary>
    public bool IsKerberos()
    {
        using Lock.Scope scope = _calls.EnterScope();
        using Held held = new(this);
        uint major = GssLibrary.InquireContext(out uint minor, handle, null, null, null, out GssOid* mechanism, out _, null, null);
        return !new GssStatus(major, minor).IsError && GssOid.Is(mechanism, GssOid.Kerberos);
    }

    /// <summary>How strong the confidentiality is, in bits.</summary>
    public int FindStrength()
    {
        using Lock.Scope scope = _calls.EnterScope();
        using Held held = new(this);
        GssBufferSet* answer = null;
        uint major = GssLibrary.InquireContext(out uint minor, handle, GssOid.Strength, &answer);
        int strength = !new GssStatus(major, minor).IsError && answer is not null && answer->Count == 1 && answer->Elements->Length == StrengthOctets
            ? BinaryPrimitives.ReadInt32BigEndian(answer->Elements->Octets)
            : UnknownStrength;
        _ = GssLibrary.ReleaseBuffers(out _, &answer);
        return strength > 1 ? strength : UnknownStrength;
    }

    /// <summary>How much plaintext fits into a sealed buffer; 0 when none does.</summary>
    public int FindRoom(int sealedSize, bool conceal)
    {
        using Lock.Scope scope = _calls.EnterScope();
        using Held held = new(this);
        uint major = GssLibrary.FindWrapLimit(out uint minor, handle, conceal ? 1 : 0, 0, (uint)sealedSize, out uint room);
        return new GssStatus(major, minor).IsError || room > sealedSize ? 0 : (int)room;
    }

    /// <summary>Seals.</summary>
    /// <exception cref="IOException">The library cannot, as when the tickets of the conversation have expired.</exception>
    public void Wrap(ReadOnlySpan<byte> plain, bool conceal, IBufferWriter<byte> output)
    {
        using Lock.Scope scope = _calls.EnterScope();
        using Held held = new(this);
        GssBuffer wrapped = default;
        fixed (byte* octets = plain)
        {
            var given = new GssBuffer { Length = (nuint)plain.Length, Value = octets };
            uint major = GssLibrary.Wrap(out uint minor, handle, conceal ? 1 : 0, 0, &given, out int concealed, &wrapped);
            bool good = new GssStatus(major, minor).IsComplete && (concealed != 0) == conceal;
            if (good)
                output.Write(wrapped.Octets);
            _ = GssLibrary.ReleaseBuffer(out _, &wrapped);
            if (!good)
                throw new IOException("The security layer cannot seal any more; the connection has to be opened anew.");
        }
    }

    /// <summary>Opens. A buffer that opens, but is replayed, old or out of order, is refused too.</summary>
    public bool TryUnwrap(ReadOnlySpan<byte> wrapped, IBufferWriter<byte> output, out bool concealed)
    {
        using Lock.Scope scope = _calls.EnterScope();
        using Held held = new(this);
        GssBuffer plain = default;
        fixed (byte* octets = wrapped)
        {
            var given = new GssBuffer { Length = (nuint)wrapped.Length, Value = octets };
            uint major = GssLibrary.Unwrap(out uint minor, handle, &given, &plain, out int isConcealed, out _);
            bool good = new GssStatus(major, minor).IsComplete;
            concealed = isConcealed != 0;
            if (good)
                output.Write(plain.Octets);
            CryptographicOperations.ZeroMemory(plain.Octets);
            _ = GssLibrary.ReleaseBuffer(out _, &plain);
            return good;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _ = GssLibrary.DeleteContext(out _, ref handle, null);
        return true;
    }

    private static byte[] Take(GssBuffer* buffer)
    {
        byte[] octets = buffer->Octets.ToArray();
        _ = GssLibrary.ReleaseBuffer(out _, buffer);
        return octets;
    }

    // A session that is disposed during a call frees the handles after it.
    private readonly ref struct Held
    {
        private readonly GssContext _context;
        private readonly GssCredential? _credential;

        public Held(GssContext context, GssCredential? credential = null)
        {
            bool held = false;
            context.DangerousAddRef(ref held);
            _context = context;
            try
            {
                credential?.DangerousAddRef(ref held);
                _credential = credential;
            }
            catch
            {
                context.DangerousRelease();
                throw;
            }
        }

        public void Dispose()
        {
            _credential?.DangerousRelease();
            _context.DangerousRelease();
        }
    }
}
