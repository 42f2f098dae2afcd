using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Authentication.ExtendedProtection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Xunit;

namespace Sasl.Core.Tests.Channel;

public class SaslChannelFromTlsTests
{
    public static TheoryData<string, SslProtocols> Connections
    {
        get
        {
            var data = new TheoryData<string, SslProtocols>();
            foreach (string certificate in new[] { "rsa", "rsa-pss", "p256", "p384" })
            {
                data.Add(certificate, SslProtocols.Tls12);
                data.Add(certificate, SslProtocols.Tls13);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task Both_ends_have_the_same_types_in_the_order_of_RFC_9266_and_the_same_data(string certificate, SslProtocols protocol)
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(certificate, protocol);
        SaslChannelBindings server = SaslChannel.FromTls(pair.Server).Bindings!, client = SaslChannel.FromTls(pair.Client).Bindings!;

        string[] types = protocol is SslProtocols.Tls13
            ? ["tls-exporter", "tls-server-end-point"]
            : ["tls-unique", "tls-exporter", "tls-server-end-point"];
        Assert.Equal(types, server.Types);
        Assert.Equal(types, client.Types);
        foreach (string type in types)
            Assert.Equal(Data(server, type), Data(client, type));
    }

    [Theory]
    [MemberData(nameof(Connections))]
    public async Task The_data_has_the_length_its_definition_gives(string certificate, SslProtocols protocol)
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(certificate, protocol);
        SaslChannelBindings bindings = SaslChannel.FromTls(pair.Server).Bindings!;

        Assert.Equal(TestCertificates.EndPoint(certificate), Data(bindings, "tls-server-end-point"));
        Assert.Equal(32, Data(bindings, "tls-exporter").Length);
        Assert.Equal(protocol is SslProtocols.Tls12, bindings.TryGet("tls-unique", out ReadOnlyMemory<byte> unique));
        Assert.Equal(protocol is SslProtocols.Tls12 ? 12 : 0, unique.Length);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Another_connection_has_another_exporter_and_the_same_end_point(SslProtocols protocol)
    {
        await using TlsPair one = await TlsPair.ConnectAsync("p256", protocol);
        await using TlsPair two = await TlsPair.ConnectAsync("p256", protocol);
        SaslChannelBindings first = SaslChannel.FromTls(one.Server).Bindings!, second = SaslChannel.FromTls(two.Server).Bindings!;

        Assert.NotEqual(Data(first, "tls-exporter"), Data(second, "tls-exporter"));
        Assert.Equal(Data(first, "tls-server-end-point"), Data(second, "tls-server-end-point"));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_resumed_session_binds_as_well_and_differently(SslProtocols protocol)
    {
        SslServerAuthenticationOptions server = TlsPair.ServerOptions(TestCertificates.Server("rsa"), protocol);
        server.ServerCertificate = null;
        server.ServerCertificateContext = SslStreamCertificateContext.Create(
            TestCertificates.Server("rsa"), additionalCertificates: null, offline: true);
        var data = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            SslClientAuthenticationOptions client = TlsPair.ClientOptions(protocol);
            client.TargetHost = $"resumed-{protocol}.example";
            await using TlsPair pair = await TlsPair.ConnectAsync(server, client);
            await pair.ExchangeAsync();
            Assert.Equal(i > 0, IsResumed(pair.Client));
            SaslChannelBindings left = SaslChannel.FromTls(pair.Server).Bindings!, right = SaslChannel.FromTls(pair.Client).Bindings!;
            Assert.Equal(left.Types, right.Types);
            foreach (string type in left.Types)
                Assert.Equal(Data(left, type), Data(right, type));
            data.Add(Convert.ToHexString(Data(left, left.Types[0])));
        }

        Assert.Equal(3, data.Distinct().Count());
    }

    [Fact]
    public async Task The_unique_binding_is_the_one_dotnet_gives()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync("rsa", SslProtocols.Tls12);
        foreach (SslStream end in pair.Ends)
        {
            using ChannelBinding binding = end.TransportContext.GetChannelBinding(ChannelBindingKind.Unique)!;
            byte[] blob = new byte[binding.Size];
            Marshal.Copy(binding.DangerousGetHandle(), blob, 0, blob.Length);
            Assert.Equal([.. "tls-unique:"u8, .. Data(SaslChannel.FromTls(end).Bindings!, "tls-unique")], blob[^23..]);
        }
    }

    [Fact]
    public async Task A_stream_that_may_be_renegotiated_has_no_exporter_before_TLS_1_3()
    {
        foreach (SslProtocols protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            SslClientAuthenticationOptions client = TlsPair.ClientOptions(protocol);
            client.AllowRenegotiation = true;
            await using TlsPair pair = await TlsPair.ConnectAsync(TlsPair.ServerOptions(TestCertificates.Server("p256"), protocol), client);

            Assert.Equal(protocol is SslProtocols.Tls13, SaslChannel.FromTls(pair.Client).Bindings!.TryGet("tls-exporter", out _));
            Assert.True(SaslChannel.FromTls(pair.Server).Bindings!.TryGet("tls-exporter", out _));
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Nothing_is_bound_to_a_stream_that_is_disposed(SslProtocols protocol)
    {
        TlsPair pair = await TlsPair.ConnectAsync("p256", protocol);
        var options = new SaslTlsOptions { Bindings = SaslChannelBindings.Of(("x-test", "data"u8.ToArray())) };
        SaslChannelBindings[] bindings = [.. pair.Ends.Select(end => SaslChannel.FromTls(end, options).Bindings!)];
        await pair.DisposeAsync();

        foreach (SaslChannelBindings end in bindings)
        {
            Assert.NotEmpty(end.Types);
            foreach (string type in end.Types)
            {
                Assert.False(end.TryGet(type, out ReadOnlyMemory<byte> data));
                Assert.True(data.IsEmpty);
            }
        }
    }

    [Fact]
    public async Task Types_that_do_not_exist_are_not_found()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync("p256", SslProtocols.Tls13);
        SaslChannelBindings bindings = SaslChannel.FromTls(pair.Server).Bindings!;

        foreach (string type in new[] { "", "TLS-EXPORTER", "tls-unique", "tls-unique-for-telnet", "tls-exporter " })
            Assert.False(bindings.TryGet(type, out _));
    }

    [Fact]
    public async Task What_the_application_knows_comes_first()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync("p256", SslProtocols.Tls13);
        SaslChannelBindings supplied = SaslChannelBindings.Of(("x-test", "one"u8.ToArray()), ("tls-server-end-point", "two"u8.ToArray()));
        SaslChannelBindings bindings = SaslChannel.FromTls(pair.Server, new SaslTlsOptions { Bindings = supplied }).Bindings!;

        Assert.Equal(["x-test", "tls-server-end-point", "tls-exporter"], bindings.Types);
        Assert.Equal("one"u8, Data(bindings, "x-test"));
        Assert.Equal("two"u8, Data(bindings, "tls-server-end-point"));
        Assert.Equal(32, Data(bindings, "tls-exporter").Length);
    }

    [Fact]
    public async Task The_wanted_types_decide_order_and_choice()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync("p256", SslProtocols.Tls12);

        SaslChannelBindings bindings = SaslChannel.FromTls(
            pair.Server, new SaslTlsOptions { BindingTypes = ["tls-server-end-point", "x-other", "tls-unique", "tls-unique"] }).Bindings!;
        Assert.Equal(["tls-server-end-point", "tls-unique"], bindings.Types);
        Assert.False(bindings.TryGet("tls-exporter", out _));

        Assert.Null(SaslChannel.FromTls(pair.Server, new SaslTlsOptions { BindingTypes = [] }).Bindings);
    }

