using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>C's <c>struct timeval</c> of 64-bit systems.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LdapTime
{
    public long Seconds;
    public long Microseconds;

    /// <summary>The time; at least a millisecond, because libldap takes none at all for another question.</summary>
    public static LdapTime From(TimeSpan time)
    {
        long microseconds = Math.Max(1000, (long)time.TotalMicroseconds);
        return new LdapTime { Seconds = microseconds / 1_000_000, Microseconds = microseconds % 1_000_000 };
    }
}
