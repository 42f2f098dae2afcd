using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Smtp;

/// <summary>A client's passwords in the form of Postfix's <c>smtp_sasl_password_maps</c>: lines <c>destination username:password</c>.</summary>
/// <remarks>
/// <para>Keys are looked for in this order, which is Postfix's (smtp_sasl_glue.c):</para>
/// <list type="number">
/// <item>where <see cref="SmtpDestination.Sender"/> is set: the sender, the sender without its extension, for a local domain its local
/// part with and without the extension, <c>@domain</c>;</item>
/// <item>the host name;</item>
/// <item>the next hop as the configuration has it. Without a next hop, what it could have been: <c>[host]:port</c>, <c>host:port</c>,
/// <c>[host]</c>.</item>
/// </list>
/// <para>Keys are compared without regard to case. The value is split at the first delimiter; a value without one is a user name with an
/// empty password, as in Postfix. The map holds the passwords until it is disposed. Thread-safe.</para>
/// </remarks>
public sealed class SmtpPasswordMap : ISmtpCredentialSource, IDisposable
{
    private readonly Dictionary<string, SmtpCredential> _credentials = new(StringComparer.Ordinal);
    private readonly SmtpMapOptions _options;

    private SmtpPasswordMap(SmtpMapOptions options) => _options = options;

    /// <summary>How many entries there are.</summary>
    public int Count => _credentials.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The source file, not what postmap makes of it.</param>
    /// <param name="options">How to read and search; null takes the defaults.</param>
    /// <exception cref="SaslConfigurationException">It cannot be read, or a line means nothing; the message has file and line.</exception>
    public static SmtpPasswordMap Load(string path, SmtpMapOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new SmtpMapOptions();
        byte[] content = PostfixTable.ReadFile(path);
        try
        {
            WarnOfReaders(path, options);
            return Parse(content, path, options);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Reads a table that is in memory already. The caller erases it.</summary>
    /// <param name="content">The table.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="options">How to read and search; null takes the defaults.</param>
    /// <exception cref="SaslConfigurationException">A line means nothing.</exception>
    public static SmtpPasswordMap Parse(ReadOnlySpan<byte> content, string source, SmtpMapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new SmtpMapOptions();
        var map = new SmtpPasswordMap(options);
        try
        {
            var table = new PostfixTable(source, options);
            table.Read(content, (key, value, line) => map.Add(table, key, value, line));
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Finds the credential for a destination.</summary>
    /// <param name="destination">Where a client is about to log in.</param>
    /// <returns>The credential, a copy that the caller disposes, or null in it; and the keys that were tried.</returns>
    /// <exception cref="ObjectDisposedException">The map has been erased.</exception>
    public SmtpCredentialAnswer Find(SmtpDestination destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ImmutableArray<string>.Builder tried = ImmutableArray.CreateBuilder<string>();
        foreach (string key in KeysOf(destination))
        {
            tried.Add(key);
            if (_credentials.TryGetValue(key, out SmtpCredential? found))
            {
                var copy = new SmtpCredential(found.UserName, SaslSecret.FromOctets(found.Password.Span));
                return new SmtpCredentialAnswer(copy, tried.ToImmutable());
            }
        }
        return new SmtpCredentialAnswer(null, tried.ToImmutable());
    }

    /// <inheritdoc/>
    public ValueTask<SmtpCredentialAnswer> FindAsync(SmtpDestination destination, CancellationToken cancellationToken) =>
        new(Find(destination));

    /// <summary>Erases all passwords.</summary>
    public void Dispose()
    {
        foreach (SmtpCredential credential in _credentials.Values)
            credential.Dispose();
    }

    private static void WarnOfReaders(string path, SmtpMapOptions options)
    {
        if (OperatingSystem.IsWindows() || options.Warning is not { } warn)
            return;
        UnixFileMode mode = File.GetUnixFileMode(path);
        if (mode.HasFlag(UnixFileMode.OtherRead))
            warn($"{path}: everybody on this machine may read the passwords (mode {Convert.ToString((int)mode, 8)}); 0600 is enough.");
    }

    private IEnumerable<string> KeysOf(SmtpDestination destination)
    {
        var keys = new List<string>();
        if (!string.IsNullOrEmpty(destination.Sender))
            keys.AddRange(AddressKeys.Of(destination.Sender, _options));
        keys.Add(PostfixTable.Fold(destination.HostName));
        if (destination.NextHop is { } nextHop)
        {
            keys.Add(PostfixTable.Fold(nextHop));
        }
        else
        {
            string host = PostfixTable.Fold(destination.HostName);
            if (destination.Port is { } port)
                keys.AddRange([string.Create(null, $"[{host}]:{port}"), string.Create(null, $"{host}:{port}")]);
            keys.Add($"[{host}]");
        }
        return keys.Distinct();
    }

    private void Add(PostfixTable table, string key, ReadOnlySpan<byte> value, int line)
    {
        if (_credentials.ContainsKey(key))
        {
            table.Warn(line, "the key has an entry already, which counts");
            return;
        }
        Span<byte> delimiter = stackalloc byte[4];
        int length = new Rune(_options.PasswordDelimiter).EncodeToUtf8(delimiter);
        int at = value.IndexOf(delimiter[..length]);
        ReadOnlySpan<byte> name = at < 0 ? value : value[..at];
        ReadOnlySpan<byte> password = at < 0 ? default : value[(at + length)..];
        _credentials[key] = new SmtpCredential(Encoding.UTF8.GetString(name), SaslSecret.FromOctets(password));
    }
}
