using System.Buffers;
using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Preparation;

/// <summary>What preparing costs, and what it leaves behind.</summary>
public sealed class SaslPrepMemoryTests
{
    private const int Attempts = 10;

    // The pool's smallest array; every text here fits in it.
    private const int SmallestRoom = 16;

    [Fact]
    public void Printable_ASCII_passes_without_allocation()
    {
        var output = new FixedWriter();
        const string Text = "correct horse battery staple!~";
        byte[] utf8 = Encoding.ASCII.GetBytes(Text);
        long allocated = AllocatedBy(() =>
        {
            SaslPrep.TryQuery(utf8, output);
            SaslPrep.TryStored(utf8, output);
            SaslPrep.TryQuery(Text, out _);
            SaslPrep.TryStored(Text, out _);
            SaslPrep.TryTrace(Text, out _);
        });
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Printable_ASCII_is_returned_as_the_same_string()
    {
        string text = new('x', 10);
        Assert.True(SaslPrep.TryQuery(text, out string? prepared));
        Assert.Same(text, prepared);
    }

    [Theory]
    [InlineData("accepted \u00E9", true)]
    [InlineData("refused \u00E9\u202E", false)]
    public void The_pooled_code_points_of_a_password_are_erased(string password, bool accepted)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(password);
        void Prepare() => Assert.Equal(accepted, SaslPrep.TryQuery(utf8, new FixedWriter()));
        Assert.All(RentedAgain<long>(SmallestRoom, -1, Prepare), static point => Assert.Equal(0, point));
    }

    [Fact]
    public void The_pooled_octets_of_a_string_are_erased()
    {
        const string Name = "\u00E9\u00E9\u00E9";
        void Prepare() => Assert.True(SaslPrep.TryQuery(Name, out _));
        Assert.All(RentedAgain<byte>(SmallestRoom, 0xFF, Prepare), static octet => Assert.Equal(0, octet));
    }

    [Fact]
    public void A_password_is_erased_when_the_writer_throws()
    {
        byte[] utf8 = "secret \u00E9"u8.ToArray();
        void Prepare() => Assert.Throws<NotSupportedException>(() => SaslPrep.TryQuery(utf8, new ThrowingWriter()));
        Assert.All(RentedAgain<long>(SmallestRoom, -1, Prepare), static point => Assert.Equal(0, point));
    }

    /// <summary>The array that the action will have rented from the shared pool: filled before, looked at after.</summary>
    private static T[] RentedAgain<T>(int length, T filling, Action action)
    {
        for (int i = 0; i < Attempts; i++)
        {
            T[] before = ArrayPool<T>.Shared.Rent(length);
            Array.Fill(before, filling);
            ArrayPool<T>.Shared.Return(before);
            action();
            T[] after = ArrayPool<T>.Shared.Rent(length);

            // The pool keeps the last array for each thread, unless a collection trims it meanwhile.
            if (ReferenceEquals(before, after))
                return after;
        }

        throw new InvalidOperationException("The pool never gave the same array again.");
    }

    private static long AllocatedBy(Action action)
    {
        action();
        long least = long.MaxValue;
        for (int i = 0; i < Attempts; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    /// <summary>Writes over the same memory again and again.</summary>
    private sealed class FixedWriter : IBufferWriter<byte>
    {
        private readonly byte[] _memory = new byte[256];

        public void Advance(int count)
        {
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _memory;

        public Span<byte> GetSpan(int sizeHint = 0) => _memory;
    }

    private sealed class ThrowingWriter : IBufferWriter<byte>
    {
        public void Advance(int count) => throw new NotSupportedException();

        public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

        public Span<byte> GetSpan(int sizeHint = 0) => throw new NotSupportedException();
    }
}
