using System.Net.Sockets;

namespace Sasl.Core.Tests.Channel;

/// <summary>A TLS client that is not ours and not OpenSSL, which computes every channel binding itself.</summary>
internal sealed class GnuTlsClient : IDisposable
{
    private const uint HandshakeMilliseconds = 30_000;

    private readonly Socket _socket;
    private readonly nint _credentials;
    private readonly nint _session;

    /// <summary>Shakes hands. The server's certificate is not verified.</summary>
    /// <param name="socket">Connected, blocking; closed with the client.</param>
    /// <param name="priority">GnuTLS's words for the versions and extensions to use.</param>
    /// <param name="resume">The session of an earlier client, or null.</param>
    public GnuTlsClient(Socket socket, string priority, byte[]? resume = null)
    {
        _socket = socket;
        Check(GnuTls.AllocateCredentials(out _credentials));
        Check(GnuTls.Initialize(out _session, GnuTls.Client));
        Check(GnuTls.SetPriority(_session, priority, error: 0));
        Check(GnuTls.SetCredentials(_session, GnuTls.CertificateCredentials, _credentials));
        byte[] name = "localhost"u8.ToArray();
        Check(GnuTls.SetServerName(_session, GnuTls.DnsName, name, (nuint)name.Length));
        if (resume is not null)
            Check(GnuTls.SetSessionData(_session, resume, (nuint)resume.Length));

        int descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        GnuTls.SetTransport(_session, descriptor, descriptor);
        GnuTls.SetHandshakeTimeout(_session, HandshakeMilliseconds);
        int result;
        do
        {
            result = GnuTls.Handshake(_session);
        }
        while (result < 0 && GnuTls.IsFatal(result) == 0);
        Check(result);
    }

    public bool IsResumed => GnuTls.IsResumed(_session) != 0;

    public byte[] Session
    {
        get
        {
            Check(GnuTls.GetSessionData(_session, out GnuTls.Datum data));
            return data.ToArray();
        }
    }

    /// <summary>The data of a binding, in hexadecimal; null when GnuTLS says there is none.</summary>
    public string? Binding(string type)
    {
        int number = Array.IndexOf(["tls-unique", "tls-server-end-point", "tls-exporter"], type);
        return GnuTls.GetChannelBinding(_session, number, out GnuTls.Datum data) == 0 ? Convert.ToHexString(data.ToArray()) : null;
    }

    public void Dispose()
    {
        GnuTls.Deinitialize(_session);
        GnuTls.FreeCredentials(_credentials);
        _socket.Dispose();
    }

    private static void Check(int result)
    {
        if (result < 0)
            throw new InvalidOperationException($"GnuTLS error {result}.");
    }
}
