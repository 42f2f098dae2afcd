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

    private static long Read(byte[] octets, int place) => BinaryPrimitives.ReadInt32BigEndian(octets.AsSpan(place));
}
