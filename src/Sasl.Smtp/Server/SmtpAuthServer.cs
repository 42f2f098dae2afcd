using System.Diagnostics.Metrics;
using System.Text;

namespace Sasl.Smtp;

/// <summary>The server side of SMTP AUTH (RFC 4954): lines in, lines out.</summary>
/// <remarks>
/// One for each channel: the host makes one when the client connects and another after STARTTLS. Lines come and go without CRLF.
/// Hosts with a loop of their own call <see cref="BeginAsync"/> and <see cref="ContinueAsync"/>; the others call <see cref="RunAsync"/>.
/// Whatever a client sends, a reply comes back and the object is ready for the next attempt. Not thread-safe.
/// </remarks>
public sealed class SmtpAuthServer : IDisposable
{
    private static readonly Meter s_meter = new(SaslTelemetry.MeterName);

    private static readonly Counter<long> s_brokenForms = s_meter.CreateCounter<long>(
        "sasl.smtp.broken_commands", "{command}", "Commands of the form AUTH=MECHANISM.");

    private readonly SaslServerSession _session;
    private readonly SmtpAuthServerOptions _options;
    private readonly SecureBufferWriter _decoded = new();
    private readonly SecureBufferWriter _line = new();
    private readonly int _generation;

    /// <summary>Begins with a channel.</summary>
    /// <param name="session">A session for the channel; it is disposed with this object.</param>
    /// <param name="options">How to speak; null takes the defaults.</param>
    /// <exception cref="ArgumentException">The session's server was told to put data beside success, for which SMTP has no room,
    /// or the options allow shorter responses than RFC 4954 does.</exception>
    public SmtpAuthServer(SaslServerSession session, SmtpAuthServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.SuccessData)
            throw new ArgumentException("SMTP has no room for data beside 235: SaslServerOptions.SuccessData must be false.", nameof(session));
        _options = options ?? new SmtpAuthServerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(
            _options.MaxResponseLength, SmtpAuthServerOptions.SufficientResponseLength, nameof(options));
        _session = session;
        _generation = _options.Pipeline?.Generation ?? 0;
        CapabilityLines = Offer(session, _options.BrokenClients);
    }

    /// <summary>The EHLO keyword with its mechanisms, such as <c>AUTH PLAIN LOGIN</c>; null when nothing is offered on this channel.</summary>
    public string? Capability => CapabilityLines is [var first, ..] ? first : null;

    /// <summary>All EHLO lines: none, <see cref="Capability"/>, or with <see cref="SmtpAuthServerOptions.BrokenClients"/> also
    /// <c>AUTH=PLAIN LOGIN</c>. The host puts <c>250-</c> before each.</summary>
    public IReadOnlyList<string> CapabilityLines { get; }

    /// <summary>What is awaited.</summary>
    public SmtpAuthState State { get; private set; }

    /// <summary>Who the client is, after success. Check <see cref="SaslIdentity.IsAnonymous"/> before treating it as a known user.</summary>
    public SaslIdentity? Identity => _session.Identity;

    /// <summary>What to wrap the connection in after the 235 line, if anything was negotiated; EHLO then starts anew.</summary>
    public SaslSecurityLayer? SecurityLayer => _session.SecurityLayer;

    /// <summary>How many AUTH commands ended in a 5xx reply other than 503, cancelled ones included. The host decides how many are
    /// enough; RFC 4954 section 9 asks not to close the connection before three.</summary>
    public int FailedAttempts { get; private set; }

    /// <summary>Whether the client has sent a command of the form <c>AUTH=PLAIN</c>.</summary>
    public bool BrokenFormSeen { get; private set; }

    /// <summary>Set by the host between MAIL and the end of the transaction, when AUTH is not allowed.</summary>
    public bool InMailTransaction { get; set; }

    /// <summary>The longest line the host has to pass to <see cref="ContinueAsync"/> whole, in octets. Of a longer one it may pass
    /// any part that is longer than this and drop the rest, so that no client can fill its memory.</summary>
    public int MaxLineLength => _options.MaxResponseLength;

    /// <summary>Tells whether a line is an AUTH command, and what follows the verb.</summary>
    /// <param name="line">A command line without CRLF.</param>
    /// <param name="argument">What <see cref="BeginAsync"/> takes; empty when the result is false.</param>
    public static bool IsAuthCommand(ReadOnlyMemory<byte> line, out ReadOnlyMemory<byte> argument)
    {
        const int verb = 4;
        bool isAuth = line.Length >= verb
            && Ascii.EqualsIgnoreCase(line.Span[..verb], "AUTH"u8)
            && (line.Length == verb || line.Span[verb] is (byte)' ' or (byte)'=' or (byte)'\t');
        argument = isAuth ? line[verb..] : default;
        return isAuth;
    }

    /// <summary>Handles an AUTH command.</summary>
    /// <param name="argument">What follows the four letters AUTH: <c>PLAIN AHRlc3Q…</c>, with or without the space before it,
    /// or <c>=PLAIN …</c> of a broken client.</param>
    /// <param name="cancellationToken">Cancels waiting for a back end.</param>
    /// <returns>The reply to send.</returns>
    /// <exception cref="InvalidOperationException">An exchange is under way, or TLS was started since this object was made.</exception>
    public async ValueTask<SmtpAuthReply> BeginAsync(ReadOnlyMemory<byte> argument, CancellationToken cancellationToken = default)
    {
        ThrowIfChannelIsGone();
        if (State is SmtpAuthState.ExpectResponse)
            throw new InvalidOperationException("An exchange is under way; the line is a response and belongs to ContinueAsync.");
        if (State is SmtpAuthState.Authenticated || InMailTransaction)
            return Reply(SmtpReplies.BadSequence);
        if (Refusal(argument.Span, out string mechanism, out bool hasInitialResponse) is { } refusal)
            return Failed(refusal);

        try
        {
            // A bare null would become an empty message: absent and empty are different here.
            ReadOnlyMemory<byte>? initialResponse = hasInitialResponse ? _decoded.WrittenMemory : default(ReadOnlyMemory<byte>?);
            SaslReply reply = await _session.StartAsync(mechanism, initialResponse, cancellationToken).ConfigureAwait(false);
            return reply.Error is SaslError.Malformed && hasInitialResponse && IsServerFirst(mechanism)
                ? Failed(SmtpReplies.NoInitialResponse)
                : Answer(reply);
        }
        finally
        {
            _decoded.Clear();
        }
    }

    /// <summary>Handles the next line of an exchange, whatever it says.</summary>
    /// <param name="line">The line without CRLF; see <see cref="MaxLineLength"/> for long ones.</param>
    /// <param name="cancellationToken">Cancels waiting for a back end.</param>
    /// <returns>The reply to send.</returns>
    /// <exception cref="InvalidOperationException">No exchange is under way, or TLS was started since this object was made.</exception>
    public async ValueTask<SmtpAuthReply> ContinueAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken = default)
    {
        ThrowIfChannelIsGone();
        if (State is not SmtpAuthState.ExpectResponse)
            throw new InvalidOperationException("No exchange is under way; the line is a command.");
        State = SmtpAuthState.ExpectCommand;    // unless the answer says otherwise, also when a back end is given up waiting for

        if (line.Length > _options.MaxResponseLength)
            return Answer(_session.Abort(SaslError.MessageTooLong));
        if (line.Span is [(byte)'*'])
            return Answer(_session.Abort());
        if (!SaslBase64.TryDecode(line.Span, _decoded))
            return Answer(_session.Abort(SaslError.Malformed));
        try
        {
            return Answer(await _session.StepAsync(_decoded.WrittenMemory, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _decoded.Clear();
        }
    }

    /// <summary>Handles an AUTH command with all the lines that follow it.</summary>
    /// <param name="argument">As for <see cref="BeginAsync"/>.</param>
    /// <param name="writeLine">Sends a line; adds CRLF and flushes.</param>
    /// <param name="readLine">Reads a line, without CRLF; null when the connection has ended. See <see cref="MaxLineLength"/>.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>Who the client has become by this command; null when it has not.</returns>
    public async ValueTask<SaslIdentity?> RunAsync(
        ReadOnlyMemory<byte> argument,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> writeLine,
        Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> readLine,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writeLine);
        ArgumentNullException.ThrowIfNull(readLine);
        try
        {
            SmtpAuthReply reply = await BeginAsync(argument, cancellationToken).ConfigureAwait(false);
            while (true)
            {
                await writeLine(reply.Line, cancellationToken).ConfigureAwait(false);
                if (reply.State is not SmtpAuthState.ExpectResponse)
                    return reply.IsSuccess ? Identity : null;
                if (await readLine(cancellationToken).ConfigureAwait(false) is not { } line)
                    return null;
                reply = await ContinueAsync(line, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Cancel();
        }
    }

    /// <summary>The connection is gone or the host gives up: forgets an exchange that is under way.</summary>
    public void Cancel()
    {
        if (State is SmtpAuthState.ExpectResponse)
            _session.Abort();
        if (State is not SmtpAuthState.Authenticated)
            State = SmtpAuthState.ExpectCommand;
    }

    /// <summary>Erases what is secret, and the session. An identity that was read before stays valid.</summary>
    public void Dispose()
    {
        _session.Dispose();
        _decoded.Dispose();
        _line.Dispose();
    }

    private static string[] Offer(SaslServerSession session, bool brokenClients)
    {
        if (session.Mechanisms.IsEmpty)
            return [];
        string names = string.Join(' ', session.Mechanisms);
        return brokenClients ? [$"AUTH {names}", $"AUTH={names}"] : [$"AUTH {names}"];
    }

    private ReadOnlyMemory<byte>? Refusal(ReadOnlySpan<byte> argument, out string mechanism, out bool hasInitialResponse)
    {
        (mechanism, hasInitialResponse) = ("", false);
        if (!SmtpAuthCommand.TryParse(argument, out SmtpAuthCommand command))
            return SmtpReplies.BadSyntax;
        if (command.IsBrokenForm)
        {
            BrokenFormSeen = true;
            s_brokenForms.Add(1);
            if (!_options.BrokenClients)
                return SmtpReplies.BadSyntax;
        }
        mechanism = Encoding.ASCII.GetString(command.Mechanism);
        hasInitialResponse = command.HasInitialResponse;
        SaslError error = command.InitialResponse.Length > _options.MaxResponseLength ? SaslError.MessageTooLong
            : command.InitialResponse is [(byte)'='] || SaslBase64.TryDecode(command.InitialResponse, _decoded) ? SaslError.None
            : SaslError.Malformed;
        return error is SaslError.None ? null : (ReadOnlyMemory<byte>?)SmtpReplies.For(_session.RefuseStart(mechanism, error).Error);
    }

    private bool IsServerFirst(string name)
    {
        foreach (SaslMechanism mechanism in _session.Mechanisms)
        {
            if (mechanism.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return mechanism.FirstMove is SaslFirstMove.Server;
        }
        return false;
    }

    private SmtpAuthReply Answer(SaslReply reply) => reply.Status switch
    {
        SaslStatus.Failure => Failed(SmtpReplies.For(reply.Error)),
        SaslStatus.Continue when _options.Pipeline is { IsSynchronized: false } => SpokeOutOfTurn(),
        SaslStatus.Continue => Challenge(reply.Message ?? default),
        SaslStatus.Success => Succeeded(),
    };

    // A response that was sent before its challenge belongs to somebody who does not speak the protocol, or not this conversation.
    private SmtpAuthReply SpokeOutOfTurn()
    {
        _session.Abort();
        State = SmtpAuthState.ExpectCommand;
        return Reply(SmtpReplies.BadSequence);
    }

    private SmtpAuthReply Challenge(ReadOnlyMemory<byte> challenge)
    {
        State = SmtpAuthState.ExpectResponse;
        _line.Clear();
        _line.Write("334 "u8);
        SaslBase64.Encode(challenge.Span, _line);
        return new SmtpAuthReply(_line.WrittenMemory, SmtpAuthReply.ChallengeCode, State);
    }

    private SmtpAuthReply Succeeded()
    {
        State = SmtpAuthState.Authenticated;
        return Reply(SmtpReplies.For(SaslError.None));
    }

    private SmtpAuthReply Failed(ReadOnlyMemory<byte> line)
    {
        State = SmtpAuthState.ExpectCommand;
        SmtpAuthReply reply = Reply(line);
        if (reply.Code >= 500)
            FailedAttempts++;
        return reply;
    }

    private SmtpAuthReply Reply(ReadOnlyMemory<byte> line)
    {
        _line.Clear();
        return new SmtpAuthReply(line, SmtpReplies.CodeOf(line.Span), State);
    }

    private void ThrowIfChannelIsGone()
    {
        if (_options.Pipeline is { } pipeline && pipeline.Generation != _generation)
            throw new InvalidOperationException("TLS was started: the channel is another one and needs a new SmtpAuthServer.");
    }
}
