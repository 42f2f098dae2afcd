using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The file in which OPIE keeps sequences, usually <c>/etc/opiekeys</c>. It is read for one user at a time and never written.</summary>
/// <remarks>
/// <code>
/// line = name SP sequence SP seed SP 16HEXDIG *(SP date)      ; the hash is MD5; sixteen "*" stand for a user who may not
/// </code>
/// </remarks>
internal static class OpieKeysFile
{
    /// <summary>Longer files are refused.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>The sequence of a user; null when the file has none, or does not exist.</summary>
    /// <exception cref="SaslUnavailableException">The file cannot be read.</exception>
    public static async ValueTask<OtpRecord?> FindAsync(string path, string name, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(path, Encoding.Latin1);
            if (reader.BaseStream.Length > MaxLength)
                throw new SaslUnavailableException("the file of opiekeys is too long");
            while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (Parse(line, name) is { } record)
                    return record;
            }
            return null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SaslUnavailableException("the file of opiekeys cannot be read", exception);
        }
    }

    private static OtpRecord? Parse(string line, string name)
    {
        string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 4 || words[0] != name || words[0][0] == '#')
            return null;
        byte[] password = new byte[OtpHash.Length];
        return OtpParameters.Parse(OtpHash.NameOf(OtpAlgorithm.Md5), words[1], words[2]) is { } parameters && OtpText.TryReadHex(words[3], password)
            ? new OtpRecord(parameters, password, DateTimeOffset.UnixEpoch)
            : null;
    }
}
