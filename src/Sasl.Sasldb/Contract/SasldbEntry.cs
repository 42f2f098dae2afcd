using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sasl.Sasldb;

/// <summary>One record as it lies in the file: for those who copy all of a sasldb. Disposing it erases the value.</summary>
/// <param name="key">The key; kept, not copied.</param>
/// <param name="value">The value; kept, not copied, and erased at the end.</param>
public sealed class SasldbEntry(byte[] key, byte[] value) : IDisposable
{
    /// <summary>The key: <c>name NUL realm NUL property</c> if it is a sasldb's, which nothing enforces.</summary>
    public ReadOnlyMemory<byte> Key => key;

    /// <summary>The value: secret. All zeros after <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Value => value;

    /// <summary>Splits the key, octet by octet, at its first two NULs.</summary>
    /// <param name="name">The user's name.</param>
    /// <param name="realm">The realm; may be empty.</param>
    /// <param name="property">The property's name.</param>
    /// <returns>False when it is no sasldb's key.</returns>
    public bool TrySplit(out ReadOnlyMemory<byte> name, out ReadOnlyMemory<byte> realm, out ReadOnlyMemory<byte> property)
    {
        bool splits = SasldbKey.TrySplit(key, out int nameEnd, out int realmEnd);
        name = splits ? Key[..nameEnd] : default;
        realm = splits ? Key[(nameEnd + 1)..realmEnd] : default;
        property = splits ? Key[(realmEnd + 1)..] : default;
        return splits;
    }

    /// <summary>Splits the key into text. Octets that are no UTF-8 become U+FFFD.</summary>
    /// <param name="user">The user.</param>
    /// <param name="property">The property's name.</param>
    /// <returns>False when it is no sasldb's key.</returns>
    public bool TryGetUser([NotNullWhen(true)] out SaslUser? user, [NotNullWhen(true)] out string? property) =>
        SasldbKey.TrySplit(key, out user, out property);

    /// <summary>Erases the value.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(value);
}
