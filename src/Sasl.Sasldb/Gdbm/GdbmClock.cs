using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>Compares the time of a file's last writing with the present.</summary>
internal static class GdbmClock
{
    /// <summary>
    /// How long a file may be written to without getting another time. libgdbm writes through mapped memory, where the first touch of a
    /// page gives the time and later ones do not; so this is longer than Cyrus SASL ever has a file open to write one record.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long, in milliseconds, the header and the directory are believed without a look, while the system says that the file was not
    /// written to: for those who keep a file open to write for longer than <see cref="Settling"/>.
    /// </summary>
    public const long Freshness = 1000;

    /// <summary>Whether the next writer will show in the file's time. False too for a time in the future.</summary>
    /// <param name="identity">What the system says about the file.</param>
    public static bool IsSettled(in FileIdentity identity) => TimeProvider.System.GetUtcNow() - identity.ModifiedAt > Settling;
}
