using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

public sealed class InteropLogTests
{
    [Fact]
    public void A_note_is_a_line_of_four_fields()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("interop-log");

        InteropLog.Append(directory.FullPath, "SCRAM-SHA-1", InteropPeer.GnuSasl, OurSide.Client, "");
        InteropLog.Append(directory.FullPath, "DIGEST-MD5", InteropPeer.OpenJdk, OurSide.Server, "auth-conf 3des");

        Assert.Equal(
            ["SCRAM-SHA-1\tGNU SASL\tClient\t", "DIGEST-MD5\tOpenJDK\tServer\tauth-conf 3des"],
            File.ReadAllLines(Assert.Single(Directory.GetFiles(directory.FullPath))));
    }

    [Theory]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    [InlineData("a|b")]
    public void What_would_break_the_table_is_refused(string detail)
    {
        using PrivateDirectory directory = PrivateDirectory.Create("interop-log");

        Assert.Throws<ArgumentException>(() => InteropLog.Append(directory.FullPath, "PLAIN", "swaks", OurSide.Server, detail));
        Assert.Empty(Directory.GetFiles(directory.FullPath));
    }
}
