using System.Collections.Immutable;

namespace Sasl;

/// <summary>Several stores, asked in order: Cyrus SASL's <c>auxprop_plugin: sasldb sql</c>, with rules for each answer.</summary>
/// <remarks>
/// The first store that has a property supplies all its values; later ones are asked only for properties that are still missing, and not at
/// all when none is. The user is known when any store knows it. A link with <see cref="SaslChainRule.Stop"/> on found keeps an outdated
/// password in a later store from being used beside a newer one of another form in an earlier store.
/// </remarks>
public sealed class CredentialStoreChain : ICredentialStore
{
    private readonly ImmutableArray<CredentialStoreLink> _links;
    private readonly Action<string, Exception>? _threw;

    /// <summary>Takes the stores.</summary>
    /// <param name="links">The stores in the order they are asked in; at least one.</param>
    /// <param name="threw">Told the link's name and the exception when a store threw and the chain goes on. Must be quick, thread-safe, and must
    /// not throw. Stores are other people's code: the exception may contain what they put into it.</param>
    public CredentialStoreChain(IReadOnlyList<CredentialStoreLink> links, Action<string, Exception>? threw = null)
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentOutOfRangeException.ThrowIfZero(links.Count, nameof(links));
        _links = [.. links];
        _threw = threw;
    }

    /// <inheritdoc/>
    /// <exception cref="SaslUnavailableException">A store threw and its link says to give up, or no other store knows the user.</exception>
    public async ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(properties);
        ImmutableArray<SaslProperty> wanted = properties.Wanted;
        bool heedsSilence = properties.HeedsSilence;
        properties.HeedsSilence = false;    // a chain inside this one has to throw, for the rule of its link
        bool known;
        try
        {
            known = await AskInOrderAsync(user, properties, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            properties.Want(wanted);
            properties.HeedsSilence = heedsSilence;
        }
        // The silent store might have known a user whom the others do not.
        return known || heedsSilence || properties.Silence is not { } silence ? known : throw silence;
    }

    private async ValueTask<bool> AskInOrderAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        bool known = false;
        foreach (CredentialStoreLink link in _links)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int before = properties.Count;
            try
            {
                bool found = await link.Store.LookupAsync(user, properties, cancellationToken).ConfigureAwait(false);
                known |= found;
                if (found)
                    properties.AnsweredBy ??= link.Name;
                else
                    properties.KeepFirst(before);
                if ((found ? link.OnFound : link.OnUnknownUser) is SaslChainRule.Stop)
                    break;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // A store is other people's code; whatever it throws means that it could not answer.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                cancellationToken.ThrowIfCancellationRequested();    // a socket closed by the cancellation is no silent store
                properties.KeepFirst(before);                        // half an answer is none
                var silent = new SaslUnavailableException($"the credential store '{link.Name}' could not answer", exception);
                if (link.OnError is SaslChainErrorRule.Fail)
                    throw silent;
                properties.Silence = silent;
                _threw?.Invoke(link.Name, exception);
            }
            properties.WantOnlyMissing();
            if (known && properties.Wanted.IsEmpty)
                break;
        }
        return known;
    }
}
