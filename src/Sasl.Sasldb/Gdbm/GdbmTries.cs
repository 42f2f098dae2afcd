using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>Judges whether what was read may be believed, and when to give up reading again. See docs/decisions/0020.</summary>
/// <remarks>
/// libgdbm writes in place, and a lookup takes no lock, because libgdbm's writers fail at once when they find one. A file that was touched
/// while it was read is read again. One that was touched so shortly before that a writer may still be at it is read twice, until both
/// readings are the same.
/// </remarks>
internal struct GdbmTries()
{
    /// <summary>
    /// How long a file may be written to without getting another time. libgdbm writes through mapped memory, where the first touch of a
    /// page gives the time and later ones do not; so this is longer than Cyrus SASL ever has a file open to write one record.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly long _began = Environment.TickCount64;
    private SpinWait _spin;
    private int? _before;

    /// <summary>Whether what was read may be believed.</summary>
    /// <param name="snapshot">What was read through.</param>
    /// <param name="now">What the system says about the path now.</param>
    public bool AreEnough(GdbmSnapshot snapshot, in FileIdentity now)
    {
        if (now != snapshot.Identity)
            return false;
        if (snapshot.IsSettled)
            return true;
        int fingerprint = snapshot.Fingerprint;
        bool isSame = _before == fingerprint;
        _before = fingerprint;
        return isSame;
    }

    /// <summary>Lets a writer go on.</summary>
    /// <returns>False when it is time to give up.</returns>
    public bool WaitForNext()
    {
        _spin.SpinOnce();
        return TimeSpan.FromMilliseconds(Environment.TickCount64 - _began) < s_patience;
    }
}
