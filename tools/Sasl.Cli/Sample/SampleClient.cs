namespace Sasl.Cli.Sample;

/// <summary>The client's side of the sample conversation, over any framing.</summary>
/// <param name="client">The account.</param>
/// <param name="channel">What -e says of the channel.</param>
/// <param name="transport">The framing.</param>
/// <param name="commentary">Where to tell the user what happens.</param>
/// <param name="initialResponse">Whether to send the first message with the mechanism's name; false with -d.</param>
/// <param name="serverSendsLast">Whether the server's last data gets no answer; true with -l.</param>
internal sealed class SampleClient(
    SaslClient client, SaslChannel channel, SampleTransport transport, TextWriter commentary, bool initialResponse, bool serverSendsLast)
{
    private ReadOnlyMemory<byte>? _early;

    public async Task<bool> RunAsync(IReadOnlyList<string> offered, CancellationToken cancellationToken)
    {
        using SaslClientSession session = client.CreateSession(channel);
        SaslReply reply = await session.StartAsync(offered, cancellationToken);
        if (session.Mechanism is null)
        {
            await commentary.WriteLineAsync(session.Explain().ToString());
            return false;
        }
        await commentary.WriteLineAsync($"Using mechanism {session.Mechanism}");
        if (!await NegotiateAsync(session, reply, cancellationToken))
        {
            await commentary.WriteLineAsync($"Performing SASL negotiation: {session.FailureDetail}");
            return false;
        }
        await commentary.WriteLineAsync("Negotiation complete");
        await commentary.WriteLineAsync($"SSF: {session.SecurityLayer?.Ssf ?? 0}");
        return !transport.ExchangesMessages || await ExchangeMessagesAsync(session.SecurityLayer, cancellationToken);
    }

    private async Task<bool> NegotiateAsync(SaslClientSession session, SaslReply first, CancellationToken cancellationToken)
    {
        SaslReply reply = first;
        bool held = !initialResponse && reply.Message is not null;
        await transport.SendStartAsync(session.Mechanism!.Name, held ? null : reply.Message, cancellationToken);
        if (held)
        {
            // Without an initial response the server asks for the first message with an empty challenge.
            if (await transport.ReceiveChallengeAsync(cancellationToken) is not { IsEmpty: true })
                throw new SampleException("the server should have sent an empty challenge");
            await transport.SendResponseAsync(reply.Message!.Value, cancellationToken);
        }
        while (reply.NeedsMore && !session.IsFinished)
        {
            if (await transport.ReceiveChallengeAsync(cancellationToken) is not { } challenge)
                return (await session.CompleteAsync(null, cancellationToken)).IsSuccess;
            if (IsAlreadyAMessage(session, challenge.Span))
            {
                _early = challenge;
                return (await session.CompleteAsync(null, cancellationToken)).IsSuccess;
            }
            reply = await session.StepAsync(challenge, cancellationToken);
            bool isAnswer = reply.NeedsMore && !(serverSendsLast && session.IsFinished && reply.Message is { IsEmpty: true });
            if (isAnswer)
                await transport.SendResponseAsync(reply.Message ?? default, cancellationToken);
        }
        if (reply.Status is SaslStatus.Failure)
            return false;
        await transport.ReceiveSuccessAsync(cancellationToken);
        return (await session.CompleteAsync(null, cancellationToken)).IsSuccess;
    }

    // The line protocol does not say that the server was content: after a token comes either the reason of a refusal, which is JSON, or the first message.
    private bool IsAlreadyAMessage(SaslClientSession session, ReadOnlySpan<byte> line) =>
        transport.ExchangesMessages && session.Mechanism!.ClientNeeds.HasFlag(SaslClientNeeds.AccessToken) && line is [not (byte)'{', ..];

    private async Task<bool> ExchangeMessagesAsync(SaslSecurityLayer? layer, CancellationToken cancellationToken)
    {
        using (layer)
        {
            ReadOnlyMemory<byte> sealedMessage = _early ?? await transport.ReceiveChallengeAsync(cancellationToken)
                ?? throw new SampleException("the server has sent no message");
            string received = SampleMessages.Decode(sealedMessage.Span, layer);
            await commentary.WriteLineAsync($"received decoded message '{received}'");
            await transport.SendResponseAsync(SampleMessages.Encode(SampleMessages.FromClient, layer), cancellationToken);
            return received == SampleMessages.FromServer;
        }
    }
}
