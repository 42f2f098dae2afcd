using System.Globalization;
using System.Net;

namespace Sasl.Saslauthd;

/// <summary>Which IMAP server <c>rimap</c> asks, and how.</summary>
public sealed record RimapOptions
{
    /// <summary>The port of IMAP, and of STARTTLS.</summary>
    public const int DefaultPort = 143;

    /// <summary>The port of IMAP with TLS from the first octet.</summary>
    public const int DefaultTlsPort = 993;

    /// <summary>The longest time limit that <c>-O</c> may set, in seconds.</summary>
    public const int MaxTimeoutSeconds = 600;

    private const string Accepted = "accepted are HOST, HOST/PORT, imap://HOST[:PORT][?starttls] and imaps://HOST[:PORT]";

    /// <summary>The server's name or address. With TLS its certificate has to be for it.</summary>
    public required string Host { get; init; }

    /// <summary>The server's port.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>How the connection is protected.</summary>
    public RimapTls Tls { get; init; } = RimapTls.None;

    /// <summary>A PEM file of the only authorities that may have issued the server's certificate; null takes the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>How long one login may take, from the connection to the answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many connections there are at once. Further logins wait for one, within <see cref="Timeout"/>.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>Whether the connection stays on this machine, as far as its name tells.</summary>
    public bool IsLoopback =>
        Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Reads the text of <c>saslauthd -a rimap -O text</c>.</summary>
    /// <remarks>
    /// <code>
    /// text      = host [ "/" port ]                                       ; as the original
    ///           / ( "imap" / "imaps" ) "://" host [ ":" port ] [ "/" ] [ "?" parameter *( "&amp;" parameter ) ]
    /// parameter = "starttls" / "cacert=" path / "timeout=" seconds
    /// </code>
    /// </remarks>
    /// <param name="text">The text.</param>
    /// <exception cref="SaslConfigurationException">It is none of these; the message says what is accepted.</exception>
    public static RimapOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains("://", StringComparison.Ordinal) ? ParseAddress(text) : ParseHostAndPort(text);
    }

    private static RimapOptions ParseHostAndPort(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? text : text[..slash];
        if (host is ['[', .., ']'])
            host = host[1..^1];
        return new RimapOptions { Host = CheckHost(host), Port = slash < 0 ? DefaultPort : ParsePort(text[(slash + 1)..]) };
    }

    private static RimapOptions ParseAddress(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.UserInfo.Length > 0 || address.AbsolutePath is not ("" or "/")
            || address.Fragment.Length > 0)
        {
            throw Wrong("this is no address of an IMAP server");
        }
        RimapOptions options = address.Scheme switch
        {
            "imap" => new RimapOptions { Host = CheckHost(address.IdnHost.Trim('[', ']')), Port = PortOf(address, DefaultPort) },
            "imaps" => new RimapOptions { Host = CheckHost(address.IdnHost.Trim('[', ']')), Port = PortOf(address, DefaultTlsPort), Tls = RimapTls.Implicit },
            _ => throw Wrong($"'{address.Scheme}' is no scheme of IMAP"),
        };
        foreach (string parameter in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            options = options.With(parameter);
        return options.CaFile is not null && options.Tls is RimapTls.None ? throw Wrong("cacert has a meaning with TLS only") : options;
    }

    private RimapOptions With(string parameter) => parameter.Split('=', 2) switch
    {
        ["starttls"] when Tls is RimapTls.Implicit => throw Wrong("imaps begins with TLS and has no STARTTLS"),
        ["starttls"] => this with { Tls = RimapTls.StartTls },
        ["cacert", { Length: > 0 } path] => this with { CaFile = Uri.UnescapeDataString(path) },
        ["timeout", var seconds] => this with { Timeout = ParseTimeout(seconds) },
        _ => throw Wrong("the parameters of the address are starttls, cacert=FILE and timeout=SECONDS"),
    };

    private static int PortOf(Uri address, int otherwise) =>
        address.Port is -1 ? otherwise : address.Port is 0 ? throw Wrong("a port is a number from 1 to 65535") : address.Port;

    private static int ParsePort(string text) => text switch
    {
        "imap" => DefaultPort,
        "imaps" => throw Wrong("the port of imaps needs TLS: write imaps://HOST"),
        _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= IPEndPoint.MaxPort
            ? port
            : throw Wrong("a port is imap or a number from 1 to 65535"),
    };

    private static TimeSpan ParseTimeout(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is > 0 and <= MaxTimeoutSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Wrong($"timeout is a number of seconds from 1 to {MaxTimeoutSeconds}");

    private static string CheckHost(string host) =>
        Uri.CheckHostName(host) is UriHostNameType.Unknown ? throw Wrong("the host is missing, or no name or address") : host;

    private static SaslConfigurationException Wrong(string problem) => new($"rimap: -O: {problem}; {Accepted}");
}
