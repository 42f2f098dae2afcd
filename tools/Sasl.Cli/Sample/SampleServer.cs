namespace Sasl.Cli.Sample;

/// <summary>The server's side of the sample conversation, over any framing.</summary>
internal sealed class SampleServer(SaslServer server, SaslChannel channel, SampleTransport transport, TextWriter commentary)
{
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using SaslServerSession session = server.CreateSession(channel);
        await commentary.WriteLineAsync("Sending list of mechanism(s)");
        await transport.SendMechanismsAsync(string.Join(' ', session.Mechanisms), cancellationToken);

        await commentary.WriteLineAsync("Waiting for client mechanism...");
        (string mechanism, ReadOnlyMemory<byte>? initialResponse) = await transport.ReceiveStartAsync(cancellationToken);
        SaslReply reply = await session.StartAsync(mechanism, initialResponse, cancellationToken);
        while (reply.NeedsMore)
        {
            await transport.SendChallengeAsync(reply.Message ?? default, cancellationToken);
            reply = await session.StepAsync(await transport.ReceiveResponseAsync(cancellationToken), cancellationToken);
        }
        if (reply.IsSuccess && reply.Message is { } successData)
            await transport.SendChallengeAsync(successData, cancellationToken);
        await transport.SendOutcomeAsync(reply.IsSuccess, cancellationToken);
        if (!reply.IsSuccess)
        {
            await commentary.WriteLineAsync($"Performing SASL negotiation: {reply.Error}");
            return false;
        }
        await ReportAsync(session);
        return !transport.ExchangesMessages || await ExchangeMessagesAsync(session.SecurityLayer, cancellationToken);
    }

    private async Task ReportAsync(SaslServerSession session)
    {
        SaslUser user = session.Identity!.Authorized;
        await commentary.WriteLineAsync("Negotiation complete");
        await commentary.WriteLineAsync($"Username: {user}");
        await commentary.WriteLineAsync($"Realm: {(user.Realm.Length == 0 ? "(none)" : user.Realm)}");
        await commentary.WriteLineAsync($"SSF: {session.SecurityLayer?.Ssf ?? 0}");
    }

    private async Task<bool> ExchangeMessagesAsync(SaslSecurityLayer? layer, CancellationToken cancellationToken)
    {
        using (layer)
        {
            await transport.SendChallengeAsync(SampleMessages.Encode(SampleMessages.FromServer, layer), cancellationToken);
            string received = SampleMessages.Decode((await transport.ReceiveResponseAsync(cancellationToken)).Span, layer);
            await commentary.WriteLineAsync($"received decoded message '{received}'");
            return received == SampleMessages.FromClient;
        }
    }
}
