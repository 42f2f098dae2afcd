using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using Sasl.Mechanisms;
using Sasl.Saslauthd;
using Sasl.Sasldb;
using Sasl.Smtp;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>Everything that the library says to anybody but the peer, in every situation, searched for the passwords that were in play.</summary>
public sealed class SilenceTests : IDisposable
{
    private const string Right = "Zq7-right-Kx92-p\u00e4ss wort";
    private const string Wrong = "Wr0ng-Vb81-attempt-\u00fc";
    private const string SqlPassword = "sq1-Hn55-database-Pw";
    private const string LdapPassword = "1dap-Jm31-directory-Pw";
    private const string Alice = "alice";

    private readonly Forbidden _forbidden = new();
    private readonly List<string> _log = [];
    private readonly HashSet<string> _telemetry = [];    // also what tests beside this one cause, which is little, but often
    private readonly List<string> _traces = [];
    private readonly CollectingObserver _observer = new();
    private readonly List<IDisposable> _owned = [];

    public SilenceTests()
    {
        _forbidden.AddPassword("the right password", Right);
        _forbidden.AddPassword("the wrong password", Wrong);
        _forbidden.AddOctets("the right token", Encoding.ASCII.GetBytes(OneToken.Of(Right)));
        _forbidden.AddOctets("the wrong token", Encoding.ASCII.GetBytes(OneToken.Of(Wrong)));
        _forbidden.AddPassword("sql_passwd", SqlPassword);
        _forbidden.AddPassword("ldapdb_pw", LdapPassword);
    }

    public void Dispose() => _owned.ForEach(static owned => owned.Dispose());

    [Fact]
    public void The_search_finds_what_it_is_to_find()
    {
        foreach (string secret in new[] { Right, Wrong, SqlPassword, LdapPassword })
        {
            byte[] octets = Encoding.UTF8.GetBytes(secret);
            Assert.True(_forbidden.StandsIn($"password {secret} is wrong"));
            Assert.True(_forbidden.StandsIn(Convert.ToHexStringLower(octets)));
            foreach (string before in new[] { "", "\0alice\0", "x\0alice\0", "xy\0alice\0" })
                Assert.True(_forbidden.StandsIn(Convert.ToBase64String([.. Encoding.UTF8.GetBytes(before), .. octets])));
        }
        Assert.False(_forbidden.StandsIn("PLAIN: failed (InvalidCredentials: password mismatch), user \"alice\""));
    }

    [Fact]
    public async Task No_log_no_event_no_trace_and_no_metric_contains_a_password()
    {
        using ActivityListener activities = ListenToActivities();
        using MeterListener meters = ListenToMeters();
        SaslServerBuilder builder = Builder();
        foreach (bool dead in new[] { false, true })
        {
            foreach (bool keys in new[] { false, true })
            {
                MemoryCredentialStore store = keys ? StoreOfKeys() : StoreOfPlainText();
                builder.Stores["memory"] = _ => dead ? new Throwing() : new Borrowed(store);
                builder.Verifiers["other"] = _ => dead ? new Throwing() : new FixedVerifier(PasswordOutcome.UnknownUser);
                using SaslServerSetup setup = builder.Build("smtp", Configuration("pwcheck_method: other auxprop\n"));
                _log.Add(setup.Explanation.ToString());
                foreach (string mechanism in World.Names)
                    await PlayAsync(setup.Server, mechanism);
            }
        }
        Assert.True(_log.Count > 500, $"{_log.Count} lines");
        Assert.True(_observer.Lines.Count > 500, $"{_observer.Lines.Count} events");
        Assert.Contains(_log, static line => line.Contains("succeeded", StringComparison.Ordinal));
        Assert.Contains(_log, static line => line.Contains("password mismatch", StringComparison.Ordinal));
        Assert.Contains(_log, static line => line.Contains("could not answer", StringComparison.Ordinal));
        Assert.Contains(_observer.Lines, static line => line.StartsWith("threw", StringComparison.Ordinal));
        Assert.Contains(_traces, static line => line.StartsWith("C: AUTH PLAIN ***", StringComparison.Ordinal));
        Assert.Contains(_traces, static line => line.StartsWith("C: AUTH XOAUTH2 ***", StringComparison.Ordinal));
        Assert.Contains(_log, static line => line.Contains("token not valid", StringComparison.Ordinal));
        string[] telemetry;
        lock (_telemetry)
            telemetry = [.. _telemetry];
        Assert.NotEmpty(telemetry);
        Search(nameof(_log), _log);
        Search(nameof(_observer), _observer.Lines);
        Search(nameof(_traces), _traces);
        Search(nameof(_telemetry), telemetry);
    }

