namespace Sasl;

/// <summary>Makes what a mechanism stores of a password: Cyrus SASL's <c>setpass</c>, as a function.</summary>
/// <param name="user">Whose password it is; some stored forms depend on the name and realm.</param>
/// <param name="password">The password, prepared with <see cref="SaslPrep"/>.</param>
/// <returns>The properties to store, or to remove because the new password makes them wrong. Values are new arrays that the caller owns, and
/// erases when they are stored.</returns>
public delegate IReadOnlyList<SaslPropertyValue> SaslSecretDeriver(SaslUser user, ReadOnlySpan<byte> password);
