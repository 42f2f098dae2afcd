using System.Buffers.Binary;

namespace Sasl.Kerberos.Tests;

/// <summary>Makes tickets in a credential cache older than they are: the times before them are nobody's signature.</summary>
internal static class TicketFile
{
    private const int TimeOctets = 4;

    /// <summary>Moves all times of all tickets into the past.</summary>
    /// <param name="path">The cache.</param>
    /// <param name="life">How long the tickets were to last.</param>
    public static void Expire(string path, TimeSpan life)
    {
        byte[] octets = File.ReadAllBytes(path);
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        int changed = 0;
        // authtime, starttime, endtime, renew_till
        for (int i = 0; i + (3 * TimeOctets) <= octets.Length; i++)
        {
            long begin = Read(octets, i), start = Read(octets, i + TimeOctets), end = Read(octets, i + (2 * TimeOctets));
            if (Math.Abs(begin - now) > 300 || (start != begin && start != 0) || Math.Abs(end - begin - (long)life.TotalSeconds) > 300)
                continue;
            foreach (int place in (int[])[i, i + TimeOctets, i + (2 * TimeOctets)])
                BinaryPrimitives.WriteInt32BigEndian(octets.AsSpan(place), (int)Read(octets, place) - (int)TimeSpan.FromDays(2).TotalSeconds);
            changed++;
        }
        if (changed == 0)
            throw new InvalidOperationException("No ticket was found in the cache.");
        File.WriteAllBytes(path, octets);
    }

    /// <summary>Makes whoever uses the cache believe that its KDC's clock differs from this machine's, as kinit notes it in the file's head.</summary>
    /// <param name="path">The cache.</param>
    /// <param name="ahead">By how much the clock seems to be ahead.</param>
    public static void ShiftClock(string path, TimeSpan ahead)
    {
        ReadOnlySpan<byte> headWithoutClock = [5, 4, 0, 0];
        ReadOnlySpan<byte> headWithClock = [5, 4, 0, 12, 0, 1, 0, 8];
        byte[] octets = File.ReadAllBytes(path);
        int rest = octets.AsSpan().StartsWith(headWithClock) ? headWithClock.Length + (2 * TimeOctets)
            : octets.AsSpan().StartsWith(headWithoutClock) ? headWithoutClock.Length
            : throw new InvalidOperationException("The cache has another head.");
        byte[] clock = new byte[2 * TimeOctets];    // seconds and microseconds
        BinaryPrimitives.WriteInt32BigEndian(clock, (int)ahead.TotalSeconds);
        File.WriteAllBytes(path, [.. headWithClock, .. clock, .. octets.AsSpan(rest)]);
    }

    private static long Read(byte[] octets, int place) => BinaryPrimitives.ReadInt32BigEndian(octets.AsSpan(place));
}
