using System.Net;
using System.Net.Security;

namespace Sasl;

public sealed partial record SaslChannel
{
    /// <summary>Describes a TLS connection: its strength, who the client certificate names, and its channel-binding data.</summary>
    /// <param name="stream">The connection, after its handshake. It is read, and stays the caller's.</param>
    /// <param name="options">How to read it; null for no identity and every binding.</param>
    /// <param name="local">This end of the connection, where known.</param>
    /// <param name="remote">The peer's end of the connection, where known.</param>
    /// <returns>
    /// A snapshot. Its <see cref="Bindings"/> ask the connection when they are asked, so they answer until it is disposed and not after.
    /// They may be asked from any thread, also while others read and write, but not during a renegotiation.
    /// </returns>
    /// <remarks>
    /// <para>
    /// <c>tls-exporter</c> (RFC 9266) and <c>tls-unique</c> (RFC 5929) need the OpenSSL of a Linux system. Elsewhere they are
    /// not among the types, unless the application supplies them as <see cref="SaslTlsOptions.Bindings"/>.
    /// Before TLS 1.3, <c>tls-exporter</c> needs the extended master secret and a stream that refuses renegotiation
    /// (<see cref="SslClientAuthenticationOptions.AllowRenegotiation"/> false, which is not a client's default), and
    /// <c>tls-unique</c> needs the extended master secret or a session that was not resumed.
    /// </para>
    /// <para>
    /// Only a server sees an identity, that of the peer's certificate after the handshake accepted it; a validation callback that
    /// accepts every certificate accepts whatever name the client wrote into it. A client that wants to use EXTERNAL says itself who it is:
    /// <c>SaslChannel.FromTls(stream) with { ExternalIdentity = "alice" }</c>.
    /// </para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">The handshake has not succeeded, or the stream is disposed.</exception>
    public static SaslChannel FromTls(SslStream stream, SaslTlsOptions? options = null, EndPoint? local = null, EndPoint? remote = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.IsAuthenticated)
            throw new InvalidOperationException("The TLS handshake has not succeeded, or the stream is disposed.");

        options ??= SaslTlsOptions.Default;
        return new SaslChannel
        {
            ExternalSsf = TlsCipherStrength.Bits(stream.NegotiatedCipherSuite),
            ExternalIdentity = ClientCertificateIdentity.Of(stream, options),
            Bindings = TlsChannelBindings.TryCreate(stream, options),
            Local = local,
            Remote = remote,
        };
    }
}
