using System.Text;

namespace Sasl.Mechanisms;

/// <summary>What one side would protect messages with: the qualities and ciphers of a policy, an offer, or both.</summary>
internal readonly record struct DigestProtection(DigestQop Qop, DigestMd5Ciphers Ciphers)
{
    /// <summary>The least of the sealed buffers a side may announce, and the greatest (RFC 2831 section 2.1.1).</summary>
    public const int MinBuffer = 17;

    /// <inheritdoc cref="MinBuffer"/>
    public const int MaxBuffer = 0xFFFFFF;

    /// <summary>What a side accepts that does not say.</summary>
    public const int DefaultBuffer = 65_536;

    /// <summary>What a policy allows.</summary>
    public static DigestProtection Of(SaslLayerLimits limits, DigestMd5Ciphers allowed)
    {
        DigestQop qop = limits.MinSsf <= 0 ? DigestQop.Auth : DigestQop.None;
        var ciphers = DigestMd5Ciphers.None;
        if (limits.MaxBuffer >= MinBuffer)
        {
            if (limits.MinSsf <= 1 && limits.MaxSsf >= 1)
                qop |= DigestQop.AuthInt;
            foreach (DigestCipher cipher in DigestCipher.All)
            {
                if (allowed.HasFlag(cipher.Flag) && cipher.Ssf >= limits.MinSsf && cipher.Ssf <= limits.MaxSsf)
                    ciphers |= cipher.Flag;
            }
        }
        return new DigestProtection(ciphers == DigestMd5Ciphers.None ? qop : qop | DigestQop.AuthConf, ciphers);
    }

    /// <summary>The strongest that both allow: by strength, then integrity, then none. Null when they share nothing.</summary>
    public (DigestQop Qop, DigestCipher? Cipher)? Strongest(DigestProtection other)
    {
        DigestQop shared = Qop & other.Qop;
        DigestMd5Ciphers ciphers = Ciphers & other.Ciphers;
        DigestCipher? best = null;
        foreach (DigestCipher cipher in DigestCipher.All)
        {
            if (ciphers.HasFlag(cipher.Flag) && cipher.Ssf > (best?.Ssf ?? 0))
                best = cipher;
        }
        if (shared.HasFlag(DigestQop.AuthConf) && best is not null)
            return (DigestQop.AuthConf, best);
        return shared.HasFlag(DigestQop.AuthInt) ? (DigestQop.AuthInt, null)
            : shared.HasFlag(DigestQop.Auth) ? (DigestQop.Auth, null)
            : null;
    }

    /// <summary>Whether a choice is one of these.</summary>
    public bool Allows(DigestQop qop, DigestCipher? cipher) =>
        Qop.HasFlag(qop) && (qop is DigestQop.AuthConf ? cipher is not null && Ciphers.HasFlag(cipher.Flag) : cipher is null);

    /// <summary>The name of one quality; "auth" for any other value.</summary>
    public static ReadOnlySpan<byte> NameOf(DigestQop qop) => qop switch
    {
        DigestQop.AuthInt => "auth-int"u8,
        DigestQop.AuthConf => "auth-conf"u8,
        DigestQop.None or DigestQop.Auth or _ => "auth"u8,
    };

    /// <summary>The quality of a name, in any case; none when it is unknown.</summary>
    public static DigestQop QopOf(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "auth"u8) ? DigestQop.Auth
        : Ascii.EqualsIgnoreCase(name, "auth-int"u8) ? DigestQop.AuthInt
        : Ascii.EqualsIgnoreCase(name, "auth-conf"u8) ? DigestQop.AuthConf
        : DigestQop.None;
}
