using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The parts of a stored value, as text, whichever of the two forms it has.</summary>
/// <remarks>
/// <code>
/// RFC 5803, Cyrus SASL, LDAP, PostgreSQL    name s "$" s count ":" salt s "$" s StoredKey ":" ServerKey s
/// Dovecot, GNU SASL                         "{" name "}" count "," salt "," StoredKey "," ServerKey [ "," SaltedPassword ]
/// </code>
/// s is any number of blanks; a name is compared without regard to case.
/// </remarks>
internal readonly ref struct ScramStoredForm
{
    /// <summary>The longest value looked at, in octets; the longest real one has less than 3000.</summary>
    private const int MaxLength = 4096;

    private const byte Blank = (byte)' ';

    public ReadOnlySpan<byte> Iterations { get; private init; }

    public ReadOnlySpan<byte> Salt { get; private init; }

    public ReadOnlySpan<byte> StoredKey { get; private init; }

    public ReadOnlySpan<byte> ServerKey { get; private init; }

    /// <summary>Splits a value without looking into its parts.</summary>
    /// <returns>False when it is of another hash or form.</returns>
    public static bool TrySplit(ScramHash hash, ReadOnlySpan<byte> stored, out ScramStoredForm form)
    {
        form = default;
        if (stored.Length > MaxLength)
            return false;
        return stored is [(byte)'{', ..]
            ? StartsWithName(hash, stored[1..], out ReadOnlySpan<byte> rest) && rest is [(byte)'}', ..] && TrySplitBraced(rest[1..], out form)
            : StartsWithName(hash, stored, out rest) && TrySplitDollars(rest, out form);
    }

    private static bool StartsWithName(ScramHash hash, ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> name = hash.NameOctets.AsSpan();
        bool named = stored.Length >= name.Length && Ascii.EqualsIgnoreCase(stored[..name.Length], name);
        rest = named ? stored[name.Length..] : default;
        return named;
    }

    private static bool TrySplitDollars(ReadOnlySpan<byte> rest, out ScramStoredForm form)
    {
        form = default;
        if (!TryCut(rest, (byte)'$', out ReadOnlySpan<byte> nothing, out rest) || !nothing.Trim(Blank).IsEmpty
            || !TryCut(rest, (byte)'$', out ReadOnlySpan<byte> info, out ReadOnlySpan<byte> keys)
            || !TryCut(info.Trim(Blank), (byte)':', out ReadOnlySpan<byte> iterations, out ReadOnlySpan<byte> salt)
            || !TryCut(keys.Trim(Blank), (byte)':', out ReadOnlySpan<byte> storedKey, out ReadOnlySpan<byte> serverKey))
        {
            return false;
        }
        form = new ScramStoredForm { Iterations = iterations, Salt = salt, StoredKey = storedKey, ServerKey = serverKey };
        return true;
    }

    private static bool TrySplitBraced(ReadOnlySpan<byte> rest, out ScramStoredForm form)
    {
        form = default;
        if (!TryCut(rest, (byte)',', out ReadOnlySpan<byte> iterations, out rest)
            || !TryCut(rest, (byte)',', out ReadOnlySpan<byte> salt, out rest)
            || !TryCut(rest, (byte)',', out ReadOnlySpan<byte> storedKey, out rest))
        {
            return false;
        }
        if (!TryCut(rest, (byte)',', out ReadOnlySpan<byte> serverKey, out _))
            serverKey = rest;
        form = new ScramStoredForm { Iterations = iterations, Salt = salt, StoredKey = storedKey, ServerKey = serverKey };
        return true;
    }

    private static bool TryCut(ReadOnlySpan<byte> text, byte separator, out ReadOnlySpan<byte> before, out ReadOnlySpan<byte> after)
    {
        int place = text.IndexOf(separator);
        before = place < 0 ? default : text[..place];
        after = place < 0 ? default : text[(place + 1)..];
        return place >= 0;
    }
}
