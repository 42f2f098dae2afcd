using System.Buffers;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Fills in <c>httpform_data</c>.</summary>
internal static class HttpFormTemplate
{
    private static readonly SearchValues<byte> s_unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    /// <summary>Whether a letter stands behind a percent sign that counts.</summary>
    public static bool Uses(string template, char token) => Tokens(template).Contains(token);

    /// <summary>The letters behind percent signs, in order; a NUL for a percent sign at the end.</summary>
    public static IEnumerable<char> Tokens(string template)
    {
        for (int i = template.IndexOf('%', StringComparison.Ordinal); i >= 0 && i < template.Length; i = template.IndexOf('%', i))
        {
            yield return i + 1 < template.Length ? template[i + 1] : '\0';
            i += 2;
            if (i >= template.Length)
                yield break;
        }
    }

    /// <summary>Writes the template with its tokens replaced. What is filled in cannot end a field: all but letters, digits and <c>-._~</c> is encoded.</summary>
    public static void Fill(string template, SaslUser user, ReadOnlySpan<byte> password, SecureBufferWriter output)
    {
        ReadOnlySpan<char> rest = template;
        while (!rest.IsEmpty)
        {
            int percent = rest.IndexOf('%');
            output.Write(Encoding.UTF8.GetBytes(rest[..(percent < 0 ? rest.Length : percent)].ToString()));
            if (percent < 0)
                return;
            rest = rest[percent..];
            char token = rest.Length > 1 ? rest[1] : '\0';
            switch (token)
            {
                case 'u':
                    Encode(Encoding.UTF8.GetBytes(user.Name), output);
                    break;
                case 'p':
                    Encode(password, output);
                    break;
                case 'r':
                    Encode(Encoding.UTF8.GetBytes(user.Realm), output);
                    break;
                default:
                    output.Write("%"u8);    // and what follows stays, but for the second of two
                    rest = rest[(token == '%' ? 2 : 1)..];
                    continue;
            }
            rest = rest[2..];
        }
    }

    private static void Encode(ReadOnlySpan<byte> octets, SecureBufferWriter output)
    {
        ReadOnlySpan<byte> digits = "0123456789ABCDEF"u8;
        foreach (byte octet in octets)
        {
            if (s_unreserved.Contains(octet))
                output.Write([octet]);
            else
                output.Write([(byte)'%', digits[octet >> 4], digits[octet & 15]]);
        }
    }
}
