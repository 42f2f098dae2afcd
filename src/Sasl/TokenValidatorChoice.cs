using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sasl.OAuth;

namespace Sasl;

/// <summary>Makes the token validator that a configuration names: <c>oauth_introspection_url</c> asks the issuer, <c>oauth_issuer</c> alone checks signatures.</summary>
internal static class TokenValidatorChoice
{
    /// <summary>The name of the validator that checks signatures.</summary>
    public const string Jwt = "jwt";

    /// <summary>The name of the validator that asks the issuer.</summary>
    public const string Introspection = "introspection";

    private const string IssuerKey = "oauth_issuer";
    private const string AudienceKey = "oauth_audience";
    private const string ScopeKey = "oauth_scope";
    private const string UserNameKey = "oauth_username_claim";
    private const string ClockSkewKey = "oauth_clock_skew";
    private const string TimeoutKey = "oauth_timeout";
    private const string AuthorityKey = "oauth_ca_file";
    private const string DiscoveryKey = "oauth_openid_configuration";
    private const string KeysKey = "oauth_jwks";
    private const string AlgorithmsKey = "oauth_algorithms";
    private const string IntrospectionKey = "oauth_introspection_url";
    private const string CacheKey = "oauth_introspection_cache";
    private const string ClientIdKey = "oauth_introspection_client_id";
    private const string ClientSecretKey = "oauth_introspection_client_secret";

    private const string DefaultUserName = "sub";
    private const int DefaultClockSkew = 60;
    private const int MaxClockSkew = 600;
    private const int DefaultTimeout = 5;
    private const int MaxTimeout = 60;

    private static readonly (string Option, string Key)[] s_keys =
    [
        (nameof(JwtValidatorOptions.Issuer), IssuerKey),
        (nameof(JwtValidatorOptions.Audiences), AudienceKey),
        (nameof(JwtValidatorOptions.Algorithms), AlgorithmsKey),
        (nameof(JwtValidatorOptions.KeyAddress), KeysKey),
        (nameof(IntrospectionValidatorOptions.Address), IntrospectionKey),
        (nameof(IntrospectionValidatorOptions.ClientId), ClientIdKey),
    ];

    /// <summary>Which validator a configuration asks for; null for none.</summary>
    public static string? KindOf(SaslConfiguration configuration) =>
        configuration[IntrospectionKey] is not null ? Introspection
        : configuration[IssuerKey] is not null ? Jwt
        : null;

    /// <exception cref="SaslConfigurationException">An option cannot be used.</exception>
    public static ITokenValidator? Make(SaslBackendContext context, TimeProvider clock)
    {
        string? kind = KindOf(context.Configuration);
        try
        {
            return kind is Introspection ? MakeIntrospection(context.Configuration, clock)
                : kind is Jwt ? MakeJwt(context, clock)
                : null;
        }
        catch (ArgumentException exception)
        {
            string key = s_keys.FirstOrDefault(pair => pair.Option == exception.ParamName).Key ?? (kind is Introspection ? IntrospectionKey : IssuerKey);
            throw context.Configuration.Error(key, exception.Message.Split(" (Parameter ")[0], exception);
        }
    }

    private static JwtValidator MakeJwt(SaslBackendContext context, TimeProvider clock)
    {
        SaslConfiguration configuration = context.Configuration;
        string? keys = configuration[KeysKey];
        bool isAddress = keys is not null && Uri.TryCreate(keys, UriKind.Absolute, out Uri? uri) && !uri.IsFile;
        if (keys is not null && !isAddress && !Path.IsPathFullyQualified(keys))
            throw configuration.Error(KeysKey, "an https address or the full path of a file is expected");
        if (keys is not null && !isAddress && !File.Exists(keys))
            context.Remark(KeysKey, "there is no such file yet; logins with a token are temporary failures until there is");
        ImmutableArray<string> algorithms = configuration.Words(AlgorithmsKey);
        return new JwtValidator(new JwtValidatorOptions
        {
            Issuer = configuration[IssuerKey]!,
            Audiences = configuration.Words(AudienceKey),
            Rules = ReadRules(configuration),
            Algorithms = algorithms.IsEmpty ? JwtValidatorOptions.KnownAlgorithms : algorithms,
            KeyFile = isAddress ? null : keys,
            KeyAddress = isAddress ? new Uri(keys!) : null,
            Http = ReadHttp(configuration),
            OpenIdConfiguration = configuration[DiscoveryKey],
            Clock = clock,
        });
    }

    private static IntrospectionValidator MakeIntrospection(SaslConfiguration configuration, TimeProvider clock)
    {
        if (!Uri.TryCreate(configuration[IntrospectionKey], UriKind.Absolute, out Uri? address))
            throw configuration.Error(IntrospectionKey, "an https address is expected");
        using SaslSecret? secret = configuration[ClientSecretKey] is { } text ? SaslSecret.FromText(text) : null;
        return new IntrospectionValidator(new IntrospectionValidatorOptions
        {
            Address = address,
            CacheLifetime = TimeSpan.FromSeconds(configuration.Number(CacheKey, 0, 0, (int)IntrospectionValidatorOptions.MaxCacheLifetime.TotalSeconds)),
            ClientId = configuration[ClientIdKey],
            ClientSecret = secret,
            Rules = ReadRules(configuration) with { Issuer = configuration[IssuerKey], Audiences = configuration.Words(AudienceKey) },
            Http = ReadHttp(configuration),
            OpenIdConfiguration = configuration[DiscoveryKey],
            Clock = clock,
        });
    }

    private static TokenRules ReadRules(SaslConfiguration configuration) => new()
    {
        Scopes = configuration.Words(ScopeKey),
        UserNameClaim = configuration[UserNameKey] ?? DefaultUserName,
        ClockSkew = TimeSpan.FromSeconds(configuration.Number(ClockSkewKey, DefaultClockSkew, 0, MaxClockSkew)),
    };

    private static TokenHttpOptions ReadHttp(SaslConfiguration configuration) => new()
    {
        Timeout = TimeSpan.FromSeconds(configuration.Number(TimeoutKey, DefaultTimeout, 1, MaxTimeout)),
        TrustedRoots = configuration[AuthorityKey] is { } file ? ReadRoots(configuration, file) : null,
    };

    private static X509Certificate2Collection ReadRoots(SaslConfiguration configuration, string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw configuration.Error(AuthorityKey, "the file cannot be read, or is no PEM file", exception);
        }
        return roots.Count > 0 ? roots : throw configuration.Error(AuthorityKey, "the file has no certificate");
    }
}
