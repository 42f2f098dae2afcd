namespace Sasl.TestKit;

/// <summary>One conversation that has ended, with both its sessions, whose security layers can be used until it is disposed.</summary>
public sealed class SaslPairLogin : IDisposable
{
    // The longest conversation of any mechanism has five.
    private const int MaxMessages = 64;

    private readonly List<SaslPairMessage>? _messages;

    internal SaslPairLogin(SaslServerSession server, SaslClientSession client, bool keepMessages)
    {
        Server = server;
        Client = client;
        _messages = keepMessages ? [] : null;
    }

    /// <summary>The server's session.</summary>
    public SaslServerSession Server { get; }

    /// <summary>The client's session.</summary>
    public SaslClientSession Client { get; }

    /// <summary>What the server said last.</summary>
    public SaslReply ServerReply { get; private set; }

    /// <summary>What the client said last.</summary>
    public SaslReply ClientReply { get; private set; }

    /// <summary>Whether both sides are content.</summary>
    public bool IsSuccess => ServerReply.IsSuccess && ClientReply.IsSuccess;

    /// <summary>Every message, in order; empty where <see cref="SaslPairOptions.KeepMessages"/> said no.</summary>
    public IReadOnlyList<SaslPairMessage> Messages => _messages ?? [];

    /// <summary>Disposes both sessions. Security layers that were taken are the taker's.</summary>
    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    internal async ValueTask RunAsync(string mechanism, CancellationToken cancellationToken)
    {
        ClientReply = await Client.StartAsync([mechanism], cancellationToken).ConfigureAwait(false);
        if (!ClientReply.NeedsMore)
            return;
        Keep(fromClient: true, ClientReply);
        ServerReply = await Server.StartAsync(mechanism, ClientReply.Message, cancellationToken).ConfigureAwait(false);
        for (int messages = 0; ServerReply.NeedsMore; messages++)
        {
            if (messages > MaxMessages)
                throw new InvalidOperationException($"{mechanism} does not come to an end.");
            Keep(fromClient: false, ServerReply);
            ClientReply = await Client.StepAsync(ServerReply.Message ?? default, cancellationToken).ConfigureAwait(false);
            if (!ClientReply.NeedsMore)
            {
                ServerReply = Server.Abort();
                return;
            }
            Keep(fromClient: true, ClientReply);
            ServerReply = await Server.StepAsync(ClientReply.Message ?? default, cancellationToken).ConfigureAwait(false);
        }
        if (ServerReply.IsSuccess)
        {
            Keep(fromClient: false, ServerReply);
            ClientReply = await Client.CompleteAsync(ServerReply.Message, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Client.Abort();
        }
    }

    private void Keep(bool fromClient, SaslReply reply)
    {
        if (_messages is not null && reply.Message is { } message)
            _messages.Add(new SaslPairMessage(fromClient, message.ToArray()));
    }
}
