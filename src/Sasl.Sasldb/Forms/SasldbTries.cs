namespace Sasl.Sasldb.Forms;

/// <summary>Judges whether what was read may be believed, and when to give up reading again.</summary>
/// <remarks>
/// Nobody's writer is kept waiting by a lookup, which takes no lock; so a file may be written while it is read. One that was touched meanwhile is
/// read again. One that was touched so shortly before that its time may not show another writing is read twice, until both readings are the
/// same. And as long as that is so, "no such user", which is how a record on its way from page to page looks, is not believed.
/// </remarks>
/// <param name="doubt">How long "no such user" is not believed.</param>
internal struct SasldbTries(TimeSpan doubt)
{
    private const int LeastTries = 10;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly long _began = Environment.TickCount64;
    private SpinWait _spin;
    private int _tries;
    private ulong? _before;

    /// <summary>Whether what was read from a file that was not touched meanwhile may be believed.</summary>
    /// <param name="isDoubtful">Whether it must be read twice: <see cref="ISasldbSnapshot.IsDoubtful"/>.</param>
    /// <param name="fingerprint">Of everything that was read.</param>
    /// <param name="isAbsence">Whether it is "no such user".</param>
    public bool AreEnough(bool isDoubtful, ulong fingerprint, bool isAbsence)
    {
        if (!isDoubtful)
            return true;
        bool isSame = _before == fingerprint;
        _before = fingerprint;
        return isSame && !(isAbsence && Waited < doubt);
    }

    /// <summary>Lets a writer go on.</summary>
    /// <returns>False when it is time to give up.</returns>
    public bool WaitForNext()
    {
        _spin.SpinOnce();
        return ++_tries < LeastTries || Waited < s_patience;
    }

    private readonly TimeSpan Waited => TimeSpan.FromMilliseconds(Environment.TickCount64 - _began);
}
