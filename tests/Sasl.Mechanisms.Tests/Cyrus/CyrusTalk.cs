using System.Buffers;
using System.Text;
using Sasl.Testing.Layers;
using Sasl.Testing.Peers;
using Sasl.Testing;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>One of our sessions talking to a sample program of Cyrus SASL's, the message that each then sends the other included.</summary>
/// <remarks>With <see cref="CaptureVariable"/> set, what was said becomes a transcript; the tests that replay it say which are kept.</remarks>
internal sealed class CyrusTalk(SamplePeer peer, string mechanism, int messages = 1)
{
    /// <summary>The environment variable that names the folder where conversations are written down.</summary>
    public const string CaptureVariable = "SASL_CAPTURE";

    private const string FromServer = "srv";
    private const string FromClient = "client";

    private readonly List<TranscriptLine> _said = [];
    private readonly List<string> _sealed = [];

    /// <summary>What the peer printed.</summary>
    public string Transcript => peer.Transcript.ToString();

    /// <summary>Plays the client; true when both are satisfied and both messages have arrived.</summary>
    public async Task<bool> AsClientAsync(SaslClientSession client)
    {
        await peer.ReceiveAsync();    // the list of mechanisms
        SaslReply reply = await client.StartAsync([mechanism]);
        if (reply.Message is { } first)
            await SendAsync(first, fromClient: true, start: true);
        else
            await peer.SendAsync(Encoding.ASCII.GetBytes(mechanism));    // the server begins
        while (reply.NeedsMore && !client.IsFinished)
        {
            if (await ReceiveAsync(fromClient: false) is not { } challenge)
                return false;
            reply = await client.StepAsync(challenge);
            if (reply.NeedsMore)
                await SendAsync(reply.Message ?? default, fromClient: true);
        }
        if (reply.Status is SaslStatus.Failure)
            return false;
        for (int number = 1; number <= messages; number++)
        {
            byte[]? greeting = await peer.ReceiveAsync();
            if (greeting is null || (number == 1 && !(await client.CompleteAsync(null)).IsSuccess))
                return false;
            Open(client.SecurityLayer, greeting, FromServer, number, "S");
        }
        for (int number = 1; number <= messages; number++)
            await peer.SendAsync(Seal(client.SecurityLayer, FromClient, number, "C"));
        return (await peer.FinishAsync()).Succeeded;
    }

    /// <summary>Plays the server; true when both are satisfied and both messages have arrived.</summary>
    public async Task<bool> AsServerAsync(SaslServerSession server)
    {
        await peer.SendAsync(Encoding.ASCII.GetBytes(mechanism));
        byte[] start = (await peer.ReceiveAsync())!;
        SaslReply reply;
        if (start.Length > mechanism.Length)
        {
            byte[] first = start[(mechanism.Length + 1)..];
            _said.Add(new TranscriptLine(FromClient: true, first));
            reply = await server.StartAsync(mechanism, first);
        }
        else
        {
            reply = await server.StartAsync(mechanism);
        }
        while (reply.NeedsMore)
        {
            await SendAsync(reply.Message!.Value, fromClient: false);
            reply = await ReceiveAsync(fromClient: true) is { } answer ? await server.StepAsync(answer) : server.Abort();
        }
        if (!reply.IsSuccess)
            return false;
        for (int number = 1; number <= messages; number++)
            await peer.SendAsync(Seal(server.SecurityLayer, FromServer, number, "S"));
        for (int number = 1; number <= messages; number++)
        {
            byte[]? message = await peer.ReceiveAsync();
            if (message is null)
                return false;
            Open(server.SecurityLayer, message, FromClient, number, "C");
        }
        return (await peer.FinishAsync()).Succeeded;
    }

    /// <summary>Writes the conversation down as a transcript, if somebody has asked for it.</summary>
    /// <param name="name">The file's name without its ending.</param>
    /// <param name="head">The lines that say what both sides knew.</param>
    public void Capture(string name, params string[] head)
    {
        if (Environment.GetEnvironmentVariable(CaptureVariable) is not { Length: > 0 } folder)
            return;
        File.WriteAllLines(Path.Combine(folder, name + ".txt"), [
            "# What was said to and by Cyrus SASL 2.1.28.",
            .. head,
            .. _said.Select(static line => $"{(line.FromClient ? "C" : "S")}: {Escape(line.Octets)}"),
            .. _sealed,
            $"ends         Success alice",
        ]);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message, bool fromClient, bool start = false)
    {
        _said.Add(new TranscriptLine(fromClient, message.ToArray()));
        await peer.SendAsync(start ? (byte[])[.. Encoding.ASCII.GetBytes(mechanism), 0, .. message.Span] : message);
    }

    private async Task<byte[]?> ReceiveAsync(bool fromClient)
    {
        byte[]? message = await peer.ReceiveAsync();
        if (message is not null)
            _said.Add(new TranscriptLine(fromClient, message));
        return message;
    }

    private byte[] Seal(SaslSecurityLayer? layer, string from, int number, string who)
    {
        string text = $"{from} message {number}\0";
        if (layer is null)
            return Encoding.ASCII.GetBytes(text);
        byte[] sealedBuffer = SealedBuffers.Seal(layer, Encoding.ASCII.GetBytes(text));
        Note(who, text, sealedBuffer);
        return SealedBuffers.Frame(sealedBuffer);
    }

    private void Open(SaslSecurityLayer? layer, byte[] packet, string from, int number, string who)
    {
        string text = $"{from} message {number}\0";
        if (layer is not null)
        {
            Assert.Equal(packet.Length - 4, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(packet));
            Note(who, text, packet[4..]);
            packet = SealedBuffers.Open(layer, packet[4..])!;
        }
        Assert.Equal(text, Encoding.ASCII.GetString(packet));
    }

    private void Note(string who, string text, byte[] sealedBuffer) =>
        _sealed.Add($"sealed       {who} {Convert.ToHexStringLower(sealedBuffer)} {text.TrimEnd('\0')}\\x00");

    private static string Escape(byte[] octets)
    {
        var text = new StringBuilder();
        foreach (byte octet in octets)
            text.Append(octet is >= 0x21 and < 0x7f and not (byte)'\\' ? ((char)octet).ToString() : $"\\x{octet:x2}");
        return text.ToString();
    }
}