    [Fact]
    public async Task The_ends_of_the_connection_are_kept()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync("p256", SslProtocols.Tls13);
        var local = new IPEndPoint(IPAddress.Loopback, 587);
        var remote = new IPEndPoint(IPAddress.Loopback, 40000);
        SaslChannel channel = SaslChannel.FromTls(pair.Server, local: local, remote: remote);

        Assert.Same(local, channel.Local);
        Assert.Same(remote, channel.Remote);
    }

    [Fact]
    public void A_stream_without_a_handshake_is_the_callers_fault()
    {
        using var stream = new SslStream(new MemoryStream());

        Assert.Throws<InvalidOperationException>(() => SaslChannel.FromTls(stream));
        Assert.Throws<ArgumentNullException>(static () => SaslChannel.FromTls(null!));
    }

    [Fact]
    public async Task The_exporter_may_be_asked_while_others_read_and_write()
    {
        await using TlsPair pair = await TlsPair.ConnectAsync("p256", SslProtocols.Tls13);
        SaslChannelBindings bindings = SaslChannel.FromTls(pair.Server).Bindings!;
        byte[] expected = Data(bindings, "tls-exporter");

        const int Blocks = 200;
        byte[] block = RandomNumberGenerator.GetBytes(8192);
        Task[] traffic = [Send(pair.Server), Receive(pair.Client), Send(pair.Client), Receive(pair.Server)];
        Task[] askers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 500; i++)
                Assert.Equal(expected, Data(bindings, "tls-exporter"));
        }))];
        await Task.WhenAll([.. traffic, .. askers]);

        Task Send(SslStream stream) => Task.Run(async () =>
        {
            for (int i = 0; i < Blocks; i++)
                await stream.WriteAsync(block);
        });

        Task Receive(SslStream stream) => Task.Run(async () =>
        {
            byte[] received = new byte[block.Length];
            for (int i = 0; i < Blocks; i++)
            {
                await stream.ReadExactlyAsync(received);
                Assert.Equal(block, received);
            }
        });
    }

    [Fact]
    public async Task Disposing_the_stream_while_the_exporter_is_asked_is_harmless()
    {
        for (int i = 0; i < 30; i++)
        {
            TlsPair pair = await TlsPair.ConnectAsync("p256", SslProtocols.Tls13);
            SaslChannelBindings bindings = SaslChannel.FromTls(pair.Server).Bindings!;
            using var started = new SemaphoreSlim(0);
            Task asking = Task.Run(() =>
            {
                while (bindings.TryGet("tls-exporter", out ReadOnlyMemory<byte> data))
                {
                    Assert.Equal(32, data.Length);
                    started.Release();
                }
            });
            await started.WaitAsync();
            await pair.DisposeAsync();
            await asking;
        }
    }

    private static byte[] Data(SaslChannelBindings bindings, string type)
    {
        Assert.True(bindings.TryGet(type, out ReadOnlyMemory<byte> data), type);
        return data.ToArray();
    }

    private static bool IsResumed(SslStream stream) => OpenSslConnection.TryOpen(stream)!.IsResumed;
}
