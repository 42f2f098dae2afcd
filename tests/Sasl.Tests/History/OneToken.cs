using System.Security.Cryptography;
using System.Text;

namespace Sasl.Tests.History;

/// <summary>A validator that knows one token, made of alice's password.</summary>
internal sealed class OneToken(string password) : ITokenValidator
{
    public TokenDiscovery Discovery => TokenDiscovery.None;

    /// <summary>The token that stands for a password.</summary>
    public static string Of(string password) => Convert.ToHexString(Encoding.UTF8.GetBytes(password)) + ".token";

    public ValueTask<TokenVerdict> ValidateAsync(ReadOnlyMemory<byte> token, SaslServiceInfo service, CancellationToken cancellationToken) => new(
        CryptographicOperations.FixedTimeEquals(token.Span, Encoding.ASCII.GetBytes(Of(password)))
            ? TokenVerdict.Valid(new TokenGrant(World.User))
            : TokenVerdict.Invalid());
}
