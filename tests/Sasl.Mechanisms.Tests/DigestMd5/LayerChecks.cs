using Sasl.Testing.Layers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>What every security layer has to do, whichever mechanism made it.</summary>
internal static class LayerChecks
{
    /// <summary>Sends buffers of many sizes both ways, and looks at the limits both sides announced.</summary>
    public static Task CarryBothWaysAsync(SaslSecurityLayer one, SaslSecurityLayer other)
    {
        var random = new Random(4);
        int most = one.MaxPlaintext;
        foreach (int size in (int[])[0, 1, 2, 7, 8, 9, 15, 16, 17, 100, 1000, most - 1, most, .. Enumerable.Range(0, 50).Select(_ => random.Next(most))])
        {
            byte[] plain = new byte[size];
            random.NextBytes(plain);
            Assert.Equal(plain, Carry(one, other, plain));
            Assert.Equal(plain, Carry(other, one, plain[..Math.Min(size, other.MaxPlaintext)]).Concat(plain[Math.Min(size, other.MaxPlaintext)..]));
        }
        return Task.CompletedTask;
    }

    private static byte[] Carry(SaslSecurityLayer from, SaslSecurityLayer to, byte[] plain)
    {
        byte[] packet = from.Seal(plain);
        Assert.InRange(packet.Length, plain.Length, to.MaxSealed);
        return to.Open(packet) ?? throw new Xunit.Sdk.XunitException($"{plain.Length} octets were refused");
    }
}
