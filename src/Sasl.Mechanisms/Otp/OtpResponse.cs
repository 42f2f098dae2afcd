using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The answer to a challenge (RFC 2444 section 3, which takes it from RFC 2243).</summary>
/// <remarks>
/// <code>
/// response  = "hex:" hex / "word:" words / "init-hex:" hex ":" new-parameters ":" hex
///           / "init-word:" words ":" new-parameters ":" words
/// new-parameters = algorithm SP sequence SP seed
/// </code>
/// RFC 2289 section 6.0 also lets somebody type digits or words with nothing before them.
/// </remarks>
internal sealed class OtpResponse
{
    /// <summary>Longer answers are refused. Six words with blanks between, twice, and the new parameters take about 100.</summary>
    public const int MaxLength = 512;

    private readonly List<byte[]> _passwords = [];

    private OtpResponse()
    {
    }

    /// <summary>What the answer may mean: more than one thing where both digits and words can be read.</summary>
    public IReadOnlyList<byte[]> Passwords => _passwords;

    /// <summary>Whether a new sequence is to begin.</summary>
    public bool BeginsAnew { get; private init; }

    /// <summary>The new sequence's parameters; null where they cannot be used.</summary>
    public OtpParameters? NewParameters { get; private init; }

    /// <summary>The new sequence's first one-time password; null where it cannot be read.</summary>
    public byte[]? NewPassword { get; private init; }

    /// <summary>Null when the octets are no answer.</summary>
    /// <param name="octets">The answer.</param>
    /// <param name="algorithm">The hash of the challenge.</param>
    public static OtpResponse? Parse(ReadOnlySpan<byte> octets, OtpAlgorithm algorithm)
    {
        if (octets.Length > MaxLength || !Ascii.IsValid(octets))
            return null;
        string text = Encoding.ASCII.GetString(octets);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? "" : text[..colon].Trim().ToLowerInvariant();
        string rest = text[(colon + 1)..];
        OtpResponse? response = kind switch
        {
            "" => new OtpResponse().Read(rest, algorithm, hex: true, words: true),
            "hex" => new OtpResponse().Read(rest, algorithm, hex: true, words: false),
            "word" => new OtpResponse().Read(rest, algorithm, hex: false, words: true),
            "init-hex" => ParseInit(rest, algorithm, hex: true),
            "init-word" => ParseInit(rest, algorithm, hex: false),
            _ => null,
        };
        return response is { _passwords.Count: > 0 } ? response : null;
    }

    private static OtpResponse? ParseInit(string rest, OtpAlgorithm algorithm, bool hex)
    {
        string[] parts = rest.Split(':');
        if (parts.Length != 3)
            return null;
        string[] words = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        OtpParameters? parameters = words.Length == 3 ? OtpParameters.Parse(words[0].ToLowerInvariant(), words[1], words[2]) : null;
        byte[] password = new byte[OtpHash.Length];
        bool isRead = hex ? OtpText.TryReadHex(parts[2], password) : OtpText.TryReadWords(parts[2], parameters?.Algorithm ?? algorithm, password);
        return new OtpResponse { BeginsAnew = true, NewParameters = parameters, NewPassword = isRead ? password : null }
            .Read(parts[0], algorithm, hex, words: !hex);
    }

    private OtpResponse Read(string text, OtpAlgorithm algorithm, bool hex, bool words)
    {
        byte[] password = new byte[OtpHash.Length];
        if (hex && OtpText.TryReadHex(text, password))
            _passwords.Add([.. password]);
        if (words && OtpText.TryReadWords(text, algorithm, password))
            _passwords.Add(password);
        return this;
    }
}