    [Fact]
    public void Explanations_show_no_password()
    {
        SaslServerBuilder builder = Builder();
        builder.Stores["sql"] = static _ => new MemoryCredentialStore();
        builder.Stores["ldapdb"] = static _ => new MemoryCredentialStore();
        foreach (string chosen in new[] { "memory", "memory sql ldapdb" })
        {
            using SaslServerSetup setup = builder.Build("smtp", Configuration($"auxprop_plugin: {chosen}\n"));
            string text = setup.Explanation.ToString();
            Assert.Equal(chosen != "memory", text.Contains("sql_passwd: (not shown)", StringComparison.Ordinal));
            Search("the explanation", [text, .. setup.Explanation.Options.Select(static option => option.ToString()), .. setup.Explanation.Warnings.Select(static warning => warning.ToString())]);
        }
    }

    [Theory]
    [InlineData("sql_passwd = {0}")]
    [InlineData("sql_passwd {0}")]
    [InlineData("sql_passwd : {0}")]
    [InlineData("sql.passwd: {0}")]
    [InlineData("{0}")]
    [InlineData("sql_passwd:\n{0}")]
    [InlineData("sql_passwd: x\\\n{0}")]
    [InlineData("sql_passwd: {0}\u0000")]
    [InlineData("log_level: 7\nsql_passwd: {0}\nsql_passwd: {0}\nsql_pasword: {0}\nsql_user: {0}")]
    public void Complaints_about_a_configuration_repeat_no_value_that_may_be_a_password(string text)
    {
        string file = string.Format(CultureInfo.InvariantCulture, text, SqlPassword);
        var said = new List<string>();
        try
        {
            using SaslServerSetup setup = Builder().Build("smtp", SaslConfiguration.Parse(file, "smtpd.conf"));
            said.AddRange(setup.Explanation.Warnings.Select(static warning => warning.ToString()));
            said.AddRange(setup.Explanation.Configuration.Entries.Select(static entry => entry.ToString()));
        }
        catch (SaslConfigurationException exception)
        {
            said.Add(exception.ToString());
        }
        Assert.NotEmpty(said);
        Search("a complaint", [.. said, .. _log]);
    }

    [Theory]
    [InlineData("relay.example.com bob:{0}\nrelay.example.com bob:{0}\n")]
    [InlineData("relay.example.com:bob:{0}\n")]
    [InlineData("\"relay.example.com bob:{0}\n")]
    [InlineData("relay.example.com: bob:{0}\n")]
    [InlineData(" bob:{0}\n")]
    [InlineData("relay.example.com bob:{0}\u0000\n")]
    public void Complaints_about_a_password_map_repeat_no_password(string text)
    {
        var said = new List<string>();
        var options = new SmtpMapOptions { SkipBadLines = false, Warning = said.Add };
        byte[] content = Encoding.UTF8.GetBytes(string.Format(CultureInfo.InvariantCulture, text, Right));
        foreach (bool skip in new[] { false, true })
        {
            try
            {
                using SmtpPasswordMap map = SmtpPasswordMap.Parse(content, "/etc/postfix/sasl_passwd", options with { SkipBadLines = skip });
                SmtpCredentialAnswer answer = map.Find(new SmtpDestination("relay.example.com"));
                said.Add($"{map} {answer} {answer.Credential} {answer.Credential?.Password}");
                answer.Credential?.Dispose();
            }
            catch (SaslConfigurationException exception)
            {
                said.Add(exception.ToString());
            }
        }
        Assert.NotEmpty(said);
        Search("a complaint", said);
    }

