using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>A whole request on its way to the checker and back.</summary>
internal sealed class CheckRequest : IWaiting<CheckRequest>
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SaslauthdRequestReader _reader;
    private int _answered;

    public CheckRequest(Socket peer, SaslauthdRequestReader reader, bool drain, long began)
    {
        Peer = peer;
        _reader = reader;
        MustDrain = drain;
        Began = began;
    }

    public Socket Peer { get; }

    /// <summary>Whether the peer may have sent more than was read.</summary>
    public bool MustDrain { get; }

    public long Began { get; }

    public string Login { get; private set; } = "";

    public string Realm { get; private set; } = "";

    public string Service { get; private set; } = "";

    public string? ClientAddress { get; private set; }

    /// <summary>The client's address without its port, which is another one at each login.</summary>
    public string? ClientHost => ClientAddress?.LastIndexOf(';') is > 0 and int port ? ClientAddress[..port] : ClientAddress;

    /// <summary>Its place in the cache; null where there is none or it has refused the request before.</summary>
    public SaslauthdCacheKey? CacheKey { get; set; }

    public long CacheGeneration { get; set; }

    /// <summary>Cancels the check, when it takes too long or the daemon ends.</summary>
    public CancellationTokenSource? Cancellation { get; set; }

    public ReadOnlyMemory<byte> Password => _reader[SaslauthdField.Password];

    /// <summary>The octets of the four strings with their counts: they can be read in one way only.</summary>
    public ReadOnlySpan<byte> Octets => _reader.FourStrings.Span;

    LinkedListNode<CheckRequest>? IWaiting<CheckRequest>.Place { get; set; }

    long IWaiting<CheckRequest>.Since { get; set; }

    public SaslauthdCache.UserParts UserOctets => new()
    {
        Login = _reader[SaslauthdField.Login].Span,
        Realm = _reader[SaslauthdField.Realm].Span,
        Service = _reader[SaslauthdField.Service].Span,
    };

    /// <summary>Reads the names.</summary>
    /// <returns>The answer to a request that is none; null when it can be checked.</returns>
    public string? ReadNames()
    {
        try
        {
            Login = Text(SaslauthdField.Login);
            Realm = Text(SaslauthdField.Realm);
            Service = Text(SaslauthdField.Service);
            string client = Text(SaslauthdField.Client);
            ClientAddress = client.Length == 0 ? null : client;
        }
        catch (DecoderFallbackException)
        {
            return Unreadable();
        }
        return Login.Length == 0 ? ReplyText.NoLogin
            : Password.IsEmpty ? ReplyText.NoPassword
            : HasControls(Login) || HasControls(Realm) || HasControls(Service) || HasControls(ClientAddress) ? Unreadable()
            : null;
    }

    public SaslUser User(bool joinRealm) => new(joinRealm && Realm.Length > 0 ? $"{Login}@{Realm}" : Login, Realm);

    public SaslServiceInfo ServiceInfo(string serverName) => new(
        Service, serverName, Realm, ClientAddress is { } address ? SaslChannel.Plaintext with { Remote = EndPointOf(address) } : SaslChannel.Plaintext);

    /// <summary>Claims the right to answer; the first caller alone has it.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref _answered, 1) == 0;

    /// <summary>Erases the password. Not before the checker has ended.</summary>
    public void Erase()
    {
        _reader.Dispose();
        Cancellation?.Dispose();
    }

    private static bool HasControls(string? text) => text is not null && text.AsSpan().ContainsAnyInRange('\0', '\x1f') | text.AsSpan().ContainsAnyInRange('\x7f', '\x9f');

    // "192.0.2.1;40000", as IPREMOTEPORT has it.
    private static IPEndPoint? EndPointOf(string address) =>
        address.LastIndexOf(';') is > 0 and int semicolon
        && IPAddress.TryParse(address.AsSpan(0, semicolon), out IPAddress? ip)
        && ushort.TryParse(address.AsSpan(semicolon + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out ushort port)
            ? new IPEndPoint(ip, port)
            : null;

    // For the log, where no name may move a cursor or end a line.
    private string Unreadable()
    {
        Login = Shown(SaslauthdField.Login);
        Realm = Shown(SaslauthdField.Realm);
        Service = Shown(SaslauthdField.Service);
        ClientAddress = null;
        return ReplyText.BadName;
    }

    private string Shown(SaslauthdField field) => SaslauthdLogLine.OfNote(Encoding.UTF8.GetString(_reader[field].Span));

    private string Text(SaslauthdField field)
    {
        ReadOnlySpan<byte> octets = _reader[field].Span;
        return octets.IsEmpty ? "" : s_utf8.GetString(octets);
    }
}
