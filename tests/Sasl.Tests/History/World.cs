using System.Collections.Immutable;
using System.Text;
using Sasl.Mechanisms;

namespace Sasl.Tests.History;

/// <summary>A server on which everything is offered, alice's account, and clients for it.</summary>
internal sealed class World : IDisposable
{
    public const string User = "alice";
    public const string Password = "pencil";

    private readonly List<IDisposable> _owned = [];
    private readonly ImmutableArray<SaslMechanism> _mechanisms;

    public World(
        Func<SaslServerOptions, SaslServerOptions>? change = null, ImmutableArray<SaslMechanism>? mechanisms = null, string password = Password)
    {
        _mechanisms = mechanisms ?? Cheap;
        Store.Add(new SaslUser(User, ""), "userPassword", Encoding.UTF8.GetBytes(password));
        SaslPropertyValue oneTime = SaslMechanisms.Otp.DeriveSecrets!(new SaslUser(User, ""), Encoding.UTF8.GetBytes(password))[0];
        Store.Add(new SaslUser(User, ""), oneTime.Name, oneTime.Value!.Value.Span);
        var options = new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = _mechanisms,
            Policy = Everything(_mechanisms),
            CredentialStore = Store,
            TokenValidator = new OneToken(password),
            PasswordVerifier = new StoredPasswordVerifier(
                Store, [.. ScramMechanisms.PasswordForms, CyrusPlainForm.Instance, PlainTextForm.Instance], new SaslWorkQueue()),
        };
        Server = new SaslServer(change is null ? options : change(options));
    }

    /// <summary>All mechanisms; SCRAM with so few iterations and SRP with so small a group that a test can afford thousands of logins, OTP without a lock for those
    /// given up.</summary>
    public static ImmutableArray<SaslMechanism> Cheap { get; } = SaslMechanisms.Create(new SaslMechanismOptions
    {
        Scram = new ScramOptions { Iterations = 1, MinIterations = 1, MaxIterations = 9 },
        Otp = new OtpOptions { LockTime = TimeSpan.Zero },
        Srp = new SrpOptions { Group = SrpGroup.All[0], MinGroupBits = SrpOptions.SmallestGroup },
    });

    public static ImmutableArray<string> Names { get; } = [.. SaslMechanisms.Standard.Select(static mechanism => mechanism.Name)];

    /// <summary>The mechanisms that know a password.</summary>
    public static ImmutableArray<string> WithPassword { get; } = [.. Names.Except(["ANONYMOUS", "EXTERNAL", "OAUTHBEARER", "XOAUTH2"])];

    /// <summary>TLS with a client certificate of alice's and a channel binding.</summary>
    public static SaslChannel Tls { get; } = new()
    {
        ExternalSsf = 256,
        ExternalIdentity = User,
        Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsExporter, "what this connection alone has"u8.ToArray())),
    };

    public MemoryCredentialStore Store { get; } = new();

    public SaslServer Server { get; }

    public static SaslPolicy Everything(IEnumerable<SaslMechanism> mechanisms) => new() { Allow = [.. mechanisms.Select(static mechanism => mechanism.Name)] };

    /// <summary>The connection as a client of that mechanism knows it: who uses the form without -PLUS has nothing to bind to, and says "n".</summary>
    public static SaslChannel ChannelFor(string mechanism) =>
        mechanism.EndsWith("-PLUS", StringComparison.Ordinal) ? Tls : Tls with { Bindings = null };

    public SaslServerSession NewSession() => Server.CreateSession(Tls);

    public SaslClient NewClient(string password = Password, string user = User, string? authzid = null)
    {
        var secret = SaslSecret.FromText(password);
        var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = _mechanisms,
            Policy = Everything(_mechanisms),
            UserName = user,
            Password = secret,
            AccessToken = (_, _) => new(SaslSecret.FromText(OneToken.Of(password))),
            AuthorizationId = authzid,
        });
        _owned.Add(client);
        _owned.Add(secret);
        return client;
    }

    public Task<SaslReply> LogInAsync(SaslServerSession session, string mechanism, string password = Password, string user = User) =>
        TalkAsync(session, mechanism, password, user, static (_, message) => message);

    /// <summary>Lets a client of this library talk to a session, and somebody on the way change what the client says.</summary>
    /// <param name="session">The server's side.</param>
    /// <param name="mechanism">What the client uses.</param>
    /// <param name="password">The client's password.</param>
    /// <param name="user">The client's name.</param>
    /// <param name="onTheWay">Gets the message's number, from 0, and the message; null leaves the exchange where it is.</param>
    /// <returns>What the session said last.</returns>
    public async Task<SaslReply> TalkAsync(
        SaslServerSession session, string mechanism, string password, string user, Func<int, ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> onTheWay)
    {
        using SaslClientSession client = NewClient(password, user).CreateSession(ChannelFor(mechanism));
        SaslReply said = await client.StartAsync([mechanism]);
        if (said.Status is SaslStatus.Failure)
            throw new InvalidOperationException($"{mechanism} could not begin: {client.FailureDetail}");
        int number = 0;
        SaslReply heard = said.Message is null
            ? await session.StartAsync(mechanism)
            : onTheWay(number++, said.Message) is { } first ? await session.StartAsync(mechanism, first) : default;
        while (heard.NeedsMore)
        {
            said = await client.StepAsync(heard.Message!.Value);
            if (said.Status is SaslStatus.Failure)
                return session.Abort();
            if (onTheWay(number++, said.Message) is not { } next)
                return heard;
            heard = await session.StepAsync(next);
        }
        return heard;
    }

    public void Dispose()
    {
        _owned.ForEach(static owned => owned.Dispose());
        Store.Dispose();
    }
}