    [Fact]
    public async Task No_public_object_prints_the_secret_it_holds()
    {
        List<object> objects = await HoldersAsync();
        foreach (object one in objects)
        {
            _forbidden.AssertAbsent($"the text of {one.GetType()}", $"{one}");
            _forbidden.AssertAbsent($"the members of {one.GetType()}", Members(one));
        }
        // Whoever adds a public type that can hold a secret adds an object of it above.
        Type[] known = [.. objects.SelectMany(static one => Ancestors(one.GetType()))];
        string[] missing =
        [
            .. new[] { "Sasl.Core", "Sasl.Mechanisms", "Sasl.Sasldb", "Sasl.Saslauthd", "Sasl.Smtp", "Sasl" }
                .SelectMany(static name => Assembly.Load(name).GetExportedTypes())
                .Where(static type => !type.IsEnum && !type.IsInterface && !(type.IsAbstract && type.IsSealed) && !type.IsAssignableTo(typeof(Delegate)))
                .Where(CanHoldASecret).Select(static type => type.IsGenericType ? type.GetGenericTypeDefinition() : type)
                .Except(known).Select(static type => type.FullName!),
        ];
        Assert.Empty(missing);
    }

    // Octets or secrets in a field, its own or an automatic property's.
    private static bool CanHoldASecret(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Any(static field => field.FieldType == typeof(byte[]) || field.FieldType == typeof(SaslSecret) || field.FieldType == typeof(SecureBufferWriter)
                || field.FieldType == typeof(ReadOnlyMemory<byte>) || field.FieldType == typeof(ReadOnlyMemory<byte>?) || field.FieldType == typeof(PropertySet)
                || field.FieldType == typeof(SaslConfigurationEntry));

    private static IEnumerable<Type> Ancestors(Type type)
    {
        for (Type? one = type; one is not null; one = one.BaseType)
            yield return one.IsGenericType ? one.GetGenericTypeDefinition() : one;
    }

    // What a debugger's or a logger's destructuring of one level prints.
    private static string Members(object one)
    {
        var text = new StringBuilder();
        foreach (PropertyInfo property in one.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.GetIndexParameters().Length == 0))
        {
            // A value that is octets or text on purpose is the caller's to keep: the entry of a configuration, the password of a credential.
            if (property.PropertyType.IsByRefLike || (one is SaslConfigurationEntry && property.Name == nameof(SaslConfigurationEntry.Value)))
                continue;
            try
            {
                text.Append(CultureInfo.InvariantCulture, $"{property.Name} = {property.GetValue(one)}\n");
            }
            catch (TargetInvocationException exception)
            {
                text.Append(exception.InnerException);
            }
        }
        return text.ToString();
    }

