using System.Net.Sockets;
using Xunit;

namespace Sasl.Core.Tests.Sessions;

/// <summary>What a server is called when nobody says so.</summary>
public sealed class HostNameTests
{
    [Fact]
    public void A_short_name_becomes_its_canonical_name() =>
        Assert.Equal("mail.example.com", HostName.Find("mail", static name => $"{name}.example.com"));

    [Fact]
    public void A_name_with_a_dot_is_not_looked_up() =>
        Assert.Equal("mail.example.com", HostName.Find("mail.example.com", static _ => throw new InvalidOperationException("looked up")));

    [Fact]
    public void A_canonical_name_without_a_dot_is_not_preferred() => Assert.Equal("mail", HostName.Find("mail", static _ => "localhost"));

    [Fact]
    public void A_name_that_nobody_knows_stays_short()
    {
        Assert.Equal("mail", HostName.Find("mail", static _ => throw new SocketException((int)SocketError.HostNotFound)));
        Assert.Equal("mail", HostName.Find("mail", static _ => throw new ArgumentOutOfRangeException()));
    }

    [Fact]
    public void Options_without_a_server_name_have_the_fully_qualified_one()
    {
        var options = new SaslServerOptions { Service = "smtp", Mechanisms = [] };
        Assert.Same(HostName.FullyQualified, options.ServerName);
        Assert.Same(HostName.FullyQualified, SaslServerOptions.DefaultServerName);
        Assert.Equal("mx.example.com", (options with { ServerName = "mx.example.com" }).ServerName);
    }
}
