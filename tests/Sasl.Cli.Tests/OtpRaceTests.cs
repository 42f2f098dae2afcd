using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Sasl.Mechanisms;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>Two processes of our server over one sasldb: one password lets one login in. Within one process, see OtpOptionsTests.</summary>
public sealed partial class OtpRaceTests : IDisposable
{
    private const int Rounds = 8;

    private readonly CliFolder _folder = new();

    [Theory]
    [InlineData("lmdb")]
    [InlineData("berkeley")]
    [InlineData("gdbm")]
    public async Task Two_processes_over_one_sasldb_let_one_login_in_with_one_password(string form)
    {
        await MakeSequenceAsync(form);
        (PeerProcess first, int firstPort) = await StartAsync();
        (PeerProcess second, int secondPort) = await StartAsync();
        await using PeerProcess one = first, other = second;

        var used = new List<string>();
        for (int round = 0; round < Rounds; round++)
        {
            // Both at once: who finds the record locked is not asked for a password.
            string?[] apart = await Task.WhenAll(Task.Run(() => LogInAsync(firstPort)), Task.Run(() => LogInAsync(secondPort)));
            used.AddRange(apart.OfType<string>());
            Assert.NotEmpty(apart.OfType<string>());

            // Both with the same challenge, as after a lock that is over.
            await using OtpLogin early = await OtpLogin.BeginAsync(firstPort);
            await RemoveLockAsync();
            await using OtpLogin late = await OtpLogin.BeginAsync(secondPort);
            Assert.NotNull(early.Challenge);
            Assert.Equal(early.Challenge, late.Challenge);
            bool[] let = await Task.WhenAll(Task.Run(early.AnswerAsync), Task.Run(late.AnswerAsync));
            Assert.Single(let, static isLet => isLet);
            used.Add(early.Challenge);
        }

        Assert.Equal(used.Distinct(), used);
        Assert.StartsWith($"md5\t{499 - used.Count:D4}\t", await StoredAsync(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task MakeSequenceAsync(string form)
    {
        foreach (string application in (string[])["sample", "saslpasswd"])
            _folder.Configure(application, $"sasldb_path: {_folder.Database}\nsasldb_type: {form}\nmech_list: OTP\n");
        CliResult set = await _folder.RunAsync(CliFolder.Password, "passwd", "-p", "-c", "-u", "localhost", "alice");
        Assert.Equal(0, set.ExitCode);
    }

    private async Task<(PeerProcess Process, int Port)> StartAsync()
    {
        PeerProcess process = PeerProcess.Start(CliProgram.Command(_folder.Path, "sample-server", "-s", "sample", "-d", "localhost", "-u", "localhost", "--listen", "0"));
        string line = await process.WaitForLineAsync(static line => line.StartsWith("listening on ", StringComparison.Ordinal));
        return (process, int.Parse(Port().Match(line).Value, CultureInfo.InvariantCulture));
    }

    // The challenge that it got in with; null when it was refused.
    private static async Task<string?> LogInAsync(int port)
    {
        await using OtpLogin login = await OtpLogin.BeginAsync(port);
        return login.Challenge is not null && await login.AnswerAsync() ? login.Challenge : null;
    }

    private async Task<string> StoredAsync() => (await _folder.StoredAsync("alice", "localhost"))["cmusaslsecretOTP"];

    private async Task RemoveLockAsync()
    {
        string stored = await StoredAsync();
        await _folder.StoreAsync("alice", "localhost", ("cmusaslsecretOTP", $"{stored[..^20]}{new string('0', 20)}"));
    }

    [GeneratedRegex("[0-9]+$")]
    private static partial Regex Port();

    /// <summary>One login of our client over the framing of Cyrus SASL's socket samples.</summary>
    private sealed class OtpLogin : IAsyncDisposable
    {
        private readonly TcpClient _connection = new();
        private readonly SaslSecret _password = SaslSecret.FromText(CliFolder.Password);
        private readonly SaslClient _client;
        private readonly SaslClientSession _session;

        private OtpLogin()
        {
            _client = new SaslClient(new SaslClientOptions
            {
                Service = "sample",
                ServerName = "localhost",
                Mechanisms = [SaslMechanisms.Otp],
                Policy = new SaslPolicy { Allow = ["OTP"] },
                UserName = "alice",
                Password = _password,
            });
            _session = _client.CreateSession(SaslChannel.Plaintext);
        }

        /// <summary>Null when the login was refused without one.</summary>
        public string? Challenge { get; private set; }

        public static async Task<OtpLogin> BeginAsync(int port)
        {
            var login = new OtpLogin();
            await login._connection.ConnectAsync(IPAddress.Loopback, port);
            await login.ReadStringAsync();    // the list of mechanisms
            SaslReply names = await login._session.StartAsync(["OTP"]);
            foreach (byte[] octets in (byte[][])["OTP"u8.ToArray(), "Y"u8.ToArray(), names.Message!.Value.ToArray()])
                await login.SendStringAsync(octets);
            if (await login.ReadOctetAsync() == 'C')
                login.Challenge = Encoding.ASCII.GetString(await login.ReadStringAsync());
            return login;
        }

        public async Task<bool> AnswerAsync()
        {
            SaslReply answer = await _session.StepAsync(Encoding.ASCII.GetBytes(Challenge!));
            await SendStringAsync(answer.Message!.Value.ToArray());
            return await ReadOctetAsync() == 'O';
        }

        public ValueTask DisposeAsync()
        {
            _session.Dispose();
            _client.Dispose();
            _password.Dispose();
            _connection.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task SendStringAsync(byte[] octets) =>
            await _connection.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"{{{octets.Length}}}\r\n"), .. octets]);

        private async Task<byte[]> ReadStringAsync()
        {
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("}\r\n", StringComparison.Ordinal))
                head.Append((char)await ReadOctetAsync());
            byte[] octets = new byte[int.Parse(head.ToString(1, head.Length - 4), CultureInfo.InvariantCulture)];
            await _connection.GetStream().ReadExactlyAsync(octets).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            return octets;
        }

        private async Task<byte> ReadOctetAsync()
        {
            byte[] one = new byte[1];
            await _connection.GetStream().ReadExactlyAsync(one).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            return one[0];
        }
    }
}
