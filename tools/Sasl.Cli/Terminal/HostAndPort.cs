using System.Globalization;
using System.Net;

namespace Sasl.Cli;

/// <summary>A server's address as users type it: <c>mail.example.com:587</c>, <c>192.0.2.1:25</c> or <c>[2001:db8::1]:25</c>.</summary>
internal sealed record HostAndPort(string Host, int Port)
{
    /// <summary>Reads an address; null when it is not of that form.</summary>
    public static HostAndPort? Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
            return null;
        string host = text[..colon];
        if (host is ['[', .. var inner, ']'])
            return IPAddress.TryParse(inner, out _) ? new HostAndPort(inner, port) : null;
        // An IPv6 address without brackets: where it ends is anybody's guess.
        return host.Contains(':', StringComparison.Ordinal) || Uri.CheckHostName(host) is UriHostNameType.Unknown ? null : new HostAndPort(host, port);
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
