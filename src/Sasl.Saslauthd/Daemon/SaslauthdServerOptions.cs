using System.Net;

namespace Sasl.Saslauthd;

/// <summary>How a <see cref="SaslauthdServer"/> serves.</summary>
public sealed record SaslauthdServerOptions
{
    /// <summary>Debian's run directory.</summary>
    public const string DefaultRunDirectory = "/var/run/saslauthd";

    /// <summary>The most connections that <see cref="MaxConnections"/> can allow.</summary>
    public const int ConnectionLimit = 100_000;

    /// <summary>The directory of the socket <c>mux</c>, as an absolute path; made when it is missing (<c>-m</c>).</summary>
    public string RunDirectory { get; init; } = DefaultRunDirectory;

    /// <summary>A group, by name or number, that gets the socket, and the run directory with mode 0710 where that is made; null leaves both to
    /// the daemon's own group, and makes the directory with mode 0755.</summary>
    public string? Group { get; init; }

    /// <summary>The checker's name in the log: <c>pam</c>.</summary>
    public string CheckerName { get; init; } = "custom";

    /// <summary>Whether the checker is asked for <c>login@realm</c> where the request names a realm (<c>-r</c>). It gets the realm as well,
    /// as from the original.</summary>
    public bool JoinRealm { get; init; }

    /// <summary>How many connections there are at most. At the bound a new one takes the place of the one that has kept silent the longest.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>How many passwords are being checked at once (<c>-n</c>); others wait for their turn, remembered logins do not. 0 sets no bound
    /// but <see cref="MaxConnections"/>.</summary>
    public int MaxChecks { get; init; } = 32;

    /// <summary>How long a peer may take to send its request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a peer waits at most for its turn and the checker; then the answer is <c>NO</c>.</summary>
    public TimeSpan CheckTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long requests under way may take to end when the daemon stops.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What remembers confirmed logins (<c>-c</c>); null remembers nothing. Stays the caller's.</summary>
    public SaslauthdCache? Cache { get; init; }

    /// <summary>This host's name, for checkers that want it.</summary>
    public string ServerName { get; init; } = Dns.GetHostName();

    /// <summary>Where the log goes. They stay the caller's.</summary>
    public IReadOnlyList<SaslauthdLog> Logs { get; init; } = [];

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws unless every option can work.</summary>
    /// <exception cref="SaslConfigurationException">One cannot.</exception>
    internal void Validate()
    {
        if (!Path.IsPathRooted(RunDirectory))
            throw new SaslConfigurationException($"The run directory must be an absolute path; \"{RunDirectory}\" is none.");
        Require(MaxConnections is >= 1 and <= ConnectionLimit, nameof(MaxConnections), $"from 1 to {ConnectionLimit}");
        Require(MaxChecks is >= 0 and <= ConnectionLimit, nameof(MaxChecks), $"from 0 to {ConnectionLimit}");
        Require(IsTime(RequestTimeout), nameof(RequestTimeout), "a time above zero, at most a day");
        Require(IsTime(CheckTimeout), nameof(CheckTimeout), "a time above zero, at most a day");
        Require(StopTimeout >= TimeSpan.Zero && StopTimeout <= TimeSpan.FromDays(1), nameof(StopTimeout), "a time from zero to a day");
        Require(CheckerName.Length > 0, nameof(CheckerName), "a name");
        Require(Logs is not null && !Logs.Contains(null!), nameof(Logs), "a list without null");
    }

    private static bool IsTime(TimeSpan time) => time > TimeSpan.Zero && time <= TimeSpan.FromDays(1);

    private static void Require(bool holds, string option, string wanted)
    {
        if (!holds)
            throw new SaslConfigurationException($"saslauthd's {option} must be {wanted}.");
    }
}
