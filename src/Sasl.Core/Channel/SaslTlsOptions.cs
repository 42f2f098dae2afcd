namespace Sasl;

/// <summary>How <see cref="SaslChannel.FromTls"/> reads a TLS connection.</summary>
public sealed record SaslTlsOptions
{
    internal static SaslTlsOptions Default { get; } = new();

    /// <summary>Which name of a verified client certificate becomes <see cref="SaslChannel.ExternalIdentity"/>. None by default.</summary>
    /// <remarks>The identity exists only if the certificate holds exactly one such name, and the name has no control character.</remarks>
    public SaslCertificateIdentity Identity { get; init; }

    /// <summary>
    /// Whether the first subjectAltName of the chosen kind is taken when the certificate holds several. Otherwise several are
    /// as good as none.
    /// </summary>
    public bool TakeFirstAlternativeName { get; init; }

    /// <summary>Channel-binding data the application knows itself; asked before what is found here. Null when it knows none.</summary>
    /// <remarks>
    /// Fill this where <see cref="SaslChannel.FromTls"/> finds no <c>tls-exporter</c>, as outside Linux. One object belongs to one
    /// connection.
    /// </remarks>
    public SaslChannelBindings? Bindings { get; init; }

    /// <summary>The types of channel binding to use, the preferred one first; others are left out. Null uses every type there is.</summary>
    /// <remarks>
    /// Without it the order is that of RFC 9266 section 3: <c>tls-exporter</c> first on TLS 1.3; <c>tls-unique</c>, then
    /// <c>tls-exporter</c>, before it; <c>tls-server-end-point</c> last, since it does not tell one connection from another.
    /// </remarks>
    public IReadOnlyList<string>? BindingTypes { get; init; }
}
