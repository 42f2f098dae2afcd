using System.Buffers;
using System.Text;

namespace Sasl.Smtp;

/// <summary>The keys under which Postfix looks for an address in a table, in its order (mail_addr_find.c).</summary>
/// <remarks>
/// 1. the address, 2. the address without its extension, 3. for a local domain the local part, then that without its extension,
/// 4. <c>@domain</c>. Each with the local part quoted where it needs it, then as it is.
/// </remarks>
internal static class AddressKeys
{
    // What RFC 822 does not allow in an unquoted local part; dots are looked at separately.
    private static readonly SearchValues<char> s_specials = SearchValues.Create("()<>@,;:\\\"[] ");

    private static readonly string[] s_neverSplit = ["postmaster", "mailer-daemon", "double-bounce"];

    /// <summary>Lists the keys.</summary>
    /// <param name="address">The address as it stands between the angle brackets of MAIL.</param>
    /// <param name="options">The delimiter of extensions and the local domains.</param>
    public static IReadOnlyList<string> Of(string address, SmtpMapOptions options)
    {
        (string local, string? domain) = Split(address);
        string? bare = WithoutExtension(local, options.RecipientDelimiter);
        string atDomain = domain is null ? "" : "@" + domain;

        var keys = new List<string>();
        AddBothForms(keys, local, atDomain);
        if (bare is not null)
            AddBothForms(keys, bare, atDomain);
        if (domain is not null)
        {
            if (options.IsLocal(domain))
            {
                AddBothForms(keys, local, "");
                if (bare is not null)
                    AddBothForms(keys, bare, "");
            }
            Add(keys, atDomain);
        }
        return keys;
    }

    private static void AddBothForms(List<string> keys, string local, string atDomain)
    {
        Add(keys, Quote(local) + atDomain);
        Add(keys, local + atDomain);
    }

    private static void Add(List<string> keys, string key)
    {
        string folded = PostfixTable.Fold(key);
        if (!keys.Contains(folded))
            keys.Add(folded);
    }

    // The local part without quotation marks, and the domain; null when there is none.
    private static (string Local, string? Domain) Split(string address)
    {
        var local = new StringBuilder();
        int at = -1;
        int atInSource = -1;
        bool quoted = false;
        for (int i = 0; i < address.Length; i++)
        {
            char character = address[i];
            if (character == '"')
            {
                quoted = !quoted;
                continue;
            }
            if (character == '@' && !quoted)
                (at, atInSource) = (local.Length, i);
            else if (character == '\\')
            {
                if (++i == address.Length)
                    break;
                character = address[i];
            }
            local.Append(character);
        }
        return at < 0 ? (local.ToString(), null) : (local.ToString(0, at), address[(atInSource + 1)..]);
    }

    private static string Quote(string local)
    {
        bool isDotString = local.Length > 0
            && local[0] != '.' && local[^1] != '.' && !local.Contains("..", StringComparison.Ordinal)
            && !local.AsSpan().ContainsAny(s_specials) && !local.Any(char.IsControl);
        return isDotString ? local
            : $"\"{local.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    // split_addr.c. Null when there is no extension, or what precedes it would be empty.
    private static string? WithoutExtension(string local, string delimiters)
    {
        if (s_neverSplit.Contains(local, StringComparer.OrdinalIgnoreCase))
            return null;
        if (delimiters.Contains('-', StringComparison.Ordinal)
            && (local.StartsWith("owner-", StringComparison.OrdinalIgnoreCase) || IsRequest(local)))
        {
            return null;
        }
        int extension = local.AsSpan().IndexOfAny(delimiters);
        return extension > 0 ? local[..extension] : null;
    }

    private static bool IsRequest(string local)
    {
        const string suffix = "-request";
        return local.Length > suffix.Length && local.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
    }
}
