using System.Buffers;
using System.Collections.Immutable;
using Sasl.Mechanisms;

namespace Sasl;

/// <summary>Which mechanisms a configuration names, and how SCRAM is to work.</summary>
internal static class MechanismChoice
{
    public const string ServerList = "mech_list";
    public const string ClientList = "client_mech_list";

    private const string IterationsKey = "scram_iteration_counter";
    private const string GenerateKey = "scram_secret_generate";
    private const string ScramPrefix = "SCRAM-";

    // Clients refuse less (RFC 5802 section 5.1, RFC 7677 section 4), so that nobody could log in.
    private const int MinIterations = 4096;

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The builder's mechanisms, with SCRAM's as the options want them.</summary>
    public static ImmutableArray<SaslMechanism> Adapt(SaslServerBuilder builder, SaslConfiguration configuration)
    {
        bool counted = configuration[IterationsKey] is not null;
        ScramOptions options = counted
            ? builder.Scram with { Iterations = configuration.Number(IterationsKey, MinIterations, MinIterations, ScramVerifier.MaxIterations) }
            : builder.Scram;
        ImmutableArray<SaslMechanism> made = options == ScramOptions.Default ? [] : ScramMechanisms.Create(options);
        bool derives = configuration.Flag(GenerateKey, otherwise: true);
        return [.. builder.Mechanisms
            .Select(mechanism => made.FirstOrDefault(other => other.Name == mechanism.Name) ?? mechanism)
            .Select(mechanism => derives || !mechanism.Name.StartsWith(ScramPrefix, StringComparison.Ordinal) ? mechanism : mechanism with { DeriveSecrets = null })];
    }

    /// <summary>The names of a list, each once; those of mechanisms that do not exist here are left out with a warning, as Cyrus SASL leaves them out.</summary>
    public static ImmutableArray<string> ReadList(
        SaslConfiguration configuration, string key, ImmutableArray<SaslMechanism> mechanisms, Action<SaslConfigurationWarning> warn)
    {
        ImmutableArray<string> words = [.. configuration.Words(key).Distinct(StringComparer.OrdinalIgnoreCase)];
        string[] known = [.. mechanisms.SelectMany(static mechanism => new[] { mechanism.Name, mechanism.BaseName }).Distinct()];
        foreach (string word in words)
        {
            if (word.AsSpan().ContainsAnyExcept(s_nameCharacters))
                throw configuration.Error(key, $"'{word}' cannot be a mechanism's name; accepted are {string.Join(", ", known)}, separated by white space");
            if (!known.Contains(word, StringComparer.OrdinalIgnoreCase))
                warn(configuration.Warning(key, $"{word} is left out: there is no such mechanism here"));
        }
        return words;
    }
}
