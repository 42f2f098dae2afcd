using System.Buffers;

namespace Sasl;

/// <summary>A mechanism as data: its registered name, what it promises, what it needs, and how to start one exchange.</summary>
/// <remarks>Immutable and stateless; everything that happens during one conversation lives in a <see cref="SaslExchange"/>.</remarks>
public sealed record SaslMechanism
{
    /// <summary>The longest name (RFC 4422 section 3.1).</summary>
    public const int MaxNameLength = 20;

    private const string PlusSuffix = "-PLUS";

    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <summary>Names a mechanism.</summary>
    /// <param name="name">1 to 20 of A-Z, 0-9, "-" and "_" (RFC 4422 section 3.1).</param>
    /// <exception cref="ArgumentException">The name is not of that form.</exception>
    public SaslMechanism(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MaxNameLength || name.AsSpan().ContainsAnyExcept(s_nameCharacters))
            throw new ArgumentException("A SASL mechanism name has 1 to 20 of A-Z, 0-9, '-' and '_' (RFC 4422 section 3.1).", nameof(name));
        Name = name;
        BaseName = name.EndsWith(PlusSuffix, StringComparison.Ordinal) ? name[..^PlusSuffix.Length] : name;
    }

    /// <summary>The IANA-registered name, upper case.</summary>
    public string Name { get; }

    /// <summary>The name without <c>-PLUS</c>: what <c>mech_list</c> and Cyrus SASL's programs call both variants.</summary>
    public string BaseName { get; }

    /// <summary>What the mechanism guarantees; compared with what a policy requires.</summary>
    public SaslSecurityFlags Security { get; init; }

    /// <summary>The strongest security layer it can negotiate, in bits; 0 when it has none.</summary>
    public int MaxSsf { get; init; }

    /// <summary>Who may speak first.</summary>
    public SaslFirstMove FirstMove { get; init; } = SaslFirstMove.Client;

    /// <summary>Whether it carries an authorization identity.</summary>
    public bool AllowsProxy { get; init; }

    /// <summary>Whether it cannot work without channel-binding data (the -PLUS variants).</summary>
    public bool RequiresChannelBinding { get; init; }

    /// <summary>Whether it may be used only where a list names it: legacy mechanisms, ANONYMOUS, and a client's EXTERNAL.</summary>
    public bool OnlyWhenNamed { get; init; }

    /// <summary>Why the platform cannot run it, such as a missing hash function; null when it can.</summary>
    public string? MissingOnPlatform { get; init; }

    /// <summary>What a server must be configured with before it may offer this mechanism.</summary>
    public SaslServerNeeds ServerNeeds { get; init; }

    /// <summary>What a client must hold before it may choose this mechanism.</summary>
    public SaslClientNeeds ClientNeeds { get; init; }

    /// <summary>Starts the server side; <see langword="null"/> when there is none.</summary>
    public Func<SaslServerContext, SaslExchange>? Server { get; init; }

    /// <summary>Starts the client side; <see langword="null"/> when there is none.</summary>
    public Func<SaslClientContext, SaslExchange>? Client { get; init; }

    /// <summary>Makes what the mechanism stores of a new password; <see langword="null"/> when it stores nothing.</summary>
    public SaslSecretDeriver? DeriveSecrets { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
