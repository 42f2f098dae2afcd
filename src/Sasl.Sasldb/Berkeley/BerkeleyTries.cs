namespace Sasl.Sasldb.Berkeley;

/// <summary>Judges whether what was read may be believed, and when to give up reading again.</summary>
/// <remarks>
/// Berkeley DB as Cyrus uses it writes pages in place, one after the other, and nobody takes a lock. Three things are done about that.
/// A file that was touched while it was read is read again. One that was touched so shortly before that its time may not show another
/// writing is read twice, until both readings are the same. And as long as that is so, "no such user" and damage, which is how a record
/// on its way from page to page looks, are not believed.
/// </remarks>
internal struct BerkeleyTries()
{
    /// <summary>File systems take the time from a clock that moves every 10 milliseconds, or oftener.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(40);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly long _began = Environment.TickCount64;
    private SpinWait _spin;
    private ulong? _before;

    /// <summary>Whether what was read may be believed.</summary>
    /// <param name="file">The file.</param>
    /// <param name="snapshot">What was read through.</param>
    /// <param name="fingerprint">Of everything that was read.</param>
    /// <param name="isDoubtful">Whether it is what half a change looks like.</param>
    public bool AreEnough(BerkeleyFile file, BerkeleySnapshot snapshot, ulong fingerprint, bool isDoubtful)
    {
        if (!file.IsUntouched(snapshot.Identity))
            return false;
        if (snapshot.IsSettled)
            return true;
        bool isSame = _before == fingerprint;
        _before = fingerprint;
        return isSame && !(isDoubtful && Waited < Settling);
    }

    /// <summary>Lets a writer go on.</summary>
    /// <returns>False when it is time to give up.</returns>
    public bool WaitForNext()
    {
        _spin.SpinOnce();
        return Waited < s_patience;
    }

    private readonly TimeSpan Waited => TimeSpan.FromMilliseconds(Environment.TickCount64 - _began);
}
