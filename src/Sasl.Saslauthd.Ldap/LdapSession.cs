using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>One connection to one server. Its calls hold the thread; one at a time.</summary>
internal sealed unsafe class LdapSession : SafeHandle
{
    private const int AllOfIt = 1;    // LDAP_MSG_ALL
    private const int TimedOut = 0;
    private const int MaxValues = 100;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly LdapLibrary _library;
    private readonly LdapSocket _socket = new();

    private LdapSession(LdapLibrary library, nint connection)
        : base(0, ownsHandle: true)
    {
        _library = library;
        SetHandle(connection);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Whether it is bound as the one who searches, so that it need not be again.</summary>
    public bool IsBoundToSearch { get; set; }

    /// <summary>Connects to a server, with TLS where that is asked for.</summary>
    /// <exception cref="LdapFault">It cannot be reached, or is not who it should be.</exception>
    public static LdapSession Open(LdapLibrary library, string server, LdapOptions options, LdapDeadline deadline)
    {
        nint made;
        fixed (byte* address = Text(server))
        {
            int code = library.Initialize(&made, address);
            if (code != LdapCode.Success)
                throw Fault(library, "address", code);
        }
        nint connection = made;
        var session = new LdapSession(library, connection);
        try
        {
            new LdapSettings(library, connection).Apply(options, deadline.Next());
            session.Expect("connection", LdapSocket.Register(library, connection));
            session.ExpectConnected("connection", session._socket.Call(() => library.Connect(connection), deadline.Next(), deadline.Clock),
                tls: server.StartsWith("ldaps:", StringComparison.OrdinalIgnoreCase));
            if (options.StartTls)
                session.ExpectConnected("StartTLS", session._socket.Call(() => library.StartTls(connection, null, null), deadline.Next(), deadline.Clock), tls: true);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Binds with a DN and a password. Neither is empty, or both are: a DN without a password would be a success for nobody (RFC 4513 section 5.1.2).</summary>
    /// <returns>The server's result code.</returns>
    public int Bind(string dn, ReadOnlySpan<byte> password, LdapDeadline deadline)
    {
        if (dn.Length > 0 && password.IsEmpty)
            throw new ArgumentException("a bind with a DN and no password is a bind as nobody", nameof(password));
        IsBoundToSearch = false;
        int message;
        fixed (byte* name = Text(dn))
        fixed (byte* octets = password)
        {
            byte none = 0;
            var credentials = new LdapValue { Length = (nuint)password.Length, Octets = password.IsEmpty ? &none : octets };
            Expect("bind", _library.Bind(handle, name, null, &credentials, null, null, &message));
        }
        nint answer = Wait("bind", message, deadline);
        try
        {
            return CodeOf("bind", answer);
        }
        finally
        {
            _ = _library.FreeMessage(answer);
        }
    }

    /// <summary>Binds by SASL.</summary>
    /// <returns>The server's result code.</returns>
    public int BindSasl(string? mechanism, LdapLogin login, LdapDeadline deadline)
    {
        const uint Quiet = 2;    // LDAP_SASL_QUIET
        IsBoundToSearch = false;
        nint connection = handle;
        byte[]? words = mechanism is null ? null : Text(mechanism);
        int Call()
        {
            fixed (byte* name = words)
                return _library.BindInteractively(connection, null, name, null, null, Quiet, &LdapLogin.Answer, login.Reference);
        }
        int code = _socket.Call(Call, deadline.Next(), deadline.Clock);
        return code >= 0 ? code : throw Fault(_library, "SASL bind", code);
    }

    /// <summary>Searches.</summary>
    /// <param name="place">The DN where the search begins.</param>
    /// <param name="scope">How far it goes.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="attribute">The attribute whose values are wanted; null for none.</param>
    /// <param name="options">The limits.</param>
    /// <param name="deadline">How long it may take.</param>
    public LdapEntry Search(string place, LdapScope scope, string filter, string? attribute, LdapOptions options, LdapDeadline deadline)
    {
        int message;
        fixed (byte* from = Text(place))
        fixed (byte* condition = Text(filter))
        fixed (byte* wanted = Text(attribute ?? "1.1"))    // RFC 4511 section 4.5.1.8: no attributes
        {
            byte** attributes = stackalloc byte*[] { wanted, null };
            LdapTime limit = LdapTime.From(TimeSpan.FromSeconds(options.TimeLimit));
            Expect("search", _library.Search(handle, from, NumberOf(scope), condition, attributes, 0, null, null,
                options.TimeLimit == 0 ? null : &limit, options.SizeLimit, &message));
        }
        nint answer = Wait("search", message, deadline);
        try
        {
            return CodeOf("search", answer) switch
            {
                LdapCode.Success => ReadEntry(answer, attribute),
                LdapCode.SizeLimitExceeded => new LdapEntry(int.MaxValue, "", []),
                LdapCode.NoSuchObject => LdapEntry.None,
                var code => throw Fault(_library, "search", code),
            };
        }
        finally
        {
            _ = _library.FreeMessage(answer);
        }
    }

    /// <summary>Whether an entry's attribute has a value.</summary>
    /// <returns>The server's result code.</returns>
    public int Compare(string dn, string attribute, string value, LdapDeadline deadline)
    {
        int message;
        byte[] text = Encoding.UTF8.GetBytes(value);
        fixed (byte* entry = Text(dn))
        fixed (byte* name = Text(attribute))
        fixed (byte* octets = text)
        {
            var assertion = new LdapValue { Length = (nuint)text.Length, Octets = octets };
            Expect("compare", _library.Compare(handle, entry, name, &assertion, null, null, &message));
        }
        nint answer = Wait("compare", message, deadline);
        try
        {
            return CodeOf("compare", answer);
        }
        finally
        {
            _ = _library.FreeMessage(answer);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        int code = _library.Unbind(handle, null, null);
        _socket.Dispose();
        return code == LdapCode.Success;
    }

    private static int NumberOf(LdapScope scope) => scope switch
    {
        LdapScope.Base => 0,
        LdapScope.OneLevel => 1,
        LdapScope.Subtree => 2,
    };

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static LdapFault Fault(LdapLibrary library, string step, int code) => new(step, code, NativeText.Read(library.Describe(code)));

    private void Expect(string step, int code)
    {
        if (code != LdapCode.Success)
            throw Fault(_library, step, code);
    }

    // Of a certificate that is not accepted libldap says only that it could not connect; GnuTLS's words do not come through it.
    private void ExpectConnected(string step, int code, bool tls)
    {
        if (tls && code is (LdapCode.ConnectError or LdapCode.ServerDown))
            throw new LdapFault(step, code, $"{NativeText.Read(_library.Describe(code))}, or no certificate for the name in ldap_servers by an authority of ldap_tls_cacert_file");
        Expect(step, code);
    }

    private nint Wait(string step, int message, LdapDeadline deadline)
    {
        TimeSpan limit = deadline.Next();
        nint connection = handle;
        nint answer = 0;
        int WaitForAll()
        {
            LdapTime time = LdapTime.From(limit);
            nint found = 0;
            int kind = _library.Result(connection, message, AllOfIt, &time, &found);
            answer = found;
            return kind;
        }
        // libldap looks at the time between answers; of one that comes by halves only the end of the connection makes an end.
        int kind = _socket.Call(WaitForAll, limit + s_grace, deadline.Clock);
        if (kind > 0)
            return answer;
        if (answer != 0)
            _ = _library.FreeMessage(answer);
        if (kind is TimedOut or LdapCode.Timeout)
        {
            _ = _library.Abandon(handle, message, null, null);
            throw Fault(_library, step, LdapCode.Timeout);
        }
        const int ResultCode = 0x31;    // LDAP_OPT_RESULT_CODE
        int code = LdapCode.ServerDown;
        _ = _library.GetOption(handle, ResultCode, &code);
        throw Fault(_library, step, code == LdapCode.Success ? LdapCode.ServerDown : code);
    }

    private int CodeOf(string step, nint answer)
    {
        int code = 0;
        Expect(step, _library.ParseResult(handle, answer, &code, null, null, null, null, 0));
        return code;
    }

    private LdapEntry ReadEntry(nint answer, string? attribute)
    {
        int count = _library.CountEntries(handle, answer);
        nint entry = count == 1 ? _library.FirstEntry(handle, answer) : 0;
        if (entry == 0)
            return new LdapEntry(Math.Max(count, 0), "", []);
        byte* dn = _library.GetDn(handle, entry);
        string name = dn is null ? "" : Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(dn));
        if (dn is not null)
            _library.FreeMemory(dn);
        return new LdapEntry(1, name, attribute is null ? [] : ReadValues(entry, attribute));
    }

    private List<byte[]> ReadValues(nint entry, string attribute)
    {
        var values = new List<byte[]>();
        LdapValue** found;
        fixed (byte* name = Text(attribute))
            found = _library.GetValues(handle, entry, name);
        if (found is null)
            return values;
        for (LdapValue** value = found; *value is not null; value++)
        {
            var octets = new Span<byte>((*value)->Octets, checked((int)(*value)->Length));
            if (values.Count < MaxValues)
                values.Add(octets.ToArray());
            CryptographicOperations.ZeroMemory(octets);    // they are a copy of the library's, and secrets
        }
        _library.FreeValues(found);
        return values;
    }
}
