using System.Buffers;
using System.Text;
using Sasl.Smtp;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>What Cyrus SASL's <c>sasl_encode64</c> and <c>sasl_decode64</c> got wrong, and what they let pass.</summary>
public sealed class Base64HistoryTests
{
    [Theory]
    [InlineData("QQ==QQ==")]
    [InlineData("QUI=QUI=")]
    [InlineData("QQ==x")]
    [InlineData("QUJD=")]
    [InlineData("QUJD====")]
    public void Odd_base64_with_data_after_the_padding_is_refused(string text) => Refused(text);

    [Theory]
    [InlineData("A=AA")]
    [InlineData("A==A")]
    [InlineData("=AAA")]
    [InlineData("=QQ=")]
    [InlineData("====")]
    [InlineData("A===")]
    [InlineData("=")]
    [InlineData("==")]
    public void Odd_base64_with_padding_in_the_wrong_place_is_refused(string text) => Refused(text);

    [Theory]
    [InlineData("Q")]
    [InlineData("QU")]
    [InlineData("QUI")]
    [InlineData("QUJDR")]
    [InlineData("QQ=")]
    [InlineData("QUJDQQ=")]
    public void Odd_base64_that_ends_in_part_of_a_group_is_refused(string text) => Refused(text);

    [Theory]
    [InlineData("QUJD\r\n")]
    [InlineData("QUJD\n")]
    [InlineData("QUJD\r\nQUJD")]
    [InlineData("\rQUJ")]
    [InlineData("\r\nQU")]
    [InlineData(" QUJ")]
    [InlineData("QU JD")]
    [InlineData("QUJD\t")]
    [InlineData("QUJDQUJ ")]
    public void Odd_base64_with_white_space_or_a_line_end_is_refused(string text) => Refused(text);

    [Theory]
    [InlineData("QU*D")]
    [InlineData("QUJ-")]
    [InlineData("QUJ_")]
    [InlineData("QUJ\0")]
    [InlineData("QUJ\u00e9")]
    public void Odd_base64_with_any_other_character_is_refused(string text) => Refused(text);

    [Theory]
    [InlineData("QR==")]
    [InlineData("AB==")]
    [InlineData("QUJ=")]
    [InlineData("//==")]
    public void Odd_base64_with_set_padding_bits_is_refused(string text) => Refused(text);

    [Fact]
    public void Odd_base64_of_every_octet_in_every_place_is_refused()
    {
        byte[] good = "QUJDREVG"u8.ToArray();
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int place = 0; place < good.Length; place++)
        {
            for (int octet = 0; octet <= byte.MaxValue; octet++)
            {
                byte[] text = [.. good];
                text[place] = (byte)octet;
                bool legal = Alphabet.Contains((char)octet, StringComparison.Ordinal);
                // An "=" in the last place leaves "REV=", whose spare bits are set.
                Assert.Equal(legal, SaslBase64.TryDecode(text, new byte[6], out _));
            }
        }
    }

    [Fact]
    public void Odd_base64_without_any_character_is_an_empty_message()
    {
        Assert.True(SaslBase64.TryDecode([], [], out int written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void CVE_2009_0688_Base64_fits_exactly_and_writes_nothing_beyond()
    {
        for (int length = 0; length < 200; length++)
        {
            byte[] octets = [.. Enumerable.Range(0, length).Select(static i => (byte)i)];
            var writer = new ArrayBufferWriter<byte>();
            SaslBase64.Encode(octets, writer);
            Assert.Equal(Convert.ToBase64String(octets), Encoding.ASCII.GetString(writer.WrittenSpan));

            byte[] guarded = [.. Enumerable.Repeat((byte)0xEE, length + 4)];
            Assert.True(SaslBase64.TryDecode(writer.WrittenSpan, guarded.AsSpan(0, length), out int written));
            Assert.Equal(length, written);
            Assert.Equal(octets, guarded[..length]);
            Assert.Equal([0xEE, 0xEE, 0xEE, 0xEE], guarded[length..]);
            Assert.True(length == 0 || !SaslBase64.TryDecode(writer.WrittenSpan, guarded.AsSpan(0, length - 1), out _));
        }
    }

    private static void Refused(string text)
    {
        byte[] octets = Encoding.Latin1.GetBytes(text);
        Assert.False(SaslBase64.TryDecode(octets, new byte[64], out int written));
        Assert.Equal(0, written);
        var writer = new ArrayBufferWriter<byte>();
        Assert.False(SaslBase64.TryDecode(octets, writer));
        Assert.Equal(0, writer.WrittenCount);
        RefusedBySmtp(octets).GetAwaiter().GetResult();
    }

    private static async Task RefusedBySmtp(byte[] octets)
    {
        using var world = new World();
        using var server = new SmtpAuthServer(world.NewSession());
        await server.BeginAsync(" LOGIN"u8.ToArray());
        // A lone "=" is no empty response here: RFC 4954 has it for initial responses only.
        Assert.Equal(501, (await server.ContinueAsync(octets)).Code);
        Assert.Equal(SmtpAuthState.ExpectCommand, server.State);
    }
}
