using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>The server's side of a conversation in the GSS library.</summary>
internal sealed class GssAcceptor(KerberosRequest request, GssCredential keys) : KerberosContext
{
    private readonly GssContext _context = new();

    /// <inheritdoc/>
    public override KerberosStep Advance(ReadOnlySpan<byte> input)
    {
        (GssStatus status, byte[] token, GssFlags flags, GssName peer, GssCredential delegated) =
            _context.Accept(keys, request.Negotiates, request.Binding, input);
        using (peer)
        {
            if (status.IsComplete && _context.IsKerberos())
            {
                Flags = flags;
                Strength = _context.FindStrength();
                string principal = peer.Display();
                Peer = Shorten(principal, peer);
                Delegated = delegated.IsInvalid ? null : new KerberosDelegatedCredential(principal, delegated);
                return new KerberosStep(KerberosProblem.None, IsComplete: true, token);
            }
        }
        delegated.Dispose();
        // Kerberos itself needs one token of the client; MIT's library wants to go on after one of another kind.
        if (status.IsContinue && request.Negotiates)
            return new KerberosStep(KerberosProblem.None, IsComplete: false, token);
        return KerberosStep.Failed(!status.IsFailure ? KerberosProblem.BadToken : KerberosVerdict.JudgeFailure(status, GssUsage.Accept));
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
        keys.Dispose();
    }

    // The realm goes where the library says that it need not be written (Cyrus SASL does the same).
    private static string Shorten(string principal, GssName peer)
    {
        int at = principal.LastIndexOf('@');
        if (at <= 0 || principal.Contains('\\', StringComparison.Ordinal))
            return principal;
        string user = principal[..at];
        try
        {
            unsafe
            {
                using GssName alone = GssName.Import(user, GssOid.UserName);
                return alone.IsSameAs(peer) ? user : principal;
            }
        }
        catch (GssException)
        {
            return principal;
        }
    }
}
