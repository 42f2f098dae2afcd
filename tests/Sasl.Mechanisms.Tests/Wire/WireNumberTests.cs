using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Numbers have bounds.</summary>
public sealed class WireNumberTests
{
    [Theory]
    [InlineData("1", 10, 1)]
    [InlineData("10", 10, 10)]
    [InlineData("4096", 5000, 4096)]
    [InlineData("2147483647", int.MaxValue, int.MaxValue)]
    public void A_number_within_its_bound_is_read(string digits, int max, int expected)
    {
        Assert.True(WireNumber.TryParsePositive(Encoding.ASCII.GetBytes(digits), max, out int number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("0", 10)]
    [InlineData("01", 10)]
    [InlineData("11", 10)]
    [InlineData("9", 8)]
    [InlineData("100", 99)]
    [InlineData("-1", 10)]
    [InlineData("+1", 10)]
    [InlineData("1 ", 10)]
    [InlineData("1a", 1000)]
    [InlineData("2147483648", int.MaxValue)]
    [InlineData("4294967297", int.MaxValue)]
    [InlineData("18446744073709551617", int.MaxValue)]
    public void Anything_else_is_refused(string digits, int max)
    {
        Assert.False(WireNumber.TryParsePositive(Encoding.ASCII.GetBytes(digits), max, out int number));
        Assert.Equal(0, number);
    }
}
