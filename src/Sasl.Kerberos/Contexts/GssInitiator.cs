using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>The client's side of a conversation in the GSS library.</summary>
internal sealed class GssInitiator(KerberosRequest request, GssCredential credential, GssName target) : KerberosContext
{
    private readonly GssContext _context = new();

    /// <inheritdoc/>
    public override KerberosStep Advance(ReadOnlySpan<byte> input)
    {
        (GssStatus status, byte[] token, GssFlags flags) =
            _context.Initiate(credential, target, request.Negotiates, request.Wanted, request.Binding, input);
        // Before the server has said anything, the fault is this machine's or its KDC's.
        if (status.IsFailure && input.IsEmpty)
        {
            var refusal = new GssException(status, isLocal: true);
            if (request.Negotiates)
                GssBackend.FindTickets(request.Options);    // SPNEGO says that it failed, Kerberos says why
            throw refusal;
        }
        if (status.IsFailure)
            return KerberosStep.Failed(KerberosVerdict.JudgeFailure(status, GssUsage.Initiate));
        if (status.IsComplete)
        {
            if (!_context.IsKerberos())
                return KerberosStep.Failed(KerberosProblem.BadToken);
            Flags = flags;
            Strength = _context.FindStrength();
        }
        return new KerberosStep(KerberosProblem.None, status.IsComplete, token);
    }

    /// <inheritdoc/>
    public override int FindRoom(int sealedSize, bool conceal) => _context.FindRoom(sealedSize, conceal);

    /// <inheritdoc/>
    public override void Wrap(ReadOnlySpan<byte> plain, bool conceal, IBufferWriter<byte> output) => _context.Wrap(plain, conceal, output);

    /// <inheritdoc/>
    public override bool TryUnwrap(ReadOnlySpan<byte> wrapped, IBufferWriter<byte> output, out bool concealed) =>
        _context.TryUnwrap(wrapped, output, out concealed);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _context.Dispose();
        credential.Dispose();
        target.Dispose();
    }
}
