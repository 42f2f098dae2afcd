using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Sasldb;

/// <summary>The keys of every form of sasldb: <c>name NUL realm NUL property</c>, in UTF-8, without an end mark.</summary>
internal static class SasldbKey
{
    /// <summary>The longest key that LMDB keeps; the other forms keep longer ones, but a file must be convertible.</summary>
    public const int MaxLength = 511;

    /// <summary>Writes the part of the key that all of a user's properties begin with.</summary>
    /// <param name="name">The user's name.</param>
    /// <param name="realm">The realm; may be empty.</param>
    /// <param name="into">Room for <see cref="MaxLength"/> octets.</param>
    /// <param name="length">How many were written.</param>
    /// <returns>False when no key can be made of it: a NUL, no Unicode, or too long. Such a user is in no sasldb.</returns>
    public static bool TryWriteUser(string name, string realm, Span<byte> into, out int length)
    {
        length = 0;
        if (name.Length == 0 || !TryAppend(name, into, ref length) || !TryAppend("\0", into, ref length, mayBeNul: true))
            return false;
        return TryAppend(realm, into, ref length) && TryAppend("\0", into, ref length, mayBeNul: true);
    }

    /// <summary>Appends a property's name to what <see cref="TryWriteUser"/> wrote.</summary>
    /// <param name="property">The property's name.</param>
    /// <param name="into">The same room.</param>
    /// <param name="length">How many octets are in it, before and after.</param>
    /// <returns>False when no key can be made of it.</returns>
    public static bool TryAppendProperty(string property, Span<byte> into, ref int length) =>
        property.Length != 0 && TryAppend(property, into, ref length);

    /// <summary>Makes a key, for those who write.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="realm">The realm, the user's own or the default.</param>
    /// <param name="property">Which property; null makes the part that all keys of the user begin with.</param>
    /// <exception cref="ArgumentException">No key can be made of it. The message names the length, never the user.</exception>
    public static byte[] Make(SaslUser user, string realm, string? property)
    {
        Span<byte> key = stackalloc byte[MaxLength];
        if (!TryWriteUser(user.Name, realm, key, out int length) || (property is not null && !TryAppendProperty(property, key, ref length)))
        {
            throw new ArgumentException(
                $"A user's name, realm and property together must be valid Unicode of at most {MaxLength - 2} octets without NUL.", nameof(user));
        }
        return key[..length].ToArray();
    }

    /// <summary>Splits a key at its first two NULs, as Cyrus does.</summary>
    /// <param name="key">A key as stored; any octets.</param>
    /// <param name="user">The user it belongs to.</param>
    /// <param name="property">The property's name.</param>
    /// <returns>False when it is no key of a sasldb; it is to be skipped.</returns>
    public static bool TrySplit(ReadOnlySpan<byte> key, [NotNullWhen(true)] out SaslUser? user, [NotNullWhen(true)] out string? property)
    {
        user = null;
        property = null;
        if (!TrySplit(key, out int nameEnd, out int realmEnd))
            return false;
        user = new SaslUser(Encoding.UTF8.GetString(key[..nameEnd]), Encoding.UTF8.GetString(key[(nameEnd + 1)..realmEnd]));
        property = Encoding.UTF8.GetString(key[(realmEnd + 1)..]);
        return true;
    }

    /// <summary>Finds the first two NULs of a key.</summary>
    /// <param name="key">A key as stored; any octets.</param>
    /// <param name="nameEnd">Where the first is.</param>
    /// <param name="realmEnd">Where the second is.</param>
    /// <returns>False when it is no key of a sasldb.</returns>
    public static bool TrySplit(ReadOnlySpan<byte> key, out int nameEnd, out int realmEnd)
    {
        nameEnd = key.IndexOf((byte)0);
        int realm = key[(nameEnd + 1)..].IndexOf((byte)0);
        realmEnd = nameEnd + 1 + realm;
        return nameEnd > 0 && realm >= 0;
    }

    private static bool TryAppend(string text, Span<byte> into, ref int length, bool mayBeNul = false)
    {
        if (!mayBeNul && text.Contains('\0', StringComparison.Ordinal))
            return false;
        // A name that is no Unicode has no key, rather than the key of another name.
        if (Utf8.FromUtf16(text, into[length..], out _, out int written, replaceInvalidSequences: false)
            is not OperationStatus.Done)
            return false;
        length += written;
        return true;
    }
}
