using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Forms;

/// <summary>Tells from a file's first octets of which form it is.</summary>
/// <param name="kinds">The forms there are.</param>
internal sealed class SasldbFormDetector(IReadOnlyList<SasldbFormKind> kinds)
{
    /// <summary>How many octets are looked at. No sasldb is shorter.</summary>
    public const int HeaderLength = 64;

    // NDBM puts two files at the path, and none under its very name.
    private const string NdbmSuffix = ".pag";
    private const string NdbmSentence = "this is an NDBM file, which nobody's Cyrus SASL makes any more and this library does not read; "
        + "list its users with sasldblistusers2 there, and add them to a new file";

    /// <summary>Tells the form of the file at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="probe">Asks the system about it.</param>
    /// <returns>Null when there is no file, or an empty one.</returns>
    /// <exception cref="SasldbException">It cannot be read, or is of no form that can be.</exception>
    public SasldbFormKind? Detect(string path, FileProbe probe)
    {
        if (!probe.TryGet(out FileFacts facts))
        {
            return File.Exists(path + NdbmSuffix)
                ? throw new SasldbException(SasldbFault.UnsupportedForm, path, $"{path}{NdbmSuffix}: {NdbmSentence}")
                : null;
        }
        if (facts.IsRegularFile && facts.Identity.Length == 0)
            return null;
        using SafeFileHandle file = FileOpening.OpenToRead(path, facts);
        try
        {
            Span<byte> header = stackalloc byte[HeaderLength];
            int length = FileOpening.ReadHeader(path, file, header);
            return length == 0 ? null : Find(path, header[..length]);
        }
        catch (SasldbException) when (IsReplaced(probe, file))
        {
            // A writer may make a file unusable after it put another one in its place.
            return Detect(path, probe);
        }
    }

    /// <summary>Whether a path no longer names an open file.</summary>
    /// <param name="probe">Asks the system about the path.</param>
    /// <param name="file">The open file.</param>
    public static bool IsReplaced(FileProbe probe, SafeFileHandle file) =>
        !probe.TryGet(out FileFacts now) || !now.Identity.IsSameFile(FileProbe.Identify(file));

    /// <summary>Requires that an open file is of one form.</summary>
    /// <param name="path">The file, for the complaint.</param>
    /// <param name="file">The open file.</param>
    /// <param name="kind">The form.</param>
    /// <exception cref="SasldbException">It is of another.</exception>
    public static void Require(string path, SafeFileHandle file, SasldbFormKind kind)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        int length = FileOpening.ReadHeader(path, file, header);
        RequireWhole(path, length);
        if (!kind.Recognizes(header))
            throw Unsupported(path, kind.Refuses(header) ?? "this is no longer the form it was");
    }

    private SasldbFormKind Find(string path, ReadOnlySpan<byte> header)
    {
        RequireWhole(path, header.Length);
        foreach (SasldbFormKind kind in kinds)
        {
            if (kind.Recognizes(header))
                return kind;
        }
        foreach (SasldbFormKind kind in kinds)
        {
            if (kind.Refuses(header) is { } sentence)
                throw Unsupported(path, sentence);
        }
        if (header.StartsWith("VERSION="u8))
            throw Unsupported(path, "this is a text dump; load it with mdb_load -n or db_load");
        throw Unsupported(path, path.EndsWith(NdbmSuffix, StringComparison.Ordinal) ? NdbmSentence : "this is no sasldb file");
    }

    private static void RequireWhole(string path, int length)
    {
        if (length < HeaderLength)
            throw FileComplaint.Damaged(path, $"it has only {length} octets");
    }

    private static SasldbException Unsupported(string path, string sentence) =>
        new(SasldbFault.UnsupportedForm, path, $"{path}: {sentence}");
}
