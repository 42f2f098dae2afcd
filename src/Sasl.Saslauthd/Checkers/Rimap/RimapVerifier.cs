using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Logs in to an IMAP server with the user's name and password: <c>saslauthd -a rimap -O host</c>.</summary>
/// <remarks>
/// <para>The name is <c>name@realm</c> where the user has a realm. <see cref="PasswordVerdict.Reason"/> is what the original answers, word for
/// word; its three texts that begin with <c>[ALERT]</c> come with <see cref="PasswordOutcome.Unavailable"/>, and what exactly went wrong goes to
/// the warnings. The server's codes of RFC 5530 are heeded: a server that cannot say is no wrong password.</para>
/// <para>Names and passwords are quoted strings, or literals where an octet is not printable ASCII. With a CR, LF or NUL they are wrong without
/// being sent. No thread waits for the server.</para>
/// </remarks>
public sealed class RimapVerifier : IPasswordVerifier, IDisposable
{
    /// <summary>The name for <c>saslauthd -a</c>.</summary>
    public const string Name = "rimap";

    /// <summary>The longest name with its realm that is sent, in octets.</summary>
    public const int MaxNameLength = 1024;

    /// <summary>The longest password that is sent, in octets.</summary>
    public const int MaxPasswordLength = 8192;

    private readonly RimapOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly X509Certificate2Collection? _authorities;
    private readonly SemaphoreSlim _places;

    /// <summary>Takes the server.</summary>
    /// <param name="options">Which server, and how.</param>
    /// <param name="warn">Told why a server could not be asked; no secret and nothing that the server said. May be called on any thread.</param>
    /// <param name="clock">Measures the time limit.</param>
    /// <exception cref="SaslConfigurationException">The file of authorities cannot be used.</exception>
    public RimapVerifier(RimapOptions options, Action<string>? warn = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxConnections, nameof(options));
        _options = options;
        _warn = warn ?? (static _ => { });
        _clock = clock ?? TimeProvider.System;
        _authorities = ServerTrust.Load(options.CaFile, static (problem, cause) =>
            cause is null ? new SaslConfigurationException($"rimap: cacert: {problem}") : new SaslConfigurationException($"rimap: cacert: {problem}", cause));
        _places = new SemaphoreSlim(options.MaxConnections);
        if (options.Tls is RimapTls.None && !options.IsLoopback)
            _warn($"rimap: passwords go to {options.Host} in the clear; write imaps://{options.Host} or imap://{options.Host}?starttls");
    }

    /// <summary>The checker of this name, for the daemon.</summary>
    public static SaslauthdChecker Checker { get; } = new(Name, static context =>
        string.IsNullOrEmpty(context.Option)
            ? throw new SaslConfigurationException("rimap: -O has to name the IMAP server, such as imaps://mail.example.com")
            : new RimapVerifier(RimapOptions.Parse(context.Option), context.Warn, context.Clock));

    /// <inheritdoc/>
    public async ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        byte[] name = Encoding.UTF8.GetBytes(user.ToString());
        if (Refusal(name, password.Span) is { } refusal)
            return Answer(PasswordOutcome.Mismatch, refusal);

        using var limit = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _places.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                return await AskAsync(name, password, either.Token).ConfigureAwait(false);
            }
            finally
            {
                _places.Release();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ImapException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return limit.IsCancellationRequested ? Silence(RimapReasons.Lost, $"no answer within {_options.Timeout.TotalSeconds} seconds")
                : exception is ImapException imap ? Silence(imap.Message, imap.Detail)
                : Silence(RimapReasons.Lost, "the connection broke");
        }
    }

    /// <summary>Frees what the verifier holds; connections under way end by themselves.</summary>
    public void Dispose() => _places.Dispose();

    private static string? Refusal(ReadOnlySpan<byte> name, ReadOnlySpan<byte> password) =>
        name.IsEmpty || password.IsEmpty ? "an empty name or password is not sent"
        : name.Length > MaxNameLength ? $"a name of more than {MaxNameLength} octets is not sent"
        : password.Length > MaxPasswordLength ? $"a password of more than {MaxPasswordLength} octets is not sent"
        : name.ContainsAny("\r\n\0"u8) || password.ContainsAny("\r\n\0"u8) ? "a name or password with CR, LF or NUL is not sent"
        : null;

    private async ValueTask<PasswordVerdict> AskAsync(byte[] name, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        ImapConnection connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            await PrepareAsync(connection, cancellationToken).ConfigureAwait(false);
            if (await connection.CanAsync("LOGINDISABLED", cancellationToken).ConfigureAwait(false))
                throw new ImapException(RimapReasons.Unavailable, "the server takes no LOGIN on this connection (LOGINDISABLED); it may want TLS");
            ImapReply reply = await connection.LoginAsync(name, password, cancellationToken).ConfigureAwait(false);
            PasswordVerdict verdict = Judge(reply);
            await LeaveAsync(connection, cancellationToken).ConfigureAwait(false);
            return verdict;
        }
    }

    private async ValueTask<ImapConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_options.Host, _options.Port, cancellationToken).ConfigureAwait(false);
            return new ImapConnection(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new ImapException(RimapReasons.Unreachable, $"no connection: {exception.SocketErrorCode}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask PrepareAsync(ImapConnection connection, CancellationToken cancellationToken)
    {
        SslClientAuthenticationOptions trust = ServerTrust.For(_options.Host, _authorities);
        try
        {
            if (_options.Tls is RimapTls.Implicit)
                await connection.ProtectAsync(trust, cancellationToken).ConfigureAwait(false);
            await connection.GreetAsync(cancellationToken).ConfigureAwait(false);
            if (_options.Tls is RimapTls.StartTls)
                await connection.StartTlsAsync(trust, cancellationToken).ConfigureAwait(false);
        }
        catch (AuthenticationException exception)
        {
            throw new ImapException(RimapReasons.Unreachable, $"TLS failed: {exception.Message}");
        }
    }

    // RFC 5530: a server that names its own trouble has not judged the password.
    private PasswordVerdict Judge(ImapReply reply) => reply switch
    {
        { Status: ImapStatus.Ok } => Answer(PasswordOutcome.Match, RimapReasons.Accepted),
        { Status: ImapStatus.No, Code: "UNAVAILABLE" or "SERVERBUG" or "INUSE" or "LIMIT" or "CONTACTADMIN" or "PRIVACYREQUIRED" } =>
            Silence(RimapReasons.Unavailable, $"the server answered LOGIN with {reply.Code}"),
        { Status: ImapStatus.No, Code: "EXPIRED" } => Answer(PasswordOutcome.Expired, RimapReasons.Rejected),
        { Status: ImapStatus.No } => Answer(PasswordOutcome.Mismatch, RimapReasons.Rejected),
        _ => Silence(RimapReasons.Unexpected, "the server did not understand LOGIN"),
    };

    // The answer is known; a server that does not want to hear the goodbye does not change it.
    private static async ValueTask LeaveAsync(ImapConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.LogoutAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return;
        }
    }

    private PasswordVerdict Silence(string reason, string detail)
    {
        _warn($"rimap: {_options.Host} port {_options.Port}: {detail}");
        return Answer(PasswordOutcome.Unavailable, reason);
    }

    private static PasswordVerdict Answer(PasswordOutcome outcome, string reason) => new(outcome, Name) { Reason = reason };
}
