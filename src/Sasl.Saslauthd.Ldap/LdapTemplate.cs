using System.Globalization;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Fills in a template of <c>saslauthd.conf</c>, for a filter or for a DN.</summary>
/// <remarks>The original escapes all values for filters, also those that go into a DN, where a comma is another place in the tree.</remarks>
internal sealed class LdapTemplate(SaslUser user, string service, string defaultRealm, string? userDn)
{
    private const string Known = "%uUdsrR123456789";

    // What RFC 4514 section 2.4 wants escaped; at the ends of a value also white space and '#'.
    private const string DnSpecials = "\"+,;<>\\=#";

    private readonly string _realm = user.Realm.Length > 0 ? user.Realm : defaultRealm;

    /// <summary>Whether a letter stands behind a percent sign that counts.</summary>
    public static bool Uses(string template, char token) => Tokens(template).Contains(token);

    /// <summary>The first token that means nothing; null when all mean something.</summary>
    public static char? FindUnknown(string template, bool knowsDn)
    {
        foreach (char token in Tokens(template))
        {
            if (!Known.Contains(token, StringComparison.Ordinal) && !(knowsDn && token is 'D'))
                return token;
        }
        return null;
    }

    /// <summary>The template as a filter (RFC 4515).</summary>
    public string ToFilter(string template) => Fill(template, EscapeForFilter, EscapeForFilter);

    /// <summary>The template as a DN (RFC 4514). The user's DN is one already.</summary>
    public string ToDn(string template) => Fill(template, EscapeForDn, static dn => dn);

    /// <summary>A value as it stands in a filter: everything but letters, digits and a few signs as octets of UTF-8 in hexadecimal.</summary>
    public static string EscapeForFilter(string value) => Escape(value, static octet =>
        octet is >= 0x80 || (octet is > 0x20 and < 0x7f && octet is not ((byte)'*' or (byte)'(' or (byte)')' or (byte)'\\')) || octet is 0x20);

    /// <summary>A value as it stands in a DN.</summary>
    public static string EscapeForDn(string value)
    {
        string escaped = Escape(value, static octet => octet is >= 0x80 || (octet is >= 0x20 and < 0x7f && !DnSpecials.Contains((char)octet, StringComparison.Ordinal)));
        if (escaped.StartsWith(' '))
            escaped = "\\20" + escaped[1..];
        return escaped.EndsWith(' ') ? escaped[..^1] + "\\20" : escaped;
    }

    private static string Escape(string value, Func<byte, bool> isPlain)
    {
        var octets = new List<byte>(value.Length);
        foreach (byte octet in Encoding.UTF8.GetBytes(value))
        {
            if (isPlain(octet))
                octets.Add(octet);
            else
                octets.AddRange(Encoding.ASCII.GetBytes("\\" + octet.ToString("x2", CultureInfo.InvariantCulture)));
        }
        return Encoding.UTF8.GetString([.. octets]);
    }

    private static IEnumerable<char> Tokens(string template)
    {
        for (int i = 0; i < template.Length; i++)
        {
            if (template[i] != '%')
                continue;
            i++;
            yield return i < template.Length ? template[i] : '\0';
        }
    }

    private string Fill(string template, Func<string, string> escape, Func<string, string> escapeDn)
    {
        var text = new StringBuilder();
        for (int i = 0; i < template.Length; i++)
        {
            if (template[i] != '%' || i + 1 == template.Length)
                text.Append(template[i]);
            else if (template[++i] is '%')
                text.Append('%');
            else
                text.Append(template[i] is 'D' ? escapeDn(userDn ?? "") : escape(ValueOf(template[i])));
        }
        return text.ToString();
    }

    private string ValueOf(char token)
    {
        int at = user.Name.LastIndexOf('@');
        string domain = at < 0 ? "" : user.Name[(at + 1)..];
        return token switch
        {
            'u' => user.Name,
            'U' => at < 0 ? user.Name : user.Name[..at],
            'd' => domain,
            's' => service,
            'r' => _realm,
            'R' => _realm.Length == 0 ? "" : "@" + _realm,
            >= '1' and <= '9' => domain.Split('.') is var labels && labels.Length >= token - '0' ? labels[^(token - '0')] : "",
            _ => "",
        };
    }
}
