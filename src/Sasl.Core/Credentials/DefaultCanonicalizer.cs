using System.Text;

namespace Sasl;

/// <summary>Cyrus SASL's INTERNAL rules: trim white space, then append the service's realm to a name without one.</summary>
/// <remarks>
/// The name is prepared with SASLprep first (RFC 4013, which RFC 4616, 4954 and 5802 ask for), so control characters are refused.
/// The realm starts after the first <c>@</c>, as in Cyrus SASL's auxprop plug-ins (<c>_plug_parseuser</c>).
/// Cyrus misjudges names of blanks and accepts an empty name before the <c>@</c>; here neither can be anyone's.
/// </remarks>
public sealed class DefaultCanonicalizer : IUserCanonicalizer
{
    /// <summary>The longest canonical name, in octets of UTF-8 (Cyrus: CANON_BUF_SIZE).</summary>
    public const int MaxLength = 1024;

    private static readonly char[] s_whiteSpace = [.. " \t\n\v\f\r"];

    private DefaultCanonicalizer()
    {
    }

    /// <summary>The one instance.</summary>
    public static DefaultCanonicalizer Instance { get; } = new();

    /// <inheritdoc/>
    public ValueTask<SaslUser?> CanonicalizeAsync(string name, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(service);
        return new(Canonicalize(name, service.Realm));
    }

    private static SaslUser? Canonicalize(string name, string defaultRealm)
    {
        // What C's isspace takes for white space is trimmed before preparation, which would refuse the tabs and line ends among it.
        if (name.Length > MaxLength || !SaslPrep.TryQuery(name.Trim(s_whiteSpace), out string? prepared))
            return null;

        string trimmed = prepared.Trim(' ');
        int at = trimmed.IndexOf('@', StringComparison.Ordinal);
        (string local, string realm) = at < 0 ? (trimmed, defaultRealm) : (trimmed[..at], trimmed[(at + 1)..]);
        bool usable = local.Length > 0
            && (at < 0 || realm.Length > 0)
            && Encoding.UTF8.GetByteCount(local) + (realm.Length == 0 ? 0 : 1 + Encoding.UTF8.GetByteCount(realm)) <= MaxLength;
        return usable ? new SaslUser(local, realm) : null;
    }
}
