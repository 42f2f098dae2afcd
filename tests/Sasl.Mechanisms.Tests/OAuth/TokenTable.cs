using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms.Tests;

/// <summary>A validator that knows the tokens it was told of.</summary>
internal sealed class TokenTable : ITokenValidator
{
    private readonly List<(byte[] Token, TokenVerdict Verdict)> _known = [];

    public TokenDiscovery Discovery { get; set; } = TokenDiscovery.None;

    public Exception? Throws { get; set; }

    public int Asked { get; private set; }

    public void Add(string token, TokenVerdict verdict) => _known.Add((Encoding.ASCII.GetBytes(token), verdict));

    public async ValueTask<TokenVerdict> ValidateAsync(ReadOnlyMemory<byte> token, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        Asked++;
        await Task.Yield();
        if (Throws is not null)
            throw Throws;
        foreach ((byte[] known, TokenVerdict verdict) in _known)
        {
            if (CryptographicOperations.FixedTimeEquals(token.Span, known))
                return verdict;
        }
        return TokenVerdict.Invalid("not in the table");
    }
}
