using System.Runtime.InteropServices;

namespace Sasl.Core.Tests.Channel;

/// <summary>The functions of GnuTLS that a client with channel bindings needs. The library comes with gsasl.</summary>
internal static partial class GnuTls
{
    public const int Client = 1 << 1;
    public const int CertificateCredentials = 1;
    public const int DnsName = 1;

    private const string Library = "libgnutls.so.30";

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_allocate_credentials")]
    public static partial int AllocateCredentials(out nint credentials);

    [LibraryImport(Library, EntryPoint = "gnutls_certificate_free_credentials")]
    public static partial void FreeCredentials(nint credentials);

    [LibraryImport(Library, EntryPoint = "gnutls_init")]
    public static partial int Initialize(out nint session, uint flags);

    [LibraryImport(Library, EntryPoint = "gnutls_deinit")]
    public static partial void Deinitialize(nint session);

    [LibraryImport(Library, EntryPoint = "gnutls_priority_set_direct", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetPriority(nint session, string priority, nint error);

    [LibraryImport(Library, EntryPoint = "gnutls_credentials_set")]
    public static partial int SetCredentials(nint session, int type, nint credentials);

    [LibraryImport(Library, EntryPoint = "gnutls_server_name_set")]
    public static partial int SetServerName(nint session, int type, [In] byte[] name, nuint length);

    [LibraryImport(Library, EntryPoint = "gnutls_transport_set_int2")]
    public static partial void SetTransport(nint session, int receive, int send);

    [LibraryImport(Library, EntryPoint = "gnutls_handshake_set_timeout")]
    public static partial void SetHandshakeTimeout(nint session, uint milliseconds);

    [LibraryImport(Library, EntryPoint = "gnutls_handshake")]
    public static partial int Handshake(nint session);

    [LibraryImport(Library, EntryPoint = "gnutls_error_is_fatal")]
    public static partial int IsFatal(int error);

    [LibraryImport(Library, EntryPoint = "gnutls_session_is_resumed")]
    public static partial int IsResumed(nint session);

    [LibraryImport(Library, EntryPoint = "gnutls_session_get_data2")]
    public static partial int GetSessionData(nint session, out Datum data);

    [LibraryImport(Library, EntryPoint = "gnutls_session_set_data")]
    public static partial int SetSessionData(nint session, [In] byte[] data, nuint length);

    [LibraryImport(Library, EntryPoint = "gnutls_session_channel_binding")]
    public static partial int GetChannelBinding(nint session, int type, out Datum data);

    /// <summary>gnutls_datum_t. The octets are not freed here: a few dozen in a test.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Datum
    {
        public nint Data;
        public uint Length;

        public readonly byte[] ToArray()
        {
            byte[] octets = new byte[Length];
            Marshal.Copy(Data, octets, 0, octets.Length);
            return octets;
        }
    }
}
