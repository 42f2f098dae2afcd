using System.Globalization;
using System.Net;

namespace Sasl.Saslauthd;

/// <summary>Which form <c>httpform</c> posts, and where.</summary>
public sealed record HttpFormOptions
{
    /// <summary>The longest time limit of <c>httpform_timeout</c>, in seconds.</summary>
    public const int MaxTimeoutSeconds = 600;

    /// <summary>The web server's name or address.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Its port.</summary>
    public int Port { get; init; } = 80;

    /// <summary>The form's path, with a query where it has one; begins with a slash.</summary>
    public required string Path { get; init; }

    /// <summary>What is posted. <c>%u</c> stands for the user, <c>%p</c> for the password, <c>%r</c> for the realm, each URL-encoded, and <c>%%</c>
    /// for a percent sign. Any other percent sign stays as it is.</summary>
    public required string Data { get; init; }

    /// <summary>Whether the request goes through TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>A PEM file of the only authorities that may have issued the server's certificate; null takes the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many connections there are at once.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>Reads the keys that begin with <c>httpform_</c>.</summary>
    /// <param name="configuration">What <c>saslauthd.conf</c> says.</param>
    /// <exception cref="SaslConfigurationException">A key is missing or cannot be used; the message names file, line and what is accepted.</exception>
    public static HttpFormOptions From(SaslConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        bool tls = configuration.Flag("httpform_tls");
        string host = configuration["httpform_host"] ?? "localhost";
        string? caFile = configuration["httpform_tls_cacert_file"];
        if (Uri.CheckHostName(host) is UriHostNameType.Unknown)
            throw configuration.Error("httpform_host", "it is no name or address of a host");
        if (caFile is not null && !tls)
            throw configuration.Error("httpform_tls_cacert_file", "it has a meaning with httpform_tls: yes only");
        return new HttpFormOptions
        {
            Host = host,
            Port = ReadPort(configuration, tls),
            Path = ReadPath(configuration),
            Data = ReadData(configuration),
            Tls = tls,
            CaFile = caFile,
            Timeout = TimeSpan.FromSeconds(configuration.Number("httpform_timeout", 30, 1, MaxTimeoutSeconds)),
        };
    }

    // The original passes it to getaddrinfo, which knows names, too.
    private static int ReadPort(SaslConfiguration configuration, bool tls) => configuration["httpform_port"] switch
    {
        null => tls ? 443 : 80,
        "http" => 80,
        "https" => 443,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= IPEndPoint.MaxPort
            ? port
            : throw configuration.Error("httpform_port", "accepted are http, https and numbers from 1 to 65535"),
    };

    private static string ReadPath(SaslConfiguration configuration)
    {
        string path = configuration["httpform_uri"] ?? throw configuration.Error("httpform_uri", "it is not set; it has to be the form's path, such as /login");
        return path[0] == '/' && path.All(static letter => letter is > ' ' and < '\x7f' and not '#')
            ? path
            : throw configuration.Error("httpform_uri", "it has to begin with a slash, and may have printable ASCII without white space and '#' only");
    }

    private static string ReadData(SaslConfiguration configuration)
    {
        string data = configuration["httpform_data"]
            ?? throw configuration.Error("httpform_data", "it is not set; it has to be the form's fields, such as user=%u&password=%p");
        return HttpFormTemplate.Uses(data, 'p') && HttpFormTemplate.Uses(data, 'u')
            ? data
            : throw configuration.Error("httpform_data", "it has no %u or no %p, so that any user or any password would do");
    }
}
