using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Xunit;

namespace Sasl.Testing;

/// <summary>Plays transcripts: one side is this library, the other reads its lines from the file.</summary>
/// <param name="transcript">The conversation.</param>
/// <param name="mechanisms">Where the mechanism is found.</param>
public sealed class TranscriptPlayer(Transcript transcript, ImmutableArray<SaslMechanism> mechanisms)
{
    private readonly TranscriptWorld _world = new(transcript);

    /// <summary>The server must say every S: line and come to the end the file names.</summary>
    public async Task PlayServerAsync()
    {
        using SaslServerSession session = NewServer().CreateSession(Channel());
        SaslReply reply = default;
        bool started = false;
        foreach (TranscriptLine line in transcript.Lines)
        {
            if (line.FromClient)
                reply = await (started ? session.StepAsync(line.Octets) : session.StartAsync(transcript.Mechanism, line.Octets));
            else if (!started)
                reply = await session.StartAsync(transcript.Mechanism);
            if (!line.FromClient)
                Assert.Equal(Show(line.Octets), Show(reply.Message));
            started = true;
        }

        Assert.Equal(transcript.Ends[0], reply.Status.ToString());
        if (reply.Status is SaslStatus.Failure)
        {
            Assert.Equal(transcript.Ends[1], reply.Error.ToString());
            Assert.Null(session.Identity);
            return;
        }
        Assert.Equal(transcript.Ends[1], session.Identity!.Authenticated.ToString());
        PlaySealed(session.SecurityLayer, "S");
        Assert.Equal(transcript.Ends[^1], session.Identity.Authorized.ToString());
    }

    /// <summary>The client must say every C: line and come to the end the file names; a refusal by the server is none of its doing.</summary>
    public async Task PlayClientAsync()
    {
        using SaslSecret password = Password();
        using SaslClient client = NewClient(password);
        using SaslClientSession session = client.CreateSession(Channel());
        SaslReply reply = await session.StartAsync(transcript["offered"]?.Split(' ') ?? [transcript.Mechanism]);
        Assert.Equal(transcript.Mechanism, session.Mechanism?.Name);
        bool first = true;
        foreach (TranscriptLine line in transcript.Lines)
        {
            if (line.FromClient)
                Assert.Equal(Show(line.Octets), Show(reply.Message));
            else if (!(first && line.Octets.Length == 0 && reply.Message is not null))
                reply = await session.StepAsync(line.Octets);
            first = false;
        }

        if (transcript.Ends[0] is "Success")
        {
            Assert.Equal(SaslStatus.Success, (await session.CompleteAsync()).Status);
            PlaySealed(session.SecurityLayer, "C");
        }
        else if (!transcript.Lines[^1].FromClient)
            Assert.Equal(transcript.Ends[1], reply.Error.ToString());
        else if (session.Mechanism!.Security.HasFlag(SaslSecurityFlags.MutualAuth) || session.FailureDetail is not null)
            Assert.Equal(SaslStatus.Failure, (await session.CompleteAsync()).Status);
    }

    /// <summary>The server of the conversation.</summary>
    /// <param name="observer">Who watches it.</param>
    public SaslServer NewServer(SaslObserver? observer = null) => new(new SaslServerOptions
    {
        Service = transcript["service"] ?? "imap",
        ServerName = transcript["server-name"] ?? "srv.example.com",
        Realm = transcript["realm"] ?? "",
        Mechanisms = mechanisms,
        Policy = Policy(),
        CredentialStore = _world,
        PasswordVerifier = _world,
        TokenValidator = _world,
        Authorizer = _world,
        Observer = observer ?? SaslObserver.None,
        Clock = _world,
        Nonces = new TranscriptWorld.Nonces(transcript["server-nonce"] ?? "none"),
        DecoyKey = new byte[32],
        SuccessData = !transcript.Lines[^1].FromClient,
    });

    /// <summary>The client of the conversation.</summary>
    /// <param name="password">From <see cref="Password"/>.</param>
    public SaslClient NewClient(SaslSecret password) => new(new SaslClientOptions
    {
        Service = transcript["service"] ?? "imap",
        ServerName = transcript["server-name"] ?? "srv.example.com",
        Realm = transcript["realm"],
        Mechanisms = [.. mechanisms.Where(mechanism => mechanism.Name == transcript.Mechanism)],
        Policy = Policy(),
        UserName = transcript.Pair("user")?.First,
        Password = password,
        AccessToken = transcript["token"] is { } token ? (_, _) => new(SaslSecret.FromText(token)) : null,
        AuthorizationId = transcript["authzid"],
        Clock = _world,
        Nonces = new TranscriptWorld.Nonces(transcript["client-nonce"] ?? "none"),
    });

    /// <summary>The client's password.</summary>
    public SaslSecret Password() => SaslSecret.FromText(transcript.Pair("user")?.After);

    /// <summary>The connection, inside TLS unless the file wants a layer.</summary>
    public SaslChannel Channel() => Ssf is not null ? SaslChannel.Plaintext : new()
    {
        ExternalSsf = 256,
        Remote = transcript["port"] is { } port ? new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)) : null,
        Bindings = transcript["binding"] is null ? null : SaslChannelBindings.Of([.. transcript.All("binding").Select(Transcript.Cut)
            .Select(static pair => (pair.First, (ReadOnlyMemory<byte>)Convert.FromHexString(pair.After)))]),
    };

    private SaslPolicy Policy()
    {
        var policy = new SaslPolicy { Allow = transcript["offered"]?.Split(' ').ToImmutableArray() ?? [transcript.Mechanism] };
        return Ssf is { } ssf ? policy with { MinSsf = ssf, MaxSsf = ssf } : policy;
    }

    private int? Ssf => transcript["ssf"] is { } ssf ? int.Parse(ssf, CultureInfo.InvariantCulture) : null;

    // Each side's own buffers have to come out octet by octet, the other's have to be opened.
    private void PlaySealed(SaslSecurityLayer? layer, string own)
    {
        Assert.Equal(Ssf ?? 0, layer?.Ssf ?? 0);
        foreach (string line in transcript.All("sealed"))
        {
            (string who, string after) = Transcript.Cut(line);
            (string hex, string text) = Transcript.Cut(after);
            byte[] plain = Transcript.Octets(text);
            var output = new ArrayBufferWriter<byte>();
            if (who == own)
                layer!.Wrap(plain, output);
            else
                Assert.True(layer!.TryUnwrap(Convert.FromHexString(hex), output), $"{who}'s buffer is not opened");
            Assert.Equal(who == own ? hex : Convert.ToHexStringLower(plain), Convert.ToHexStringLower(output.WrittenSpan));
        }
        layer?.Dispose();
    }

    private static string? Show(ReadOnlyMemory<byte>? octets) => octets is { } message ? Encoding.Latin1.GetString(message.Span) : null;
}
