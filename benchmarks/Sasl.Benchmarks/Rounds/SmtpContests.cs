using System.Net;
using System.Net.Sockets;
using System.Text;
using Sasl.Smtp;

namespace Sasl.Benchmarks;

/// <summary>AUTH PLAIN over TCP on loopback: connect, EHLO, AUTH, close; beside a server that gives the same answers and looks at nothing.</summary>
internal static class SmtpContests
{
    /// <summary>One contest: what is above the kernel's share is ours.</summary>
    public static IEnumerable<Contest> All =>
        [new("SMTP AUTH PLAIN over loopback TCP, with connect and close (floor: a server that only answers)", Make, Goal.Shown("the same without SASL"))];

    private static IEnumerable<Contestant> Make()
    {
        MemoryCredentialStore store = Party.StoreFor("PLAIN", Party.Kept.PlainText);
        SaslServer server = Party.MakeServer("PLAIN", store);
        yield return Of("this library", async (lines, cancellationToken) =>
        {
            using SaslServerSession session = server.CreateSession(new SaslChannel { ExternalSsf = 256 });
            using var smtp = new SmtpAuthServer(session);
            ReadOnlyMemory<byte>? line = await lines.ReadLineAsync(cancellationToken);
            if (line is not { } command || !SmtpAuthServer.IsAuthCommand(command, out ReadOnlyMemory<byte> argument))
                return;
            SmtpAuthReply reply = await smtp.BeginAsync(argument, cancellationToken);
            await lines.WriteLineAsync(reply.Line, cancellationToken);
        });
        byte[] accepted = "235 2.7.0 Authentication successful"u8.ToArray();
        yield return Of("the same without SASL", async (lines, cancellationToken) =>
        {
            await lines.ReadLineAsync(cancellationToken);
            await lines.WriteLineAsync(accepted, cancellationToken);
        });
    }

    private static Contestant Of(string who, Func<SmtpLineStream, CancellationToken, Task> serve)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var stop = new CancellationTokenSource();
        Task accepting = AcceptAsync(listener, serve, stop.Token);
        byte[] auth = Encoding.ASCII.GetBytes($"AUTH PLAIN {Convert.ToBase64String(Encoding.ASCII.GetBytes($"\0{Account.User}\0{Account.Password}"))}\r\n");
        byte[] reply = new byte[512];
        return Contestant.Of(who, () =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(listener.LocalEndpoint);
            socket.Send(auth);
            int length = socket.Receive(reply);
            if (length < 3 || !reply.AsSpan(0, 3).SequenceEqual("235"u8))
                throw new InvalidOperationException("The login failed.");
        }) with
        {
            Retire = () =>
            {
                stop.Cancel();
                listener.Stop();
                accepting.GetAwaiter().GetResult();
                stop.Dispose();
            },
        };
    }

    private static async Task AcceptAsync(TcpListener listener, Func<SmtpLineStream, CancellationToken, Task> serve, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using Socket socket = await listener.AcceptSocketAsync(cancellationToken);
                await using var stream = new NetworkStream(socket);
                using var lines = new SmtpLineStream(stream);
                await serve(lines, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException && cancellationToken.IsCancellationRequested)
        {
            // The contest is over.
        }
    }
}
