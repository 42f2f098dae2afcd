namespace Sasl.Sasldb.Records;

/// <summary>
/// The properties by which a form that is not in the order of names finds out whether a user exists who has none of the wanted ones.
/// Cyrus SASL's plug-in asks for the first alone.
/// </summary>
internal static class SasldbUsualProperties
{
    private const int Count = 14;

    /// <summary>Whether a user has one of them.</summary>
    /// <param name="finder">Where.</param>
    /// <param name="user">The user's part of the key.</param>
    public static bool HasOne<TFinder>(ref TFinder finder, ReadOnlySpan<byte> user)
        where TFinder : ISasldbKeyFinder, allows ref struct
    {
        Span<byte> key = stackalloc byte[SasldbKey.MaxLength];
        user.CopyTo(key);
        for (int index = 0; index < Count; index++)
        {
            ReadOnlySpan<byte> name = Name(index);
            if (name.TryCopyTo(key[user.Length..]) && finder.Has(key[..(user.Length + name.Length)]))
                return true;
        }
        return false;
    }

    // From the commonest on.
    private static ReadOnlySpan<byte> Name(int index) => index switch
    {
        0 => "userPassword"u8,
        1 => "authPassword"u8,
        2 => "cmusaslsecretOTP"u8,
        3 => "cmusaslsecretPLAIN"u8,
        4 => "cmusaslsecretCRAM-MD5"u8,
        5 => "cmusaslsecretDIGEST-MD5"u8,
        6 => "cmusaslsecretSRP"u8,
        7 => "cmusaslsecretOPAQUE"u8,
        8 => "cmusaslsecretSCRAM-SHA-256"u8,
        9 => "cmusaslsecretSCRAM-SHA-512"u8,
        10 => "cmusaslsecretSCRAM-SHA-1"u8,
        11 => "cmusaslsecretSCRAM-SHA-384"u8,
        12 => "cmusaslsecretSCRAM-SHA-224"u8,
        _ => "cmusaslsecretSCRAM-SHA3-512"u8,
    };
}
