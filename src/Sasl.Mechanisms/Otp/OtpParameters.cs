using System.Globalization;

namespace Sasl.Mechanisms;

/// <summary>Which one-time password is meant: the hash, the number, the seed.</summary>
/// <param name="Algorithm">The hash.</param>
/// <param name="Sequence">The number, from 0 to <see cref="OtpOptions.MaxSequence"/>.</param>
/// <param name="Seed">The seed, in lower case.</param>
internal sealed record OtpParameters(OtpAlgorithm Algorithm, int Sequence, string Seed)
{
    /// <summary>The words of a challenge and of an <c>init-</c> response, without the prefix: <c>md5 499 ke1234</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{OtpHash.NameOf(Algorithm)} {Sequence} {Seed}");

    /// <summary>Reads the three words; null when they are not what they should be.</summary>
    public static OtpParameters? Parse(string algorithm, string sequence, string seed) =>
        OtpHash.Named(algorithm) is { } hash
        && sequence.Length <= 4 && int.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && OtpHash.IsSeed(seed)
            ? new OtpParameters(hash, number, seed.ToLowerInvariant())
            : null;
}
