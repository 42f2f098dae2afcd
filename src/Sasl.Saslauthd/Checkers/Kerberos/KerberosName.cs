namespace Sasl.Saslauthd;

/// <summary>Makes the principal's name out of login, service and realm, as Cyrus's saslauthd does (saslauthd/auth_krb5.c).</summary>
internal static class KerberosName
{
    /// <summary>The name <c>login[/instance][@REALM]</c>.</summary>
    /// <param name="user">Login and realm.</param>
    /// <param name="service">The service that asks.</param>
    /// <param name="options">How to treat instances and realms.</param>
    /// <returns>Null when it cannot be anybody's: it names another instance than the service's users have, or another realm than its own.</returns>
    public static string? Compose(SaslUser user, string service, KerberosOptions options)
    {
        // The library would take a backslash away, and "al\ice" for alice.
        if (user.Name.Contains('\\', StringComparison.Ordinal) || user.Realm.AsSpan().ContainsAny('\\', '@', '/'))
            return null;

        string realm = options.UppercaseRealm ? user.Realm.ToUpperInvariant() : user.Realm;
        if (!TrySplit(user, out string login, out string ownRealm))
            return null;
        if (options.ConvertInstance && login.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0)
            login = $"{login[..dot]}/{login[(dot + 1)..]}";
        if (options.Instances.TryGetValue(service, out string? instance))
        {
            int slash = login.IndexOf('/', StringComparison.Ordinal);
            if (slash >= 0 && login[(slash + 1)..] != instance)
                return null;
            login = slash >= 0 ? login : $"{login}/{instance}";
        }
        realm = realm.Length > 0 ? realm : options.UppercaseRealm ? ownRealm.ToUpperInvariant() : ownRealm;
        return login.Length == 0 || login[0] == '/' ? null : realm.Length == 0 ? login : $"{login}@{realm}";
    }

    // A login with a realm of its own is one from saslauthd -r, where it is the same realm, or the client sent it so and there is no other.
    private static bool TrySplit(SaslUser user, out string login, out string realm)
    {
        int at = user.Name.LastIndexOf('@');
        (login, realm) = at < 0 ? (user.Name, "") : (user.Name[..at], user.Name[(at + 1)..]);
        return !login.Contains('@', StringComparison.Ordinal) && (at < 0 || user.Realm.Length == 0 || realm == user.Realm);
    }
}
