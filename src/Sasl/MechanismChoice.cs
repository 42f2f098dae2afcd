using System.Buffers;
using System.Collections.Immutable;
using Sasl.Mechanisms;

namespace Sasl;

/// <summary>Which mechanisms a configuration names, and how they are to work.</summary>
internal static class MechanismChoice
{
    public const string ServerList = "mech_list";
    public const string ClientList = "client_mech_list";

    private const string IterationsKey = "scram_iteration_counter";
    private const string GenerateKey = "scram_secret_generate";
    private const string ReauthenticationKey = "reauth_timeout";
    private const string SrpHashKey = "srp_mda";
    private const string NtlmV2Key = "ntlm_v2";
    private const string OtpHashKey = "otp_mda";
    private const string OpieKeysKey = "opiekeys";
    private const int MaxReauthentication = 60 * 24 * 365;    // minutes
    private const string ScramPrefix = "SCRAM-";

    // Clients refuse less (RFC 5802 section 5.1, RFC 7677 section 4), so that nobody could log in.
    private const int MinIterations = 4096;

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The builder's mechanisms, with this library's own as the options want them. What the application made with options of its own stays so.</summary>
    public static ImmutableArray<SaslMechanism> Adapt(
        SaslServerBuilder builder, SaslConfiguration configuration, KerberosChoice kerberos, Action<SaslConfigurationWarning> warn)
    {
        var options = new SaslMechanismOptions
        {
            Scram = ReadScram(builder, configuration),
            DigestMd5 = ReadDigest(builder, configuration),
            Ntlm = builder.Ntlm,
            Otp = ReadOtp(builder, configuration),
            Srp = ReadSrp(builder, configuration),
        };
        ImmutableArray<SaslMechanism> made = options == SaslMechanismOptions.Default ? [] : SaslMechanisms.Create(options);
        bool derives = configuration.Flag(GenerateKey, otherwise: true);
        WarnOfOthers(builder, configuration, warn);
        return [.. kerberos.Mechanisms()
            .Select(mechanism => IsDefault(mechanism) ? made.FirstOrDefault(other => other.Name == mechanism.Name) ?? mechanism : mechanism)
            .Select(mechanism => derives || !IsScram(mechanism) ? mechanism : mechanism with { DeriveSecrets = null })];
    }

    /// <summary>A client's mechanisms, NTLM as <c>ntlm_v2</c> wants it. What the application made with options of its own stays so.</summary>
    public static ImmutableArray<SaslMechanism> AdaptClient(ImmutableArray<SaslMechanism> mechanisms, SaslConfiguration configuration)
    {
        if (configuration.Flag(NtlmV2Key, otherwise: true))
            return mechanisms;
        SaslMechanism first = SaslMechanisms.Create(new SaslMechanismOptions { Ntlm = new NtlmOptions { Response = NtlmVersions.V1 } })
            .First(static mechanism => mechanism.Name == SaslMechanisms.Ntlm.Name);
        return [.. mechanisms.Select(mechanism => ReferenceEquals(mechanism, SaslMechanisms.Ntlm) ? first : mechanism)];
    }

    private static ScramOptions ReadScram(SaslServerBuilder builder, SaslConfiguration configuration) => configuration[IterationsKey] is null
        ? builder.Scram
        : builder.Scram with { Iterations = configuration.Number(IterationsKey, MinIterations, MinIterations, ScramVerifier.MaxIterations) };

    private static DigestMd5Options ReadDigest(SaslServerBuilder builder, SaslConfiguration configuration) => configuration[ReauthenticationKey] is null
        ? builder.DigestMd5
        : builder.DigestMd5 with { ReauthenticationTimeout = TimeSpan.FromMinutes(configuration.Number(ReauthenticationKey, 0, 0, MaxReauthentication)) };

    private static OtpOptions ReadOtp(SaslServerBuilder builder, SaslConfiguration configuration) => builder.Otp with
    {
        Algorithm = configuration[OtpHashKey]?.ToLowerInvariant() switch
        {
            null => builder.Otp.Algorithm,
            "md4" => OtpAlgorithm.Md4,
            "md5" => OtpAlgorithm.Md5,
            "sha1" => OtpAlgorithm.Sha1,
            string other => throw configuration.Error(OtpHashKey, $"'{other}' is no hash of one-time passwords; accepted are md4, md5, sha1"),
        },
        OpieKeys = configuration[OpieKeysKey] ?? builder.Otp.OpieKeys,
    };

    // Cyrus SASL takes its own names and OpenSSL's.
    private static SrpOptions ReadSrp(SaslServerBuilder builder, SaslConfiguration configuration) => configuration[SrpHashKey] is not { } name
        ? builder.Srp
        : builder.Srp with
        {
            Hash = name.ToUpperInvariant() switch
            {
                "SHA-1" or "SHA1" => SrpHash.Sha1,
                "RIPEMD-160" or "RMD160" => SrpHash.RipeMd160,
                "MD5" => SrpHash.Md5,
                _ => throw configuration.Error(SrpHashKey, $"'{name}' is no hash of SRP; accepted are SHA-1, RIPEMD-160, MD5"),
            },
        };

    // The options inside a mechanism are not to be seen, so that they cannot be kept beside another iteration count.
    private static void WarnOfOthers(SaslServerBuilder builder, SaslConfiguration configuration, Action<SaslConfigurationWarning> warn)
    {
        string[] others = [.. builder.Mechanisms.Where(static mechanism => IsScram(mechanism) && !IsDefault(mechanism)).Select(static mechanism => mechanism.Name)];
        if (configuration[IterationsKey] is not null && others.Length > 0)
            warn(configuration.Warning(IterationsKey, $"has no effect on {string.Join(", ", others)}: the application gives options of its own"));
    }

    private static bool IsScram(SaslMechanism mechanism) => mechanism.Name.StartsWith(ScramPrefix, StringComparison.Ordinal);

    private static bool IsDefault(SaslMechanism mechanism) =>
        SaslMechanisms.Standard.Concat(ScramMechanisms.Default).Any(other => ReferenceEquals(other, mechanism));

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
