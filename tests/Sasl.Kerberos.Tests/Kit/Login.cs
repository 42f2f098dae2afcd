namespace Sasl.Kerberos.Tests;

/// <summary>One login: what was said, and what became of it.</summary>
internal sealed class Login(SaslServerSession server, SaslClientSession client) : IDisposable
{
    /// <summary>All messages, the client's first.</summary>
    public List<byte[]> Said { get; } = [];

    public SaslServerSession Server => server;

    public SaslClientSession Client => client;

    public SaslReply ServerEnd { get; private set; }

    public SaslReply ClientEnd { get; private set; }

    public bool Succeeded => ServerEnd.IsSuccess && ClientEnd.IsSuccess;

    public override string ToString() => $"server {ServerEnd}, client {ClientEnd} {client.FailureDetail}, {Said.Count} messages";

    /// <summary>Runs it.</summary>
    /// <param name="mechanism">The mechanism, also what the client is told of the server's offer.</param>
    /// <param name="meddle">Changes messages on their way, by their number.</param>
    public async Task GoAsync(string mechanism, Func<int, byte[], byte[]>? meddle = null)
    {
        byte[] Pass(ReadOnlyMemory<byte>? message)
        {
            byte[] octets = message!.Value.ToArray();
            Said.Add(octets);
            return meddle?.Invoke(Said.Count - 1, octets) ?? octets;
        }

        SaslReply own = await client.StartAsync([mechanism]);
        if (own.Status is SaslStatus.Failure)
        {
            ClientEnd = own;
            return;
        }
        SaslReply reply = await server.StartAsync(mechanism, Pass(own.Message));
        while (reply.NeedsMore)
        {
            own = await client.StepAsync(Pass(reply.Message));
            if (own.Status is SaslStatus.Failure)
            {
                ClientEnd = own;
                ServerEnd = server.Abort();
                return;
            }
            reply = await server.StepAsync(Pass(own.Message));
        }
        ServerEnd = reply;
        if (!reply.IsSuccess)
        {
            ClientEnd = own;
            return;
        }
        ReadOnlyMemory<byte>? last = reply.Message is null ? null : Pass(reply.Message);
        ClientEnd = await client.CompleteAsync(last);
    }

    public void Dispose()
    {
        server.DelegatedCredential?.Dispose();
        server.SecurityLayer?.Dispose();
        client.SecurityLayer?.Dispose();
        server.Dispose();
        client.Dispose();
    }
}
