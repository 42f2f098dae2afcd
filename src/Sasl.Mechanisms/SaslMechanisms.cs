using System.Collections.Immutable;

namespace Sasl.Mechanisms;

/// <summary>The mechanisms this library has. Adding one means adding its folder and its line here.</summary>
public static class SaslMechanisms
{
    /// <summary>PLAIN, RFC 4616: the password itself, inside TLS.</summary>
    public static SaslMechanism Plain => PlainMechanism.Plain;

    /// <summary>LOGIN: the password itself, for clients that know nothing else, inside TLS.</summary>
    public static SaslMechanism Login => LoginMechanism.Login;

    /// <summary>ANONYMOUS, RFC 4505. Used only where a list names it.</summary>
    public static SaslMechanism Anonymous => AnonymousMechanism.Anonymous;

    /// <summary>EXTERNAL, RFC 4422 appendix A: the identity of a verified client certificate.</summary>
    public static SaslMechanism External => ExternalMechanism.External;

    /// <summary>CRAM-MD5, RFC 2195. Legacy; used only where a list names it, and only with passwords stored in plain text.</summary>
    public static SaslMechanism CramMd5 => CramMd5Mechanism.CramMd5;

    /// <summary>All of them with their default options, in Cyrus SASL's order of strength; SCRAM's are named one by one in <see cref="ScramMechanisms"/>.</summary>
    /// <remarks>Legacy ones and ANONYMOUS are used only where a list names them.</remarks>
    public static ImmutableArray<SaslMechanism> Standard { get; } = Create(ScramOptions.Default);

    /// <summary>All of them, in the same order, with options of one's own.</summary>
    /// <param name="scram">SCRAM's options.</param>
    public static ImmutableArray<SaslMechanism> Create(ScramOptions scram) =>
        [.. ScramMechanisms.Create(scram), External, CramMd5, Plain, Login, Anonymous];
}
