using System.Text;

namespace Sasl.Smtp;

/// <summary>Who may send as whom, in the form of Postfix's <c>smtpd_sender_login_maps</c>: lines <c>address login, login</c>.</summary>
/// <remarks>
/// The first of these keys that has an entry decides (mail_addr_find.c): the address; the address without its extension; for a local domain
/// the local part with and without the extension; <c>@domain</c>. Keys are compared without regard to case. Thread-safe.
/// </remarks>
public sealed class SmtpSenderLogins : ISenderLoginSource
{
    private static readonly char[] s_separators = [' ', '\t', '\r', '\n', ','];

    private readonly Dictionary<string, string[]> _owners = new(StringComparer.Ordinal);
    private readonly SmtpMapOptions _options;

    private SmtpSenderLogins(SmtpMapOptions options) => _options = options;

    /// <summary>How many entries there are.</summary>
    public int Count => _owners.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The source file, not what postmap makes of it.</param>
    /// <param name="options">How to read and search; null takes the defaults.</param>
    /// <exception cref="SaslConfigurationException">It cannot be read, or a line means nothing; the message has file and line.</exception>
    public static SmtpSenderLogins Load(string path, SmtpMapOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(PostfixTable.ReadFile(path), path, options);
    }

    /// <summary>Reads a table that is in memory already.</summary>
    /// <param name="content">The table.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="options">How to read and search; null takes the defaults.</param>
    /// <exception cref="SaslConfigurationException">A line means nothing.</exception>
    public static SmtpSenderLogins Parse(ReadOnlySpan<byte> content, string source, SmtpMapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new SmtpMapOptions();
        var logins = new SmtpSenderLogins(options);
        var table = new PostfixTable(source, options);
        table.Read(content, (key, value, line) => logins.Add(table, key, value, line));
        return logins;
    }

    /// <summary>Finds the owners of an address.</summary>
    /// <param name="sender">The address as it stands between the angle brackets of MAIL.</param>
    /// <returns>Null when nobody owns it.</returns>
    public IReadOnlyList<string>? FindOwners(string sender)
    {
        ArgumentNullException.ThrowIfNull(sender);
        foreach (string key in AddressKeys.Of(sender, _options))
        {
            if (_owners.TryGetValue(key, out string[]? owners))
                return owners;
        }
        return null;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>?> FindOwnersAsync(string sender, CancellationToken cancellationToken) => new(FindOwners(sender));

    private void Add(PostfixTable table, string key, ReadOnlySpan<byte> value, int line)
    {
        string[] owners = Encoding.UTF8.GetString(value).Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
        if (!_owners.TryAdd(key, owners))
            table.Warn(line, "the key has an entry already, which counts");
    }
}
