using System.Buffers;
using System.Net.Security;

namespace Sasl.Kerberos;

/// <summary>A conversation of the framework's NegotiateAuthentication. It signs the offer of layers, and has none.</summary>
internal sealed class NegotiateContext(NegotiateAuthentication authentication, GssUsage usage) : KerberosContext
{
    private const string KerberosPackage = "Kerberos";

    /// <inheritdoc/>
    public override KerberosStep Advance(ReadOnlySpan<byte> input)
    {
        byte[]? token = authentication.GetOutgoingBlob(input, out NegotiateAuthenticationStatusCode status);
        if (status is NegotiateAuthenticationStatusCode.ContinueNeeded)
            return new KerberosStep(KerberosProblem.None, IsComplete: false, token ?? []);
        if (status is not NegotiateAuthenticationStatusCode.Completed)
            return KerberosStep.Failed(Judge(status));
        // SPNEGO may have agreed on NTLM, whose names are not Kerberos's.
        if (authentication.Package is not KerberosPackage)
            return KerberosStep.Failed(KerberosProblem.BadToken);
        Flags = (authentication.IsMutuallyAuthenticated ? GssFlags.Mutual : GssFlags.None) | (authentication.IsSigned ? GssFlags.Integrity : GssFlags.None);
        if (usage is GssUsage.Accept)
            Peer = authentication.RemoteIdentity.Name ?? "";
        return new KerberosStep(KerberosProblem.None, IsComplete: true, token ?? []);
    }

    /// <inheritdoc/>
    public override int FindRoom(int sealedSize, bool conceal) => 0;

    /// <inheritdoc/>
    public override void Wrap(ReadOnlySpan<byte> plain, bool conceal, IBufferWriter<byte> output)
    {
        if (authentication.Wrap(plain, output, conceal, out _) is not NegotiateAuthenticationStatusCode.Completed)
            throw new IOException("The conversation cannot sign.");
    }

    /// <inheritdoc/>
    public override bool TryUnwrap(ReadOnlySpan<byte> wrapped, IBufferWriter<byte> output, out bool concealed) =>
        authentication.Unwrap(wrapped, output, out concealed) is NegotiateAuthenticationStatusCode.Completed;

    /// <inheritdoc/>
    public override void Dispose() => authentication.Dispose();

    private KerberosProblem Judge(NegotiateAuthenticationStatusCode status) => status switch
    {
        NegotiateAuthenticationStatusCode.CredentialsExpired or NegotiateAuthenticationStatusCode.ContextExpired => KerberosProblem.TicketExpired,
        NegotiateAuthenticationStatusCode.UnknownCredentials => usage is GssUsage.Accept ? KerberosProblem.NoKey : KerberosProblem.NoTicket,
        NegotiateAuthenticationStatusCode.InvalidCredentials => KerberosProblem.NoTicket,
        NegotiateAuthenticationStatusCode.TargetUnknown => KerberosProblem.UnknownService,
        NegotiateAuthenticationStatusCode.InvalidToken or NegotiateAuthenticationStatusCode.MessageAltered => KerberosProblem.BadToken,
        NegotiateAuthenticationStatusCode.OutOfSequence => KerberosProblem.Replay,
        NegotiateAuthenticationStatusCode.BadBinding => KerberosProblem.BindingMismatch,
        NegotiateAuthenticationStatusCode.Unsupported => KerberosProblem.NotSupported,
        _ => KerberosProblem.Other,
    };
}
