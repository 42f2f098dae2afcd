using System.Buffers;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>One connection to an IMAP server, as far as a login needs it (RFC 3501, RFC 5530). Not thread-safe.</summary>
/// <remarks>
/// <code>
/// reply    = *( "*" SP text CRLF ) ( tag SP ( "OK" / "NO" / "BAD" ) [ SP [ "[" code *[ SP text ] "]" ] text ] CRLF / "+" text CRLF )
/// greeting = "*" SP "OK" text CRLF
/// </code>
/// </remarks>
internal sealed class ImapConnection(Socket socket) : IAsyncDisposable
{
    /// <summary>The longest line of a server that is read, in octets.</summary>
    public const int MaxLineLength = 8192;

    /// <summary>How many lines a server may send before the one that ends a command.</summary>
    public const int MaxUntaggedLines = 100;

    /// <summary>The longest text that is sent as a quoted string; a longer one is a literal, because servers limit their lines, too.</summary>
    public const int MaxQuotedLength = 256;

    private static readonly SearchValues<byte> s_quotable =
        SearchValues.Create(Enumerable.Range(0x20, 0x7f - 0x20).Select(static octet => (byte)octet).ToArray());

    private readonly byte[] _input = new byte[MaxLineLength];
    private Stream _stream = new NetworkStream(socket, ownsSocket: true);
    private int _start;
    private int _end;
    private int _commands;
    private HashSet<string>? _capabilities;

    /// <summary>Waits for the greeting.</summary>
    /// <exception cref="ImapException">It is none, or a refusal.</exception>
    public async ValueTask GreetAsync(CancellationToken cancellationToken)
    {
        string line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (!IsWord(line, "* OK"))
            throw new ImapException(RimapReasons.Unavailable, "the server greeted with something else than '* OK'");
        LearnCapabilities(line);
    }

