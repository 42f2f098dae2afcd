using System.Collections.Immutable;

namespace Sasl.TestKit;

/// <summary>What a <see cref="SaslPair"/> consists of. Everything but the mechanisms has a value that works.</summary>
public sealed record SaslPairOptions
{
    /// <summary>The mechanisms that both sides have, such as <c>SaslMechanisms.Standard</c>. All of them are allowed, legacy ones too.</summary>
    public required ImmutableArray<SaslMechanism> Mechanisms { get; init; }

    /// <summary>Who logs in.</summary>
    public string UserName { get; init; } = "alice";

    /// <summary>The password that the server's store has, in plain text. It is a test's, and no secret.</summary>
    public string Password { get; init; } = "secret";

    /// <summary>The password that the client tries; null for the right one.</summary>
    public string? TriedPassword { get; init; }

    /// <summary>As whom to act; null to act as the user.</summary>
    public string? AuthorizationId { get; init; }

    /// <summary>The realm appended to the user's name; empty appends none.</summary>
    public string Realm { get; init; } = "";

    /// <summary>The connection, the same on both sides. The default is as good as TLS with a certificate of the user's.</summary>
    public SaslChannel Channel { get; init; } = new() { ExternalSsf = 256, ExternalIdentity = "alice" };

    /// <summary>The weakest and the strongest security layer to negotiate, in bits; a layer needs a channel that provides less.</summary>
    public (int Min, int Max) Ssf { get; init; } = (0, 256);

    /// <summary>The server's nonces and salts.</summary>
    public SaslNonceSource ServerNonces { get; init; } = SaslNonceSource.Random;

    /// <summary>The client's nonces.</summary>
    public SaslNonceSource ClientNonces { get; init; } = SaslNonceSource.Random;

    /// <summary>The time on both sides.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The stored forms that PLAIN and LOGIN read, in order; plain text alone unless set.</summary>
    public ImmutableArray<PasswordForm> PasswordForms { get; init; } = [PlainTextForm.Instance];

    /// <summary>Whether the server also stores what the mechanisms derive from the password, such as SCRAM's keys, as <c>sasl passwd</c> does.</summary>
    public bool StoreDerived { get; init; }

    /// <summary>Whether the last message may come together with success.</summary>
    public bool SuccessData { get; init; }

    /// <summary>Whether <see cref="SaslPairLogin.Messages"/> is filled; a benchmark would time the copying.</summary>
    public bool KeepMessages { get; init; } = true;

    /// <summary>Changes the server's options last; null changes nothing.</summary>
    public Func<SaslServerOptions, SaslServerOptions>? ConfigureServer { get; init; }

    /// <summary>Changes the client's options last; null changes nothing.</summary>
    public Func<SaslClientOptions, SaslClientOptions>? ConfigureClient { get; init; }
}
