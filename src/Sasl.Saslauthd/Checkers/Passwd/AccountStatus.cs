namespace Sasl.Saslauthd;

/// <summary>What the C library answers for a look-up, where it matters: numbers of errno, the same on every Linux.</summary>
internal static class AccountStatus
{
    public const int NoSuchFile = 2;      // ENOENT
    public const int NoSuchProcess = 3;   // ESRCH, which some sources of names answer for an unknown name
    public const int BufferTooSmall = 34; // ERANGE
}
