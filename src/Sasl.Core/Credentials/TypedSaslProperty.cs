namespace Sasl;

/// <summary>A property together with how to read it.</summary>
/// <typeparam name="T">What a value of the right form becomes.</typeparam>
/// <param name="name">The name in every store: a sasldb key part, <c>%p</c> in SQL, an LDAP attribute.</param>
/// <param name="decode">Reads one stored value; null when the value is of another form. Must not throw on any octets.</param>
public sealed class SaslProperty<T>(string name, SaslPropertyDecoder<T> decode) : SaslProperty(name)
    where T : class
{
    internal T? Decode(ReadOnlySpan<byte> value) => decode(value);
}

/// <summary>Reads one stored value.</summary>
/// <typeparam name="T">What a value of the right form becomes.</typeparam>
/// <param name="value">The octets as the store keeps them.</param>
/// <returns>Null when the value is of another form.</returns>
public delegate T? SaslPropertyDecoder<out T>(ReadOnlySpan<byte> value)
    where T : class;
