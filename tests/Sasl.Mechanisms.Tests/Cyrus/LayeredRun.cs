namespace Sasl.Mechanisms.Tests;

/// <summary>One login: what was said, and what became of it.</summary>
internal sealed class LayeredRun(SaslServerSession server, SaslClientSession client) : IDisposable
{
    /// <summary>What was said, changes on the way included, the client's first.</summary>
    public List<byte[]> Said { get; } = [];

    public SaslServerSession Server => server;

    public SaslClientSession Client => client;

    public SaslReply ServerEnd { get; private set; }

    public SaslReply ClientEnd { get; private set; }

    public bool Succeeded => ServerEnd.IsSuccess && ClientEnd.IsSuccess;

    public async Task GoAsync(string mechanism, Func<int, byte[], byte[]> onTheWay)
    {
        SaslReply said = await client.StartAsync([mechanism]);
        SaslReply heard = await server.StartAsync(mechanism, Pass(said, onTheWay));
        while (heard.NeedsMore)
        {
            said = await client.StepAsync(Pass(heard, onTheWay));
            if (said.Status is SaslStatus.Failure)
            {
                (ClientEnd, ServerEnd) = (said, server.Abort());
                return;
            }
            heard = await server.StepAsync(Pass(said, onTheWay));
        }
        ServerEnd = heard;
        ClientEnd = heard.IsSuccess ? await client.CompleteAsync(heard.Message) : said;
    }

    public void Dispose()
    {
        server.SecurityLayer?.Dispose();
        client.SecurityLayer?.Dispose();
        server.Dispose();
        client.Dispose();
    }

    private byte[] Pass(SaslReply reply, Func<int, byte[], byte[]> onTheWay)
    {
        Said.Add(onTheWay(Said.Count, reply.Message?.ToArray() ?? []));
        return Said[^1];
    }
}
