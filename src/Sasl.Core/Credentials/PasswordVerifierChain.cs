using System.Collections.Immutable;

namespace Sasl;

/// <summary>Several verifiers, asked in order: Cyrus SASL's <c>pwcheck_method: saslauthd auxprop</c>, with rules for each answer.</summary>
/// <remarks>
/// <para>The rules of a link say whether the next one is asked. Whoever was asked, the chain answers, in this order:
/// disabled or expired, where that stopped the chain; a match; unavailable, if any verifier could not answer; disabled, expired, mismatch,
/// unknown user.</para>
/// <para>Cyrus answers with the last method's result. Here one silent verifier outweighs any number of noes, because it might have
/// said yes: the peer is told to try again later, not that its password is wrong.</para>
/// </remarks>
public sealed class PasswordVerifierChain : IPasswordVerifier
{
    private readonly ImmutableArray<PasswordVerifierLink> _links;
    private readonly Action<string, Exception>? _threw;

    /// <summary>Takes the verifiers.</summary>
    /// <param name="links">The verifiers in the order they are asked in; at least one.</param>
    /// <param name="threw">Told the link's name and the exception when a verifier threw, which counts as unavailable. Must be quick,
    /// thread-safe, and must not throw. Verifiers are other people's code: the exception may contain what they put into it.</param>
    public PasswordVerifierChain(IReadOnlyList<PasswordVerifierLink> links, Action<string, Exception>? threw = null)
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentOutOfRangeException.ThrowIfZero(links.Count, nameof(links));
        _links = [.. links];
        _threw = threw;
    }

    /// <inheritdoc/>
    public async ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        PasswordVerdict? best = null;
        foreach (PasswordVerifierLink link in _links)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PasswordVerdict verdict = await AskAsync(link, user, password, service, cancellationToken).ConfigureAwait(false);
            bool stops = link.RuleFor(verdict.Outcome) is SaslChainRule.Stop;
            if (stops && verdict.Outcome is PasswordOutcome.Disabled or PasswordOutcome.Expired)
                return verdict;
            if (best is null || WeightOf(verdict.Outcome) > WeightOf(best.Value.Outcome))
                best = verdict;
            if (stops)
                break;
        }
        return best!.Value;
    }

    private async ValueTask<PasswordVerdict> AskAsync(
        PasswordVerifierLink link, SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        try
        {
            PasswordVerdict verdict = await link.Verifier.VerifyAsync(user, password, service, cancellationToken).ConfigureAwait(false);
            return verdict with { DecidedBy = verdict.DecidedBy ?? link.Name };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // A verifier is other people's code; whatever it throws means that it could not answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            cancellationToken.ThrowIfCancellationRequested();    // a socket closed by the cancellation is no silent verifier
            _threw?.Invoke(link.Name, exception);
            return new PasswordVerdict(PasswordOutcome.Unavailable, link.Name);
        }
    }

    private static int WeightOf(PasswordOutcome outcome) => outcome switch
    {
        PasswordOutcome.Match => 5,
        PasswordOutcome.Unavailable => 4,
        PasswordOutcome.Disabled => 3,
        PasswordOutcome.Expired => 2,
        PasswordOutcome.Mismatch => 1,
        PasswordOutcome.UnknownUser => 0,
    };
}
