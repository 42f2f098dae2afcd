using System.Text;

namespace Sasl.Mechanisms.Tests;

/// <summary>One login: what was said, and what became of it.</summary>
internal sealed class DigestRun(SaslServerSession server, SaslClientSession client) : IDisposable
{
    public List<string> Said { get; } = [];

    public SaslServerSession Server => server;

    public SaslClientSession Client => client;

    public SaslReply ServerEnd { get; private set; }

    public SaslReply ClientEnd { get; private set; }

    public bool Succeeded => ServerEnd.IsSuccess && ClientEnd.IsSuccess;

    public async Task GoAsync()
    {
        SaslReply own = await client.StartAsync([DigestParties.Name]);
        Note("C", own);
        SaslReply reply = await server.StartAsync(DigestParties.Name, own.Message);
        while (reply.NeedsMore)
        {
            Note("S", reply);
            own = await client.StepAsync(reply.Message!.Value.ToArray());
            if (own.Status is SaslStatus.Failure)
            {
                ClientEnd = own;
                ServerEnd = server.Abort();
                return;
            }
            Note("C", own);
            reply = await server.StepAsync(own.Message!.Value.ToArray());
        }
        ServerEnd = reply;
        ClientEnd = reply.IsSuccess ? await client.CompleteAsync(reply.Message) : own;
    }

    private void Note(string who, SaslReply reply) =>
        Said.Add(reply.Message is { } message ? $"{who}: {Encoding.Latin1.GetString(message.Span)}" : $"{who}:");

    public void Dispose()
    {
        server.SecurityLayer?.Dispose();
        client.SecurityLayer?.Dispose();
        server.Dispose();
        client.Dispose();
    }
}
