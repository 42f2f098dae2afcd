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
    /// <param name="threw">Told the link's name and the exception when a verifier threw, which counts as unavailable, and the chain does not throw
    /// it on. Must be quick, thread-safe, and must not throw. Verifiers are other people's code: the exception may contain what they put into
    /// it.</param>
    public PasswordVerifierChain(IReadOnlyList<PasswordVerifierLink> links, Action<string, Exception>? threw = null)
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentOutOfRangeException.ThrowIfZero(links.Count, nameof(links));
        _links = [.. links];
        _threw = threw;
    }

    /// <inheritdoc/>
    /// <exception cref="SaslUnavailableException">The answer is that a verifier could not answer, and one threw: its exception is inside.</exception>
    public async ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        PasswordVerdict? best = null;
        Silence? silence = null;
        foreach (PasswordVerifierLink link in _links)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (PasswordVerdict verdict, Exception? thrown) = await AskAsync(link, user, password, service, cancellationToken).ConfigureAwait(false);
            if (thrown is not null)
                silence = Keep(silence, new Silence(link.Name, thrown));
            bool stops = link.RuleFor(verdict.Outcome) is SaslChainRule.Stop;
            if (stops && verdict.Outcome is PasswordOutcome.Disabled or PasswordOutcome.Expired)
                return Answer(verdict, silence);
            if (best is null || WeightOf(verdict.Outcome) > WeightOf(best.Value.Outcome))
                best = verdict;
            if (stops)
                break;
        }
        return Answer(best!.Value, silence);
    }

    // The first is thrown on, if the chain has no answer; of the others the callback hears at once.
    private Silence Keep(Silence? first, Silence silence)
    {
        if (first is not null)
            _threw?.Invoke(silence.Link, silence.Exception);
        return first ?? silence;
    }

    private PasswordVerdict Answer(PasswordVerdict verdict, Silence? silence)
    {
        if (silence is null)
            return verdict;
        if (verdict.Outcome is PasswordOutcome.Unavailable)
            throw new SaslUnavailableException($"the password verifier '{silence.Link}' could not answer", silence.Exception);
        _threw?.Invoke(silence.Link, silence.Exception);
        return verdict;
    }

    private static async ValueTask<(PasswordVerdict Verdict, Exception? Thrown)> AskAsync(
        PasswordVerifierLink link, SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        try
        {
            PasswordVerdict verdict = await link.Verifier.VerifyAsync(user, password, service, cancellationToken).ConfigureAwait(false);
            return (verdict with { DecidedBy = verdict.DecidedBy ?? link.Name }, null);
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
            return (new PasswordVerdict(PasswordOutcome.Unavailable, link.Name), exception);
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

    /// <summary>A verifier that threw.</summary>
    private sealed record Silence(string Link, Exception Exception);
}
