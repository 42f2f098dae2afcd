using System.Runtime.CompilerServices;

namespace Sasl.Mechanisms;

/// <summary>The last step of PLAIN and LOGIN: the verifier is asked, and its verdict ends the exchange.</summary>
internal static class PasswordStep
{
    /// <summary>Asks.</summary>
    /// <remarks>On a frame of its own: inlined, the steps that do not ask would clear it as well.</remarks>
    /// <param name="context">Whom to ask.</param>
    /// <param name="user">Whose password it should be.</param>
    /// <param name="password">The octets as they were sent.</param>
    /// <param name="authorizationId">As whom the peer wants to act; null or empty when it did not say.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ValueTask<SaslStep> AskAsync(
        SaslServerContext context, SaslUser user, ReadOnlyMemory<byte> password, string? authorizationId, CancellationToken cancellationToken)
    {
        ValueTask<PasswordVerdict> verifying = context.VerifyPasswordAsync(user, password, cancellationToken);
        return verifying.IsCompletedSuccessfully
            ? new(SaslStep.From(verifying.Result, user, authorizationId))
            : AwaitAsync(verifying, user, authorizationId);
    }

    private static async ValueTask<SaslStep> AwaitAsync(ValueTask<PasswordVerdict> verifying, SaslUser user, string? authorizationId) =>
        SaslStep.From(await verifying.ConfigureAwait(false), user, authorizationId);
}
