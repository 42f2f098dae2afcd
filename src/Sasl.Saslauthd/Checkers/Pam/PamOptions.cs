namespace Sasl.Saslauthd;

/// <summary>How <see cref="PamVerifier"/> asks PAM.</summary>
public sealed record PamOptions
{
    /// <summary>The folder with the files of the services; null for the system's, <c>/etc/pam.d</c>. Another one needs Linux-PAM 1.4.</summary>
    public string? ConfigurationDirectory { get; init; }

    /// <summary>Whether PAM gets <c>login@realm</c> for a user with a realm. PAM's modules mostly know bare names, so the realm is left out
    /// unless this is set.</summary>
    public bool JoinRealm { get; init; }

    /// <summary>Whether the delay that modules want after a failure is left to the caller (<see cref="PasswordVerdict.Delay"/>), who can let others be
    /// checked meanwhile.</summary>
    public bool LeaveDelayToCaller { get; init; }

    /// <summary>Takes a sentence for the administrator, on any thread: once for each service that has no file of its own.</summary>
    public Action<string> Warn { get; init; } = static _ => { };

    /// <summary>Times the delay that modules want after a failure.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
