using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Testing.Http;

/// <summary>An issuer of tokens that makes right ones and, octet by octet, wrong ones.</summary>
public sealed class TestIssuer : IDisposable
{
    /// <summary>The name of its RSA key.</summary>
    public const string RsaKey = "rsa-1";

    /// <summary>The name of its P-256 key.</summary>
    public const string EcKey = "ec-1";

    /// <summary>Its private RSA key.</summary>
    public RSA Rsa { get; } = RSA.Create(2048);

    /// <summary>Its private P-256 key.</summary>
    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Its public keys.</summary>
    public string Keys => $$"""{"keys":[{{RsaMember(Rsa, RsaKey)}},{{EcMember(Ec, EcKey)}}]}""";

    /// <summary>One RSA key as a member of a JWK set.</summary>
    public static string RsaMember(RSA key, string name)
    {
        RSAParameters parameters = key.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"RSA","use":"sig","kid":"{{name}}","n":"{{Encode(parameters.Modulus!)}}","e":"{{Encode(parameters.Exponent!)}}"}""";
    }

    /// <summary>One P-256 key as a member of a JWK set.</summary>
    public static string EcMember(ECDsa key, string name)
    {
        ECParameters parameters = key.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"EC","crv":"P-256","use":"sig","kid":"{{name}}","x":"{{Encode(parameters.Q.X!)}}","y":"{{Encode(parameters.Q.Y!)}}"}""";
    }

    /// <summary>Claims that are right: alice's, for smtp.example.com, for five minutes from a moment on.</summary>
    public static string Claims(
        string issuer, DateTimeOffset from, string audience = "\"smtp.example.com\"", string more = "", string subject = "alice", int seconds = 300) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"iss":"{{issuer}}","sub":"{{subject}}","aud":{{audience}},"iat":{{from.ToUnixTimeSeconds()}},"exp":{{from.ToUnixTimeSeconds() + seconds}}{{more}}}""");

    /// <summary>A token that is signed with RS256.</summary>
    public string Sign(string claims, string header = $$"""{"alg":"RS256","typ":"at+jwt","kid":"{{RsaKey}}"}""") =>
        Sign(header, claims, octets => Rsa.SignData(octets, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>A token that is signed with ES256.</summary>
    public string SignEc(string claims) =>
        Sign($$"""{"alg":"ES256","kid":"{{EcKey}}"}""", claims, octets => Ec.SignData(octets, HashAlgorithmName.SHA256));

    /// <summary>A token that is signed in any way.</summary>
    public static string Sign(string header, string claims, Func<byte[], byte[]> sign)
    {
        string content = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}";
        return $"{content}.{Encode(sign(Encoding.ASCII.GetBytes(content)))}";
    }

    /// <summary>base64url without padding.</summary>
    public static string Encode(byte[] octets) => Base64Url.EncodeToString(octets);

    /// <inheritdoc/>
    public void Dispose()
    {
        Rsa.Dispose();
        Ec.Dispose();
    }
}
