using System.Collections.Immutable;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Sasl.OAuth;

/// <summary>The public keys of an issuer (RFC 7517 section 5), those that can check a signature.</summary>
internal sealed class JwtKeySet
{
    /// <summary>The most keys that are kept.</summary>
    public const int MaxKeys = 64;

    /// <summary>The shortest RSA key, in bits (RFC 7518 section 3.3).</summary>
    public const int MinRsaBits = 2048;

    private readonly ImmutableArray<JsonWebKey> _keys;

    private JwtKeySet(ImmutableArray<JsonWebKey> keys) => _keys = keys;

    /// <summary>Reads a set. Keys that cannot be used are left out: secrets above all, with which a token could be forged.</summary>
    /// <exception cref="SaslUnavailableException">It is no set, or has no key that could be used.</exception>
    public static JwtKeySet Parse(ReadOnlySpan<byte> json)
    {
        JsonWebKeySet set;
        try
        {
            set = new JsonWebKeySet(Encoding.UTF8.GetString(json));
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException or System.Text.Json.JsonException)
        {
            throw new SaslUnavailableException("the issuer's keys are no JWK set", exception);
        }
        ImmutableArray<JsonWebKey> keys = [.. set.Keys.Where(IsUsable).Take(MaxKeys)];
        return keys.IsEmpty ? throw new SaslUnavailableException("the issuer's keys have none that can check a signature") : new JwtKeySet(keys);
    }

    /// <summary>The keys that may have made a signature: the one that is named; without a name all that fit the algorithm.</summary>
    public IReadOnlyList<SecurityKey> Find(string? name, string algorithm) =>
        [.. _keys.Where(key => (name is null || key.Kid == name) && Fits(key, algorithm))];

    private static bool IsUsable(JsonWebKey key)
    {
        if (!string.IsNullOrEmpty(key.Use) && key.Use != "sig")
            return false;
        if (key.KeyOps.Count > 0 && !key.KeyOps.Contains("verify"))
            return false;
        return key.Kty switch
        {
            JsonWebAlgorithmsKeyTypes.RSA => BitsOf(key.N) >= MinRsaBits && BitsOf(key.E) > 0,
            JsonWebAlgorithmsKeyTypes.EllipticCurve => CurveOf(key) is not null && BitsOf(key.X) > 0 && BitsOf(key.Y) > 0,
            _ => false,
        };
    }

    private static bool Fits(JsonWebKey key, string algorithm) =>
        (string.IsNullOrEmpty(key.Alg) || key.Alg == algorithm)
        && (algorithm is ['E', ..] ? CurveOf(key) == algorithm : key.Kty == JsonWebAlgorithmsKeyTypes.RSA);

    private static string? CurveOf(JsonWebKey key) => (key.Kty, key.Crv) switch
    {
        (JsonWebAlgorithmsKeyTypes.EllipticCurve, JsonWebKeyECTypes.P256) => SecurityAlgorithms.EcdsaSha256,
        (JsonWebAlgorithmsKeyTypes.EllipticCurve, JsonWebKeyECTypes.P384) => SecurityAlgorithms.EcdsaSha384,
        (JsonWebAlgorithmsKeyTypes.EllipticCurve, JsonWebKeyECTypes.P521) => SecurityAlgorithms.EcdsaSha512,
        _ => null,
    };

    private static int BitsOf(string? base64Url)
    {
        try
        {
            byte[] number = string.IsNullOrEmpty(base64Url) ? [] : System.Buffers.Text.Base64Url.DecodeFromChars(base64Url);
            return number.AsSpan().TrimStart((byte)0).Length * 8;
        }
        catch (FormatException)
        {
            return 0;
        }
    }
}
