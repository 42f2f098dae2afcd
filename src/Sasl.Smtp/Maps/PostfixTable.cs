using System.Text;
using System.Text.Unicode;

namespace Sasl.Smtp;

/// <summary>Reads the source form of Postfix's look-up tables (postmap(1), <c>texthash:</c>).</summary>
/// <remarks><code>
/// logical line = line *( LF continuation )      a continuation starts with white space; its white space is kept
/// line         = key 1*white value              a key may be "in quotes", and then have blanks; \ protects the next character
/// </code>
/// Lines that are empty, blank, or start with <c>#</c> after blanks mean nothing and do not end a logical line. Keys are folded to lower case.
/// </remarks>
internal sealed class PostfixTable(string source, SmtpMapOptions options)
{
    /// <summary>The largest table read, in octets.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    public delegate void Entry(string key, ReadOnlySpan<byte> value, int line);

    /// <summary>Reads a file whole. The caller erases it.</summary>
    public static byte[] ReadFile(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (file.Length > MaxLength)
                throw new SaslConfigurationException($"{path} is larger than {MaxLength} octets, which is the most a table may have.");
            byte[] content = GC.AllocateUninitializedArray<byte>((int)file.Length, pinned: true);
            file.ReadExactly(content);
            return content;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SaslConfigurationException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The form in which keys are kept and asked for.</summary>
    public static string Fold(string key) => key.ToLowerInvariant();

    /// <summary>Calls a function for each entry, in the order of the file. An entry may be given twice.</summary>
    public void Read(ReadOnlySpan<byte> content, Entry add)
    {
        using var logical = new SecureBufferWriter();
        int number = 0;
        int first = 0;
        while (!content.IsEmpty)
        {
            number++;
            int end = content.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? content : content[..end];
            content = end < 0 ? default : content[(end + 1)..];

            if (logical.WrittenCount == 0)
                first = number;
            if (!MeansNothing(line))
                logical.Write(line);
            bool goesOn = !content.IsEmpty && (content[0] == (byte)'#' || IsWhite(content[0]));
            if (logical.WrittenCount > 0 && !goesOn)
            {
                Split(logical.WrittenSpan, first, add);
                logical.Clear();
            }
        }
    }

    public SaslConfigurationException Error(int line, string reason) => new($"{source}({line}): {reason}.");

    public void Warn(int line, string reason) => options.Warning?.Invoke($"{source}({line}): {reason}.");

    /// <summary>An error, or with SkipBadLines a warning.</summary>
    public void Reject(int line, string reason)
    {
        if (!options.SkipBadLines)
            throw Error(line, reason);
        Warn(line, reason + "; the line is ignored");
    }

    private static bool IsWhite(byte octet) => octet is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');

    private static bool MeansNothing(ReadOnlySpan<byte> line)
    {
        foreach (byte octet in line)
        {
            if (!IsWhite(octet))
                return octet == (byte)'#';
        }
        return true;
    }

    private static int EndOfKey(ReadOnlySpan<byte> line, out bool isQuoted)
    {
        isQuoted = false;
        int i = 0;
        for (; i < line.Length; i++)
        {
            if (line[i] == (byte)'\\')
                i++;
            else if (line[i] == (byte)'"')
                isQuoted = !isQuoted;
            else if (IsWhite(line[i]) && !isQuoted)
                break;
        }
        return Math.Min(i, line.Length);
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value)
    {
        while (value is [var first, ..] && IsWhite(first))
            value = value[1..];
        while (value is [.., var last] && IsWhite(last))
            value = value[..^1];
        return value;
    }

    private void Split(ReadOnlySpan<byte> line, int number, Entry add)
    {
        int end = EndOfKey(line, out bool isQuoted);
        ReadOnlySpan<byte> value = Trim(line[end..]);
        string? reason = IsWhite(line[0]) ? "a continuation line has nothing to continue"
            : line.Contains((byte)0) ? "the line has a NUL"
            : !Utf8.IsValid(line) ? "the line is not UTF-8"
            : isQuoted ? "a quotation mark is not closed"
            : value.IsEmpty ? "expected is \"key value\" with white space between"
            : null;
        if (reason is not null)
        {
            Reject(number, reason);
            return;
        }
        if (line[end - 1] == (byte)':')
            Warn(number, "the key ends in a colon, which aliases files have and tables have not");
        add(Fold(Encoding.UTF8.GetString(line[..end])), value, number);
    }
}
