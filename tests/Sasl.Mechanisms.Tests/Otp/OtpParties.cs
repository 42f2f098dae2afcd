using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Sasl.Mechanisms.Tests;

/// <summary>A server with alice, whose pass phrase makes a sequence, and clients for it.</summary>
internal sealed class OtpParties : IDisposable
{
    public const string PassPhrase = "This is a test.";
    public const string Property = "cmusaslsecretOTP";

    public static readonly SaslUser Alice = new("alice", "");

    private readonly SaslSecret _passPhrase = SaslSecret.FromText(PassPhrase);
    private readonly SaslMechanism _mechanism;

    public OtpParties(OtpOptions? options = null, int sequence = 499, OtpAlgorithm algorithm = OtpAlgorithm.Md5)
    {
        _mechanism = SaslMechanisms.Create(new SaslMechanismOptions { Otp = options ?? OtpOptions.Default }).Single(static one => one.Name == "OTP");
        if (sequence >= 0)
            Store.Add(Alice, Property, Record(algorithm, sequence, "ke1234"));
        Server = NewServer(Store);
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    public MemoryCredentialStore Store { get; } = new();

    public SaslServer Server { get; }

    public static byte[] Record(OtpAlgorithm algorithm, int sequence, string seed, long lockedUntil = 0)
    {
        byte[] password = new byte[OtpHash.Length];
        OtpHash.Compute(algorithm, Encoding.ASCII.GetBytes(PassPhrase), seed, sequence, password);
        return new OtpRecord(new OtpParameters(algorithm, sequence, seed), password, DateTimeOffset.FromUnixTimeSeconds(lockedUntil)).ToOctets();
    }

    /// <summary>The right answer to a challenge, in digits.</summary>
    public static byte[] Answer(ReadOnlyMemory<byte> challenge)
    {
        OtpParameters asked = OtpChallenge.Parse(challenge.Span)!;
        byte[] password = new byte[OtpHash.Length];
        OtpHash.Compute(asked.Algorithm, Encoding.ASCII.GetBytes(PassPhrase), asked.Seed, asked.Sequence, password);
        return Encoding.ASCII.GetBytes($"hex:{OtpText.ToHex(password)}");
    }

    public SaslServer NewServer(IWritableCredentialStore store, SaslObserver? observer = null) => new(new SaslServerOptions
    {
        Service = "imap",
        ServerName = "srv.example.com",
        Mechanisms = [_mechanism],
        Policy = new SaslPolicy { Allow = ["OTP"] },
        CredentialStore = store,
        WritableStore = store,
        Clock = Clock,
        Observer = observer ?? SaslObserver.None,
    });

    /// <summary>A session that has been given its challenge, or the refusal.</summary>
    public async Task<(SaslServerSession Session, SaslReply Reply)> BeginAsync(string user = "alice", SaslServer? server = null)
    {
        SaslServerSession session = (server ?? Server).CreateSession(SaslChannel.Plaintext);
        return (session, await session.StartAsync("OTP", Encoding.UTF8.GetBytes($"\0{user}")));
    }

    /// <summary>Logs alice in with our client; null when the server refused.</summary>
    public async Task<SaslIdentity?> LogInAsync(bool types = false, Func<string, SaslSecret?>? prompt = null)
    {
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Mechanisms = [_mechanism],
            Policy = new SaslPolicy { Allow = ["OTP"] },
            UserName = "alice",
            Password = types ? null : _passPhrase,
            Prompt = prompt is null ? null : (challenge, _) => new(prompt(challenge)),
        });
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        using SaslServerSession server = Server.CreateSession(SaslChannel.Plaintext);
        SaslReply own = await session.StartAsync(["OTP"]);
        if (own.Status is SaslStatus.Failure)
            return null;
        SaslReply reply = await server.StartAsync("OTP", own.Message);
        while (reply.NeedsMore)
        {
            own = await session.StepAsync(reply.Message!.Value.ToArray());
            reply = own.Status is SaslStatus.Failure ? server.Abort() : await server.StepAsync(own.Message!.Value.ToArray());
        }
        return server.Identity;
    }

    public async Task<string?> StoredAsync()
    {
        using var found = new PropertySet(new SaslProperty(Property));
        await Store.LookupAsync(Alice, found, default);
        return found.Count == 0 ? null : Encoding.ASCII.GetString(found.ValueAt(0));
    }

    public void Dispose()
    {
        _passPhrase.Dispose();
        Store.Dispose();
    }
}
