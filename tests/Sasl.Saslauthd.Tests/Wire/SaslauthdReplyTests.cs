using System.Text;
using Xunit;

namespace Sasl.Saslauthd.Tests.Wire;

public sealed class SaslauthdReplyTests
{
    [Theory]
    [InlineData("OK", nameof(SaslauthdReplyKind.Accepted), "")]
    [InlineData("OK remote authentication successful", nameof(SaslauthdReplyKind.Accepted), "remote authentication successful")]
    [InlineData("OK\0", nameof(SaslauthdReplyKind.Accepted), "")]
    [InlineData("NO", nameof(SaslauthdReplyKind.Refused), "")]
    [InlineData("NO ", nameof(SaslauthdReplyKind.Refused), "")]
    [InlineData("NO PAM auth error", nameof(SaslauthdReplyKind.Refused), "PAM auth error")]
    [InlineData("", nameof(SaslauthdReplyKind.Garbage), "")]
    [InlineData("O", nameof(SaslauthdReplyKind.Garbage), "")]
    [InlineData("ok", nameof(SaslauthdReplyKind.Garbage), "")]
    [InlineData("OKAY", nameof(SaslauthdReplyKind.Garbage), "")]
    [InlineData("NOT", nameof(SaslauthdReplyKind.Garbage), "")]
    [InlineData("220 mail ESMTP", nameof(SaslauthdReplyKind.Garbage), "")]
    public void A_reply_begins_with_one_of_two_words(string text, string kind, string reason)
    {
        SaslauthdReplyKind judged = SaslauthdReply.Judge(Encoding.Latin1.GetBytes(text), out ReadOnlySpan<byte> found);
        Assert.Equal(kind, judged.ToString());
        if (judged is not SaslauthdReplyKind.Garbage)
            Assert.Equal(reason, Encoding.Latin1.GetString(found));
    }

    [Fact]
    public void Every_beginning_of_a_reply_is_incomplete()
    {
        byte[] reply = new byte[SaslauthdReply.MaxLength];
        int length = SaslauthdReply.Write("NO reason"u8, reply);
        for (int received = 0; received < length; received++)
            Assert.False(SaslauthdReply.IsComplete(reply.AsSpan(0, received)));
        Assert.True(SaslauthdReply.TryGetText(reply.AsSpan(0, length), out ReadOnlySpan<byte> text));
        Assert.Equal("NO reason", Encoding.Latin1.GetString(text));
    }

    [Fact]
    public void Of_an_endless_reply_the_beginning_is_read()
    {
        byte[] received = [0xFF, 0xFF, .. "OK "u8, .. new byte[SaslauthdWire.MaxReplyTextLength - 3]];
        Assert.False(SaslauthdReply.IsComplete(received.AsSpan(0, received.Length - 1)));
        Assert.True(SaslauthdReply.TryGetText(received, out ReadOnlySpan<byte> text));
        Assert.Equal(SaslauthdWire.MaxReplyTextLength, text.Length);
    }

    [Fact]
    public void A_reply_that_is_too_long_is_cut_when_it_is_written()
    {
        byte[] reply = new byte[SaslauthdReply.MaxLength];
        Assert.Equal(SaslauthdReply.MaxLength, SaslauthdReply.Write(new byte[5_000], reply));
        Assert.True(SaslauthdReply.IsComplete(reply));
    }
}