    /// <summary>Begins TLS, where the server offers it, and forgets what it said before.</summary>
    public async ValueTask StartTlsAsync(SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        if (!await CanAsync("STARTTLS", cancellationToken).ConfigureAwait(false))
            throw new ImapException(RimapReasons.Unavailable, "the server does not offer STARTTLS");
        ImapReply reply = await CommandAsync("STARTTLS", cancellationToken).ConfigureAwait(false);
        if (reply.Status is not ImapStatus.Ok)
            throw new ImapException(RimapReasons.Unavailable, "the server refused STARTTLS");
        // Whoever sits on the line could have put replies behind the OK, which would be read as if they had come through TLS.
        if (_start < _end)
            throw new ImapException(RimapReasons.Unexpected, "the server sent more than the answer to STARTTLS before TLS began");
        _capabilities = null;
        await ProtectAsync(options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins TLS at once.</summary>
    public async ValueTask ProtectAsync(SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        var protectedStream = new SslStream(_stream);
        _stream = protectedStream;
        await protectedStream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the server says that it can do something; it is asked where its greeting did not tell.</summary>
    public async ValueTask<bool> CanAsync(string capability, CancellationToken cancellationToken)
    {
        if (_capabilities is null)
        {
            ImapReply reply = await CommandAsync("CAPABILITY", cancellationToken).ConfigureAwait(false);
            if (reply.Status is not ImapStatus.Ok || _capabilities is null)
                throw new ImapException(RimapReasons.Unexpected, "the server did not answer CAPABILITY");
        }
        return _capabilities.Contains(capability);
    }

    /// <summary>Sends LOGIN. Neither text has a CR, LF or NUL.</summary>
    public async ValueTask<ImapReply> LoginAsync(ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        using var output = new SecureBufferWriter();
        string tag = NextTag();
        output.Write(Encoding.ASCII.GetBytes($"{tag} LOGIN "));
        if (await AppendAsync(output, name, tag, cancellationToken).ConfigureAwait(false) is { } nameRefused)
            return nameRefused;
        output.Write(" "u8);
        if (await AppendAsync(output, password, tag, cancellationToken).ConfigureAwait(false) is { } passwordRefused)
            return passwordRefused;
        output.Write("\r\n"u8);
        await SendAsync(output, cancellationToken).ConfigureAwait(false);
        return await ReadReplyAsync(tag, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says goodbye and does not wait for the answer.</summary>
    public async ValueTask LogoutAsync(CancellationToken cancellationToken)
    {
        using var output = new SecureBufferWriter();
        output.Write(Encoding.ASCII.GetBytes($"{NextTag()} LOGOUT\r\n"));
        await SendAsync(output, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    // A quoted string where every octet may stand in one; else a literal, which is counted, so that nothing in it can end it. The server has
    // to agree to a literal before it is sent; its refusal is what comes back.
    private async ValueTask<ImapReply?> AppendAsync(SecureBufferWriter output, ReadOnlyMemory<byte> text, string tag, CancellationToken cancellationToken)
    {
        if (IsQuotable(text.Span))
        {
            AppendQuoted(output, text.Span);
            return null;
        }
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{{text.Length}}}\r\n")));
        await SendAsync(output, cancellationToken).ConfigureAwait(false);
        ImapReply reply = await ReadReplyAsync(tag, cancellationToken).ConfigureAwait(false);
        if (reply.Status is ImapStatus.Ok)
            throw new ImapException(RimapReasons.Unexpected, "the server accepted a login before it had the password");
        if (reply.Status is not ImapStatus.Continue)
            return reply;
        output.Write(text.Span);
        return null;
    }

    private static bool IsQuotable(ReadOnlySpan<byte> text) => text.Length <= MaxQuotedLength && !text.ContainsAnyExcept(s_quotable);

    private static void AppendQuoted(SecureBufferWriter output, ReadOnlySpan<byte> text)
    {
        output.Write("\""u8);
        foreach (byte octet in text)
        {
            if (octet is (byte)'"' or (byte)'\\')
                output.Write("\\"u8);
            output.Write([octet]);
        }
        output.Write("\""u8);
    }

    private async ValueTask<ImapReply> CommandAsync(string command, CancellationToken cancellationToken)
    {
        string tag = NextTag();
        using var output = new SecureBufferWriter();
        output.Write(Encoding.ASCII.GetBytes($"{tag} {command}\r\n"));
        await SendAsync(output, cancellationToken).ConfigureAwait(false);
        return await ReadReplyAsync(tag, cancellationToken).ConfigureAwait(false);
    }

    private string NextTag() => string.Create(CultureInfo.InvariantCulture, $"saslauthd{++_commands}");

    private async ValueTask SendAsync(SecureBufferWriter output, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(output.WrittenMemory, cancellationToken).ConfigureAwait(false);
        output.Clear();
    }

    private async ValueTask<ImapReply> ReadReplyAsync(string tag, CancellationToken cancellationToken)
    {
        for (int lines = 0; lines <= MaxUntaggedLines; lines++)
        {
            string line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (line.StartsWith('+'))
                return new ImapReply(ImapStatus.Continue);
            if (line.StartsWith(tag + " ", StringComparison.Ordinal))
                return ReadStatus(line[(tag.Length + 1)..]);
            if (IsWord(line, "* BYE"))
                throw new ImapException(RimapReasons.Unavailable, "the server ended the connection with BYE");
            if (!line.StartsWith("* ", StringComparison.Ordinal))
                throw new ImapException(RimapReasons.Unexpected, "the server sent a line that is no reply");
            LearnCapabilities(line);
        }
        throw new ImapException(RimapReasons.Unexpected, $"the server sent more than {MaxUntaggedLines} lines before it answered");
    }

    private ImapReply ReadStatus(string text)
    {
        LearnCapabilities("* " + text);
        ImapStatus status = IsWord(text, "OK") ? ImapStatus.Ok
            : IsWord(text, "NO") ? ImapStatus.No
            : IsWord(text, "BAD") ? ImapStatus.Bad
            : throw new ImapException(RimapReasons.Unexpected, "the server answered with something else than OK, NO or BAD");
        string[] words = text.Split(' ', 3);
        return new ImapReply(status, words is [_, ['[', .. var code], ..] ? code.Split(']')[0].ToUpperInvariant() : "");
    }

    // "* CAPABILITY …", or the code "[CAPABILITY …]" of a reply.
    private void LearnCapabilities(string line)
    {
        const string Word = "CAPABILITY ";
        int at = line.IndexOf(Word, StringComparison.OrdinalIgnoreCase);
        if (at < 0 || !(at == 2 || line[at - 1] == '['))
            return;
        string list = line[(at + Word.Length)..];
        int end = line[at - 1] == '[' ? list.IndexOf(']', StringComparison.Ordinal) : list.Length;
        if (end >= 0)
            _capabilities = new HashSet<string>(list[..end].Split(' ', StringSplitOptions.RemoveEmptyEntries), StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsWord(string line, string word) =>
        line.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (line.Length == word.Length || line[word.Length] == ' ');

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        for (int searched = _start; ;)
        {
            int length = _input.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                ReadOnlySpan<byte> line = _input.AsSpan(_start, searched + length - _start).TrimEnd((byte)'\r');
                _start = searched + length + 1;
                return Encoding.Latin1.GetString(line);
            }
            if (_start > 0)
                MoveToFront();
            if (_end == MaxLineLength)
                throw new ImapException(RimapReasons.Unexpected, $"the server sent a line of more than {MaxLineLength} octets");
            searched = _end;
            int read = await _stream.ReadAsync(_input.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new ImapException(RimapReasons.Lost, "the server closed the connection");
            _end += read;
        }
    }

    private void MoveToFront()
    {
        _input.AsSpan(_start, _end - _start).CopyTo(_input);
        _end -= _start;
        _start = 0;
    }
}
