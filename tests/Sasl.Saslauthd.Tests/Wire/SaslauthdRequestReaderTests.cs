using System.Text;
using Xunit;

namespace Sasl.Saslauthd.Tests.Wire;

public sealed class SaslauthdRequestReaderTests
{
    private const string Four = "\0\u0002u1\0\u0005magic\0\u0006sample\0\u0007myrealm";
    private const string Five = Four + "\0\u000F192.0.2.1;40000";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_request_may_arrive_in_any_pieces(int piece)
    {
        using var reader = new SaslauthdRequestReader();
        Assert.Equal(SaslauthdRequestState.FiveStrings, Feed(reader, Five, piece));
        Assert.Equal(
            ["u1", "magic", "sample", "myrealm", "192.0.2.1;40000"],
            Enum.GetValues<SaslauthdField>().Select(field => Encoding.Latin1.GetString(reader[field].Span)));
        Assert.True(reader.Free.IsEmpty);
    }

    [Fact]
    public void Every_beginning_of_a_request_is_incomplete()
    {
        for (int length = 0; length < Four.Length; length++)
        {
            using var reader = new SaslauthdRequestReader();
            Assert.Equal(SaslauthdRequestState.Incomplete, Feed(reader, Four[..length], 1000));
            Assert.False(reader.Free.IsEmpty);
        }
    }

    [Fact]
    public void Four_strings_are_enough_and_a_fifth_may_follow()
    {
        using var reader = new SaslauthdRequestReader();
        Assert.Equal(SaslauthdRequestState.FourStrings, Feed(reader, Four, 1000));
        Assert.False(reader.HasPart);
        Assert.True(reader[SaslauthdField.Client].IsEmpty);
        Assert.Equal(SaslauthdRequestState.FourStrings, Feed(reader, "\0", 1));
        Assert.True(reader.HasPart);
        Assert.Equal(SaslauthdRequestState.FiveStrings, Feed(reader, "\0", 1));
    }

    [Fact]
    public void What_follows_the_fifth_string_is_ignored()
    {
        using var reader = new SaslauthdRequestReader();
        Assert.Equal(SaslauthdRequestState.FiveStrings, Feed(reader, Five + "more", 1000));
        Assert.Equal("192.0.2.1;40000", Encoding.Latin1.GetString(reader[SaslauthdField.Client].Span));
    }

    [Fact]
    public void The_longest_strings_fit_and_longer_ones_are_refused_by_their_count_alone()
    {
        using var reader = new SaslauthdRequestReader();
        string longest = "\u0001\0" + new string('x', SaslauthdWire.MaxFieldLength);
        Assert.Equal(SaslauthdRequestState.FiveStrings, Feed(reader, string.Concat(Enumerable.Repeat(longest, 5)), 100));
        using var second = new SaslauthdRequestReader();
        Assert.Equal(SaslauthdRequestState.TooLong, Feed(second, "\u0001\u0001", 2));
        Assert.True(second.Free.IsEmpty);
    }

    [Fact]
    public void A_NUL_is_refused()
    {
        using var reader = new SaslauthdRequestReader();
        Assert.Equal(SaslauthdRequestState.HasNul, Feed(reader, "\0\u0007alice\0x", 1000));
    }

    [Fact]
    public void Random_octets_end_in_some_state_within_the_bound()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++)
        {
            using var reader = new SaslauthdRequestReader();
            int received = 0;
            while (!reader.Free.IsEmpty && received < 4_000)
            {
                int count = Math.Min(reader.Free.Length, random.Next(1, 60));
                for (int i = 0; i < count; i++)
                    reader.Free.Span[i] = (byte)(random.Next(4) == 0 ? random.Next(1, 256) : random.Next(2));
                reader.Advance(count);
                received += count;
            }
            Assert.True(received <= SaslauthdWire.MaxRequestLength, $"seed {seed}");
        }
    }

    private static SaslauthdRequestState Feed(SaslauthdRequestReader reader, string octets, int piece)
    {
        byte[] all = Encoding.Latin1.GetBytes(octets);
        for (int sent = 0; sent < all.Length && !reader.Free.IsEmpty;)
        {
            int count = Math.Min(Math.Min(piece, all.Length - sent), reader.Free.Length);
            all.AsSpan(sent, count).CopyTo(reader.Free.Span);
            reader.Advance(count);
            sent += count;
        }
        return reader.State;
    }
}
