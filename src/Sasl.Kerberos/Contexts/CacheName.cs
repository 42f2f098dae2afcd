using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Sasl.Kerberos;

/// <summary>Makes the name of a credential cache from the template <c>ccache_store</c>.</summary>
internal static class CacheName
{
    private static readonly SearchValues<char> s_harmless =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+-");

    /// <summary>Fills the template in.</summary>
    /// <param name="template">The template; see <see cref="KerberosOptions.CcacheStore"/>.</param>
    /// <param name="user">Who has logged in.</param>
    /// <param name="name">The name; null when there is none.</param>
    /// <param name="why">Why there is none, as a clause; null when there is one.</param>
    public static bool TryMake(string template, string user, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? why)
    {
        name = null;
        var text = new StringBuilder();
        for (int i = 0; i < template.Length; i++)
        {
            if (template[i] != '%')
            {
                text.Append(template[i]);
                continue;
            }
            if (++i == template.Length || Value(template[i], user) is not { } value)
            {
                why = i == template.Length ? "ccache_store ends in a percent sign" : WhyNot(template[i], user);
                return false;
            }
            text.Append(value);
        }
        (name, why) = (text.ToString(), null);
        return true;
    }

    private static string? Value(char token, string user) => token switch
    {
        '%' => "%",
        'U' => IsHarmless(user) ? user : null,
        'u' => IsHarmless(user) && UnixAccounts.FindNumber(user) is { } number ? Text(number) : null,
        'E' => IsHarmless(Environment.UserName) ? Environment.UserName : null,
        'e' => OperatingSystem.IsWindows() ? null : Text(UnixAccounts.OwnNumber()),
        'p' => Text((uint)Environment.ProcessId),
        _ => null,
    };

    private static string WhyNot(char token, string user) => token switch
    {
        'U' => "a user's name has characters that no file name should have",
        'u' => IsHarmless(user) ? "the system knows no such user, so that ccache_store's %u means nothing" : WhyNot('U', user),
        'e' or 'E' => "the server's own user is not known",
        _ => "ccache_store takes %u %U %e %E %p and %%",
    };

    // A name with a slash or of dots alone would lead to another folder.
    private static bool IsHarmless(string user) => user.Length > 0 && user[0] != '.' && !user.AsSpan().ContainsAnyExcept(s_harmless);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
