using System.Collections.Immutable;
using System.Text;

namespace Sasl.Smtp;

/// <summary>The client side of SMTP AUTH (RFC 4954): lines in, lines out.</summary>
/// <remarks>
/// One for each channel; after STARTTLS, EHLO is sent again and a new one made. The host has verified the server's certificate and name
/// before a mechanism that shows the password is used (RFC 4954 section 14). What a server sends never makes it throw. Not thread-safe.
/// </remarks>
public sealed class SmtpAuthClient : IDisposable
{
    /// <summary>The most mechanism names taken from one EHLO reply.</summary>
    public const int MaxMechanisms = 100;

    // More challenges than any mechanism has; a custom one could go on for ever.
    private const int MaxChallenges = 64;

    private const int PrefixLength = 4;

    private readonly SaslClientSession _session;
    private readonly SmtpAuthClientOptions _options;
    private readonly SecureBufferWriter _response = new();
    private readonly SecureBufferWriter _line = new();
    private readonly SecureBufferWriter _challenge = new();

    /// <summary>Begins with a channel.</summary>
    /// <param name="session">A session for the channel; it is disposed with this object.</param>
    /// <param name="options">How to speak; null takes the defaults.</param>
    public SmtpAuthClient(SaslClientSession session, SmtpAuthClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        _session = session;
        _options = options ?? new SmtpAuthClientOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.MaxChallengeLength, nameof(options));
    }

    /// <summary>The longest line the host has to pass whole, in octets. Of a longer one it may pass any part that is longer than this
    /// and drop the rest, so that no server can fill its memory.</summary>
    public int MaxLineLength => PrefixLength + _options.MaxChallengeLength;

    /// <summary>Finds the mechanisms in a server's EHLO reply: <c>AUTH a b</c> and the old <c>AUTH=a b</c>, merged, each once.</summary>
    /// <param name="ehloLines">The reply's lines, with or without <c>250-</c>, without CRLF.</param>
    /// <returns>The names in upper case, in the server's order; none when the server does not offer AUTH.</returns>
    public static ImmutableArray<string> MechanismsIn(IEnumerable<string> ehloLines)
    {
        ArgumentNullException.ThrowIfNull(ehloLines);
        ImmutableArray<string>.Builder names = ImmutableArray.CreateBuilder<string>();
        foreach (string line in ehloLines)
        {
            ReadOnlySpan<char> keyword = line.StartsWith("250-", StringComparison.Ordinal) || line.StartsWith("250 ", StringComparison.Ordinal)
                ? line.AsSpan(PrefixLength) : line;
            if (!keyword.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase) || keyword is not [_, _, _, _, ' ' or '=', ..])
                continue;
            foreach (Range range in keyword[5..].SplitAny(' ', '\t'))
            {
                string name = keyword[5..][range].ToString().ToUpperInvariant();
                if (IsName(name) && !names.Contains(name) && names.Count < MaxMechanisms)
                    names.Add(name);
            }
        }
        return names.DrainToImmutable();
    }

    /// <summary>Logs in with the best mechanism that both sides have.</summary>
    /// <param name="mechanisms">What the server offers: <see cref="MechanismsIn"/> of its EHLO reply. All of it, because SCRAM
    /// tells the server whether an offer to bind has been removed on the way; <see cref="SaslPolicy.Allow"/> leaves mechanisms out.</param>
    /// <param name="writeLine">Sends a line; adds CRLF and flushes.</param>
    /// <param name="readLine">Reads a line, without CRLF; null when the connection has ended. See <see cref="MaxLineLength"/>.</param>
    /// <param name="cancellationToken">Cancels waiting. After that, as after any exception, the connection must be closed.</param>
    /// <returns>The outcome. Only what the host's functions, the source of tokens and the prompt throw is thrown.</returns>
    /// <exception cref="InvalidOperationException">The session is authenticated already.</exception>
    public async ValueTask<SmtpAuthResult> RunAsync(
        IEnumerable<string> mechanisms,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> writeLine,
        Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> readLine,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mechanisms);
        ArgumentNullException.ThrowIfNull(writeLine);
        ArgumentNullException.ThrowIfNull(readLine);
        List<string> left = [.. mechanisms];
        SmtpAuthResult? last = null;
        try
        {
            while (true)
            {
                SaslReply start = await _session.StartAsync(left, cancellationToken).ConfigureAwait(false);
                if (start.Status is SaslStatus.Failure)
                    return last ?? NotStarted(start.Error);
                last = await ExchangeAsync(start, writeLine, readLine, cancellationToken).ConfigureAwait(false);
                if (!_options.TryNextMechanism || last.MustDisconnect || _session.IsAuthenticated
                    || _session.Mechanism!.RequiresChannelBinding || !SmtpReplyMeaning.IsAboutTheMechanism(last))
                {
                    return last;
                }
                left.RemoveAll(name => name.Equals(last.Mechanism, StringComparison.OrdinalIgnoreCase));
            }
        }
        finally
        {
            _response.Clear();
            _line.Clear();
            _challenge.Clear();
        }
    }

    /// <summary>Erases what is secret, and the session. A security layer stays with whom it was given to.</summary>
    public void Dispose()
    {
        _session.Dispose();
        _response.Dispose();
        _line.Dispose();
        _challenge.Dispose();
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= SaslMechanism.MaxNameLength
        && name.All(static character => char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character) || character is '-' or '_');

    private SmtpAuthResult NotStarted(SaslError error) => new()
    {
        Error = error,
        Mechanism = _session.Mechanism?.Name,
        Detail = _session.FailureDetail,
        Selection = error is SaslError.MechanismUnavailable ? _session.Explain() : null,
    };

    private async ValueTask<SmtpAuthResult> ExchangeAsync(
        SaslReply start,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> writeLine,
        Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> readLine,
        CancellationToken cancellationToken)
    {
        bool responseIsWaiting = WriteCommand(start.Message);
        await writeLine(_line.WrittenMemory, cancellationToken).ConfigureAwait(false);
        for (int challenges = 0; challenges <= MaxChallenges; challenges++)
        {
            SmtpServerReply? reply = await SmtpServerReply.ReadAsync(readLine, cancellationToken).ConfigureAwait(false);
            if (reply is null or { Code: 0 })
                return Lost(reply);
            if (reply.Code is SmtpAuthReply.SuccessCode)
                return await CompleteAsync(reply, responseIsWaiting, cancellationToken).ConfigureAwait(false);
            if (reply.Code is not SmtpAuthReply.ChallengeCode)
                return Refused(reply);
            if (await AnswerAsync(reply, responseIsWaiting, cancellationToken).ConfigureAwait(false) is (var error, { } detail))
                return await CancelAsync(error, detail, writeLine, readLine, cancellationToken).ConfigureAwait(false);
            responseIsWaiting = false;
            await writeLine(_response.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }
        return await CancelAsync(SaslError.Malformed, "the server asks without end", writeLine, readLine, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Writes the command; true when there is an initial response that did not go with it.</summary>
    private bool WriteCommand(ReadOnlyMemory<byte>? initialResponse)
    {
        _line.Clear();
        _line.Write("AUTH "u8);
        _line.Write(Encoding.ASCII.GetBytes(_session.Mechanism!.Name));
        _response.Clear();
        if (initialResponse is not { } response)
            return false;

        SaslBase64.Encode(response.Span, _response);
        ReadOnlySpan<byte> argument = _response.WrittenCount == 0 ? "="u8 : _response.WrittenSpan;
        if (!_options.InitialResponse || _line.WrittenCount + " \r\n".Length + argument.Length > _options.MaxCommandLength)
            return true;
        _line.Write(" "u8);
        _line.Write(argument);
        return false;
    }

    /// <summary>Puts the answer to a challenge into the response; the reason why not otherwise.</summary>
    private async ValueTask<(SaslError Error, string? Detail)> AnswerAsync(
        SmtpServerReply reply, bool responseIsWaiting, CancellationToken cancellationToken)
    {
        if (reply.Lines > 1)
            return (SaslError.Malformed, "the challenge has several lines");
        if (reply.LastText.Length > _options.MaxChallengeLength)
            return (SaslError.MessageTooLong, "the challenge is longer than the configured limit");
        _challenge.Clear();
        if (!SaslBase64.TryDecode(reply.LastText.Span, _challenge))
            return (SaslError.Malformed, "the challenge is not base64");
        if (responseIsWaiting)
        {
            return _challenge.WrittenCount == 0
                ? (SaslError.None, null)
                : (SaslError.Malformed, "a challenge before the initial response");
        }

        SaslReply answer = await _session.StepAsync(_challenge.WrittenMemory, cancellationToken).ConfigureAwait(false);
        if (answer.Status is SaslStatus.Failure)
            return (answer.Error, _session.FailureDetail ?? "the exchange failed");
        _response.Clear();
        SaslBase64.Encode((answer.Message ?? default).Span, _response);
        return (SaslError.None, null);
    }

    private async ValueTask<SmtpAuthResult> CompleteAsync(
        SmtpServerReply reply, bool responseIsWaiting, CancellationToken cancellationToken)
    {
        if (responseIsWaiting)
        {
            _session.Abort();
            return Ended(reply, SaslError.Malformed, "the server reported success before it had the initial response", mustDisconnect: true);
        }
        SaslReply end = await _session.CompleteAsync(successData: null, cancellationToken).ConfigureAwait(false);
        return end.IsSuccess
            ? Ended(reply, SaslError.None, detail: null, mustDisconnect: false) with { SecurityLayer = _session.SecurityLayer }
            : Ended(reply, end.Error, _session.FailureDetail, mustDisconnect: true);
    }

    private SmtpAuthResult Refused(SmtpServerReply reply)
    {
        SaslError meaning = SmtpReplyMeaning.Of(reply);
        if (meaning is SaslError.InvalidCredentials)
            _session.ServerRefused();
        else
            _session.Abort();
        return Ended(reply, meaning, _session.FailureDetail, mustDisconnect: reply.Code is SmtpReplyMeaning.ServiceClosing or < 400);
    }

    /// <summary>This side gives up: "*", to which the server answers 501 (RFC 4954 section 4).</summary>
    private async ValueTask<SmtpAuthResult> CancelAsync(
        SaslError error,
        string detail,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> writeLine,
        Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> readLine,
        CancellationToken cancellationToken)
    {
        _session.Abort();
        await writeLine("*"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        SmtpServerReply? reply = await SmtpServerReply.ReadAsync(readLine, cancellationToken).ConfigureAwait(false);
        // A server that goes on, or that lets in a client that has given up, is not one to talk to.
        bool mustDisconnect = reply is null or { Code: < 400 or SmtpReplyMeaning.ServiceClosing } || error is SaslError.ServerNotAuthentic;
        return Ended(reply, error, detail, mustDisconnect);
    }

    private SmtpAuthResult Lost(SmtpServerReply? reply)
    {
        _session.Abort();
        return reply is null
            ? Ended(reply, SaslError.TemporaryFailure, "the connection ended", mustDisconnect: true)
            : Ended(reply, SaslError.Malformed, "what came is not an SMTP reply", mustDisconnect: true);
    }

    private SmtpAuthResult Ended(SmtpServerReply? reply, SaslError error, string? detail, bool mustDisconnect) => new()
    {
        Error = error,
        Mechanism = _session.Mechanism?.Name,
        ReplyCode = reply is null or { Code: 0 } ? null : reply.Code,
        EnhancedStatus = reply?.Status,
        ServerText = reply?.Text ?? "",
        Detail = detail,
        MustDisconnect = mustDisconnect,
    };
}
