using System.Collections.Concurrent;

namespace Sasl.Saslauthd;

/// <summary>Checks passwords with a directory: <c>saslauthd -a ldap -O saslauthd.conf</c>.</summary>
/// <remarks>
/// Connections are kept and used again; a login on one that turns out to be dead is tried once more on a new one. An empty password is wrong
/// without being sent: to a directory it asks for no login at all, and succeeds. libldap waits with a thread, which is one of the work queue's.
/// </remarks>
public sealed class LdapVerifier : IPasswordVerifier, IDisposable
{
    /// <summary>The name for <c>saslauthd -a</c>.</summary>
    public const string Name = "ldap";

    /// <summary>The longest name, and the longest realm, that are sent, in characters.</summary>
    public const int MaxNameLength = 1024;

    /// <summary>The longest password that is sent, in octets.</summary>
    public const int MaxPasswordLength = 4096;

    private readonly LdapLibrary _library;
    private readonly LdapOptions _options;
    private readonly SaslWorkQueue _work;
    private readonly Action<string> _warn;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentBag<LdapSession> _idle = [];
    private volatile bool _disposed;

    /// <summary>Takes the directory. It is not asked before the first login.</summary>
    /// <param name="options">Which directory, and how. Their password is copied.</param>
    /// <param name="work">Where the library waits.</param>
    /// <param name="warn">Told why the directory could not be asked; no secret. May be called on any thread.</param>
    /// <param name="clock">Measures the time limit of a login.</param>
    /// <exception cref="SaslConfigurationException">There is no libldap on this machine.</exception>
    public LdapVerifier(LdapOptions options, SaslWorkQueue work, Action<string>? warn = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(work);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxConnections, nameof(options));
        ArgumentOutOfRangeException.ThrowIfZero(options.Servers.Length, nameof(options));
        _library = LdapLibrary.Loaded ?? throw new SaslConfigurationException($"ldap: {LdapLibrary.WhyMissing}");
        _options = options with { BindPassword = options.BindPassword is { } password ? SaslSecret.FromOctets(password.Span) : null };
        _work = work;
        _warn = warn ?? (static _ => { });
        _clock = clock ?? TimeProvider.System;
        _places = new SemaphoreSlim(options.MaxConnections);
    }

    /// <summary>The checker of this name, for the daemon.</summary>
    public static SaslauthdChecker Checker { get; } = new(Name, Make)
    {
        MissingOnPlatform = LdapLibrary.WhyMissing,
    };

    /// <inheritdoc/>
    public async ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(service);
        if (WhyNotSent(user, service, password.Span) is { } refusal)
            return Answer(PasswordOutcome.Mismatch, refusal);
        ObjectDisposedException.ThrowIf(_disposed, this);

        var question = new LdapRequest(user, service.Service, password, new LdapDeadline(_options.Timeout, _clock, cancellationToken));
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _work.RunAsync(() => Ask(question), cancellationToken).ConfigureAwait(false);
        }
        catch (LdapFault fault)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _warn($"ldap: {fault.Message}");
            return Answer(PasswordOutcome.Unavailable, fault.Message);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Closes the connections that nobody uses; those in use are closed by their login.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out LdapSession? session))
            session.Dispose();
        _options.BindPassword?.Dispose();
    }

    private static LdapVerifier Make(SaslauthdCheckerContext context)
    {
        LdapOptions options = new LdapConfiguration(SaslauthdConfiguration.Load(context), context.Warn).Read();
        using SaslSecret? password = options.BindPassword;
        return new LdapVerifier(options, context.Work, context.Warn, context.Clock);
    }

    private string? WhyNotSent(SaslUser user, SaslServiceInfo service, ReadOnlySpan<byte> password) =>
        user.Name.Length == 0 || password.IsEmpty ? "an empty name or password is not sent"
        : user.Name.Length > MaxNameLength || user.Realm.Length > MaxNameLength || service.Service.Length > MaxNameLength
            ? $"a name of more than {MaxNameLength} characters is not sent"
        : password.Length > MaxPasswordLength ? $"a password of more than {MaxPasswordLength} octets is not sent"
        : _options.UseSasl && (password.Contains((byte)0) || user.Name.Contains('\0', StringComparison.Ordinal) || user.Realm.Contains('\0', StringComparison.Ordinal))
            ? "a name or password with a NUL is not sent by SASL"
        : null;

    private PasswordVerdict Ask(LdapRequest request)
    {
        if (_idle.TryTake(out LdapSession? kept))
        {
            try
            {
                return AskOn(kept, request);
            }
            catch (LdapFault fault) when (fault.IsLostConnection)
            {
                // The server may have closed it long ago. What is wrong with a new connection is wrong with the server.
                return AskOn(Connect(request.Deadline), request);
            }
        }
        return AskOn(Connect(request.Deadline), request);
    }

    private PasswordVerdict AskOn(LdapSession session, LdapRequest request)
    {
        bool isSound = false;
        try
        {
            PasswordVerdict verdict = new LdapConversation(session, _options, request, _warn).Judge();
            isSound = true;
            return verdict;
        }
        finally
        {
            if (isSound && !_disposed)
                _idle.Add(session);
            else
                session.Dispose();
        }
    }

    private LdapSession Connect(LdapDeadline deadline)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return LdapSession.Open(_library, _options.Servers[i], _options, deadline);
            }
            catch (LdapFault fault) when (i + 1 < _options.Servers.Length)
            {
                _warn($"ldap: {_options.Servers[i]}: {fault.Message}; {_options.Servers[i + 1]} is tried");
            }
        }
    }

    private static PasswordVerdict Answer(PasswordOutcome outcome, string reason) => new(outcome, Name) { Reason = reason };
}