    private async Task<List<object>> HoldersAsync()
    {
        byte[] octets = Encoding.UTF8.GetBytes(Right);
        SaslSecret secret = SaslSecret.FromText(Right);
        var gone = SaslSecret.FromText(Right);
        gone.Dispose();
        var properties = new PropertySet(SaslProperty.UserPassword);
        properties.Add("userPassword", octets);
        var writer = new SecureBufferWriter();
        writer.Write(octets);
        MemoryCredentialStore store = StoreOfPlainText();
        var world = new World(password: Right);
        SaslClient client = world.NewClient(Right);
        SaslClientSession clientSession = client.CreateSession(World.Tls);
        SaslReply initial = await clientSession.StartAsync(["PLAIN"]);
        SaslServerSession serverSession = world.NewSession();
        SaslReply accepted = await serverSession.StartAsync("PLAIN", initial.Message);
        Assert.True(accepted.IsSuccess);
        var smtpServer = new SmtpAuthServer(world.NewSession());
        SmtpAuthReply smtpReply = await smtpServer.BeginAsync(Encoding.ASCII.GetBytes($" PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{Alice}\0{Wrong}"))}"));
        var smtpClient = new SmtpAuthClient(world.NewClient(Right).CreateSession(World.Tls));
        SmtpPasswordMap map = SmtpPasswordMap.Parse(Encoding.UTF8.GetBytes($"relay.example.com bob:{Right}\n"), "map");
        SmtpCredentialAnswer answer = map.Find(new SmtpDestination("relay.example.com"));
        SaslConfiguration configuration = Configuration();
        ScramVerifier verifier = ScramVerifier.Derive(ScramHash.Sha256, octets, new byte[16], 4096);
        _forbidden.AddStored("a stored key", Encoding.ASCII.GetString(verifier.Format()));
        var value = new SaslPropertyValue("userPassword", octets);
        var lines = new SmtpLineStream(new MemoryStream(Encoding.UTF8.GetBytes(Right + "\r\n")));
        ReadOnlyMemory<byte>? line = await lines.ReadLineAsync(default);
        Assert.NotNull(line);
        var masker = new SmtpLineMasker();
        masker.Client(octets);
        var stream = new SaslStream(new Core.Tests.Streams.ScriptedConnection(), new Core.Tests.Streams.NumberedLayer());
        stream.Write(octets);
        using var sasldb = new SasldbStore(new SasldbOptions { Path = Path.Combine(Path.GetTempPath(), "no-such-sasldb") });
        var entry = new SasldbEntry("alice\0r\0userPassword"u8.ToArray(), [.. octets]);
        var dump = new MemoryStream();
        var textWriter = new SasldbTextWriter(dump);
        await textWriter.WriteAsync(entry.Key, entry.Value, default);
        await textWriter.CompleteAsync(default);
        dump.Position = 0;
        var textReader = new SasldbTextReader(dump);
        Assert.True(await textReader.ReadAsync(default));
        var cache = new SaslauthdCache(kilobytes: 1);
        SaslServerSetup setup = Builder().Build("smtp", configuration);
        _owned.AddRange([secret, properties, writer, store, world, client, clientSession, serverSession, smtpServer, smtpClient, map, verifier, lines, stream, setup, entry, textReader, textWriter, cache]);
        SaslClientOptions options = new()
        {
            Service = "smtp", ServerName = "x", Mechanisms = World.Cheap, UserName = Alice, Password = secret, AccessToken = (_, _) => new(secret),
        };
        return
        [
            secret, gone, properties, writer, store, world.Server, client, clientSession, initial, serverSession, accepted, serverSession.Identity!, smtpServer, smtpReply,
            smtpClient, map, answer, answer.Credential!, configuration, configuration.Find("sql_passwd")!, verifier, value, new SaslPropertyValue("x", null), options,
            new SaslServerOptions { Service = "smtp", ServerName = "x", Mechanisms = World.Cheap, DecoyKey = octets },
            new SaslServerBuilder { ServerName = "x", DecoyKey = octets }, lines, masker,
            stream, sasldb, entry, textReader, textWriter, cache, setup, setup.Explanation, PlainTextForm.Instance, CyrusPlainForm.Instance, SaslProperty.UserPassword, World.Tls,
            new PasswordVerdict(PasswordOutcome.Match, "x"), SaslStep.Fail(SaslError.InvalidCredentials, "x"), ScramOptions.Default, ScramHash.Sha256,
            new StoredPasswordVerifier(store, [PlainTextForm.Instance], new SaslWorkQueue()),
        ];
    }

    // Every mechanism with the right password, a wrong one, for an unknown user, broken off at each step, and damaged at each step.
    private async Task PlayAsync(SaslServer server, string mechanism)
    {
        using var world = new World(mechanisms: SaslMechanisms.Create(new SaslMechanismOptions { Scram = new ScramOptions { Iterations = 4096, MinIterations = 1 } }));
        foreach ((string user, string password) in new[] { (Alice, Right), (Alice, Wrong), ("nobody", Right), ("@", Right) })
        {
            await TalkAsync(world, server, mechanism, user, password, static (_, line) => line);
            for (int step = 0; step < 3; step++)
            {
                await TalkAsync(world, server, mechanism, user, password, (number, line) => number == step ? "*" : line);
                await TalkAsync(world, server, mechanism, user, password, (number, line) => number == step ? null : line);
                await TalkAsync(world, server, mechanism, user, password, (number, line) => number == step ? line + "A" : line);
                await TalkAsync(world, server, mechanism, user, password, (number, line) => number == step && line.Length > 8 ? line[..^4] : line);
                await TalkAsync(world, server, mechanism, user, password, (number, line) => number == step ? line + line : line);
            }
        }
    }

    private async Task TalkAsync(World world, SaslServer server, string mechanism, string user, string password, Func<int, string, string?> onTheWay)
    {
        if (!server.Explain(World.Tls).Offered.Contains(mechanism))
            return;
        var channel = World.Tls with { Remote = new IPEndPoint(IPAddress.Loopback, 40000) };
        using SaslServerSession session = server.CreateSession(channel);
        using var smtp = new SmtpAuthServer(session);
        var masker = new SmtpLineMasker();
        using SaslClientSession client = world.NewClient(password, user).CreateSession(World.ChannelFor(mechanism));
        SaslReply said = await client.StartAsync([mechanism]);
        if (said.Status is SaslStatus.Failure)
            return;
        int number = 0;
        string command = $"AUTH {mechanism}";
        if (said.Message is { } initial)
        {
            if (onTheWay(number++, initial.IsEmpty ? "=" : Convert.ToBase64String(initial.Span)) is not { } argument)
                return;
            command += " " + argument;
        }
        _traces.Add("C: " + masker.Client(Encoding.ASCII.GetBytes(command)));
        SmtpAuthReply reply = await smtp.BeginAsync(Encoding.ASCII.GetBytes(command[4..]));
        while (true)
        {
            string line = Encoding.ASCII.GetString(reply.Line.Span);
            _traces.Add("S: " + masker.Server(reply.Line.Span));
            if (reply.Code != 334)
                return;
            said = await client.StepAsync(Convert.FromBase64String(line[4..]));
            if (said.Status is SaslStatus.Failure)
            {
                _traces.Add($"{client.FailureDetail} {client.Explain()}");
                return;
            }
            if (onTheWay(number++, Convert.ToBase64String(said.Message!.Value.Span)) is not { } response)
                return;    // the connection is gone: the session is disposed in the middle
            _traces.Add("C: " + masker.Client(Encoding.ASCII.GetBytes(response)));
            reply = await smtp.ContinueAsync(Encoding.ASCII.GetBytes(response));
        }
    }

    private SaslServerBuilder Builder()
    {
        var builder = new SaslServerBuilder
        {
            ServerName = "mail.example.com",
            Policy = new SaslPolicy(),
            TokenValidator = new OneToken(Right),
            Observer = _observer,
            Log = (level, line) => _log.Add($"{level} {line}"),
            Scram = new ScramOptions { Iterations = 4096 },
        };
        builder.Stores.Clear();
        builder.Stores["memory"] = _ => new MemoryCredentialStore();
        return builder;
    }

    private static SaslConfiguration Configuration(string more = "") => SaslConfiguration.Parse(
        $"log_level: 7\nsql_passwd: {SqlPassword}\nldapdb_pw: {LdapPassword}\nsql_select: SELECT x\nldapdb_uri: ldap://x\n"
        + $"mech_list: {string.Join(' ', World.Names)}\n{more}", "smtpd.conf");

    private static MemoryCredentialStore StoreOfPlainText()
    {
        var store = new MemoryCredentialStore();
        store.Add(new SaslUser(Alice, ""), "userPassword", Encoding.UTF8.GetBytes(Right));
        return store;
    }

    private MemoryCredentialStore StoreOfKeys()
    {
        var store = new MemoryCredentialStore();
        foreach (SaslMechanism mechanism in SaslMechanisms.Standard.Where(static mechanism => mechanism.DeriveSecrets is not null))
        {
            foreach (SaslPropertyValue value in mechanism.DeriveSecrets!(new SaslUser(Alice, ""), Encoding.UTF8.GetBytes(Right)))
            {
                if (value.Value is not { } secret)
                    continue;
                store.Add(new SaslUser(Alice, ""), value.Name, secret.Span);
                _forbidden.AddStored($"the stored keys of {mechanism}", Encoding.ASCII.GetString(secret.Span));
            }
        }
        return store;
    }

    private ActivityListener ListenToActivities()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == SaslTelemetry.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (_telemetry)
                    _telemetry.Add($"{activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events)} {string.Join(' ', activity.Baggage)}");
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private MeterListener ListenToMeters()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, meters) =>
            {
                if (instrument.Meter.Name == SaslTelemetry.MeterName)
                    meters.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Keep(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Keep(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Keep(instrument, tags));
        listener.Start();
        return listener;
    }

    private void Keep(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_telemetry)
            _telemetry.Add($"{instrument.Name} {string.Join(' ', tags.ToArray())}");
    }

    private void Search(string where, IEnumerable<string> lines)
    {
        foreach (string line in lines)
            _forbidden.AssertAbsent($"{where}: {line.Length} characters", line);
    }

    /// <summary>A back end whose exceptions contain nothing secret.</summary>
    private sealed class Throwing : ICredentialStore, IPasswordVerifier
    {
        public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("the table is gone");

        public ValueTask<PasswordVerdict> VerifyAsync(
            SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken) =>
            throw new SaslUnavailableException("the daemon does not answer", new TimeoutException());
    }
}
