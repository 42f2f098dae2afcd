using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>The framing of Cyrus SASL's socket samples.</summary>
public sealed class SampleSocketTests : IAsyncLifetime
{
    private readonly CliFolder _folder = new();

    public async Task InitializeAsync()
    {
        _folder.Configure("sample", $"sasldb_path: {_folder.Database}\n");
        CliResult set = await _folder.RunAsync(CliFolder.Password, "passwd", "-f", _folder.Database, "--plain", "-u", "localhost", "alice");
        Assert.Equal(0, set.ExitCode);
    }

    [Theory]
    [InlineData("PLAIN", "PLAIN")]
    [InlineData("LOGIN", "LOGIN")]
    [InlineData("CRAM-MD5", "CRAM-MD5")]
    [InlineData("SCRAM-SHA-256", "SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512", "SCRAM-SHA-512-PLUS", "-c")]
    [InlineData("SCRAM-SHA-512", "SCRAM-SHA-512-PLUS", "-C")]
    public async Task Server_and_client_agree_over_TCP(string mechanism, string used, params string[] binding)
    {
        (Task<int> serving, int port) = await ListenAsync(["-m", mechanism, .. binding]);
        CliResult right = await ConnectAsync(port, CliFolder.Password, binding);

        Assert.Equal((0, 0), (await serving, right.ExitCode));
        Assert.Contains($"Using mechanism {used}\n", right.Output);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("CRAM-MD5")]
    [InlineData("SCRAM-SHA-256")]
    public async Task A_wrong_password_is_refused_over_TCP(string mechanism)
    {
        (Task<int> serving, int port) = await ListenAsync(["-m", mechanism]);
        CliResult wrong = await ConnectAsync(port, "wrong horse", []);

        Assert.Equal((1, 1), (await serving, wrong.ExitCode));
        Assert.Contains("the server refused", wrong.Error);
    }

    /// <summary>Octets as Cyrus SASL's client writes them: every string with its length, and N for no initial response.</summary>
    [Fact]
    public async Task The_framing_is_that_of_Cyrus_SASL()
    {
        (Task<int> serving, int port) = await ListenAsync(["-m", "PLAIN"]);
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port);
        NetworkStream stream = connection.GetStream();

        Assert.Equal("{5}\r\nPLAIN", await ReadAsync(stream, 10));
        await stream.WriteAsync("{5}\r\nPLAIN{1}\r\nN"u8.ToArray());
        Assert.Equal("C{0}\r\n", await ReadAsync(stream, 6));
        byte[] response = Encoding.ASCII.GetBytes($"\0alice\0{CliFolder.Password}");
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"{{{response.Length}}}\r\n"), .. response]);
        Assert.Equal("O", await ReadAsync(stream, 1));
        Assert.Equal(0, await serving);
    }

    [Theory]
    [InlineData("{5}\r\nPLAIN{1}\r\nX")]
    [InlineData("{99999999}\r\n")]
    [InlineData("{65537}\r\n")]
    [InlineData("{-1}\r\n")]
    [InlineData("{5}PLAIN")]
    [InlineData("PLAIN")]
    [InlineData("{5}\r\nPLA")]
    public async Task Frames_that_no_good_client_sends_end_the_connection(string octets)
    {
        (Task<int> serving, int port) = await ListenAsync(["-m", "PLAIN"]);
        using (var connection = new TcpClient())
        {
            await connection.ConnectAsync(IPAddress.Loopback, port);
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(octets));
            connection.Client.Shutdown(SocketShutdown.Send);
            Assert.Equal(1, await serving);
        }
    }

    [Fact]
    public async Task Without_a_server_there_is_a_message()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        CliResult result = await ConnectAsync(port, CliFolder.Password, []);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("sasl sample-client: ", result.Error);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private static async Task<string> ReadAsync(Stream stream, int length)
    {
        byte[] octets = new byte[length];
        await stream.ReadExactlyAsync(octets).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        return Encoding.ASCII.GetString(octets);
    }

    private Task<CliResult> ConnectAsync(int port, string password, string[] more) => _folder.RunAsync(
        new TypingUser(password), ["sample-client", "--connect", $"127.0.0.1:{port}", "-s", "sample", "-n", "localhost", "-a", "alice",
            .. more, "-m", "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 SCRAM-SHA-512"]);

    private async Task<(Task<int> Serving, int Port)> ListenAsync(string[] more)
    {
        var pipe = new Pipe();
        var output = new StreamWriter(pipe.Writer.AsStream()) { AutoFlush = true };
        CliConsole console = _folder.Console(Stream.Null, output, TextWriter.Null, user: null);
        Task<int> serving = Task.Run(() => new SaslCommandLine(console).RunAsync(
            ["sample-server", "--listen", "0", "--once", "-s", "sample", "-d", "localhost", "-u", "localhost", .. more]).WaitAsync(TimeSpan.FromSeconds(60)));
        using var reader = new StreamReader(pipe.Reader.AsStream(leaveOpen: true), leaveOpen: true);
        string? line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.StartsWith("listening on 127.0.0.1:", line);
        return (serving, int.Parse(line!.Split(':')[1]));
    }
}
