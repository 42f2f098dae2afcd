namespace Sasl.Saslauthd;

/// <summary>What a checker may know while it is made.</summary>
public sealed record SaslauthdCheckerContext
{
    /// <summary>The text of <c>saslauthd -O</c>: a host for <c>rimap</c>, a configuration file for <c>ldap</c>, <c>kerberos5</c> and <c>httpform</c>;
    /// null when it was not given.</summary>
    public string? Option { get; init; }

    /// <summary>Where checks run that hold a thread, such as PAM's.</summary>
    public required SaslWorkQueue Work { get; init; }

    /// <summary>Takes a sentence for the administrator, at any time, on any thread. Never pass it a secret.</summary>
    public Action<string> Warn { get; init; } = static _ => { };

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
