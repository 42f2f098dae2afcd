using System.Collections.Immutable;

namespace Sasl;

/// <summary>One build: from a builder and a configuration to a server, or to the explanation of what it would be.</summary>
internal sealed class ServerAssembly
{
    private const string CanonicalizerKey = "canon_user_plugin";
    private const string LogLevelKey = "log_level";
    private const string LocalHost = "localhost";

    // Programs whose name is mistaken for that of their service.
    private static readonly (string Application, string Service)[] s_mistakenServices =
        [("smtpd", "smtp"), ("imapd", "imap"), ("pop3d", "pop"), ("lmtpd", "lmtp"), ("slapd", "ldap")];

    private readonly SaslServerBuilder _builder;
    private readonly string _service;
    private readonly SaslConfiguration _configuration;
    private readonly SaslConfigurationSearch? _search;
    private readonly List<SaslConfigurationWarning> _warnings = [];
    private readonly List<object> _owned = [];
    private readonly List<object> _ours = [];
    private string _canonicalizer = SaslServerBuilder.InternalCanonicalizer;
    private ImmutableArray<SaslMechanism> _mechanisms;
    private BackendChoice? _backends;
    private string? _tokenValidator;

    public ServerAssembly(SaslServerBuilder builder, string service, SaslConfiguration configuration, SaslConfigurationSearch? search)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        _builder = builder;
        _service = service;
        _configuration = configuration;
        _search = search;
        _mechanisms = builder.Mechanisms;
    }

    private string ServerName => _builder.ServerName.ToLowerInvariant();

    public SaslServerSetup Build()
    {
        try
        {
            return Assemble(_builder.Log);
        }
        catch
        {
            Dispose(_owned);
            throw;
        }
    }

    /// <summary>Explains without a word in the log, and leaves alone what the application's factories made: it may serve logins already.</summary>
    public SaslExplanation Explain()
    {
        try
        {
            return Assemble(write: null).Explanation;
        }
        catch (SaslConfigurationException exception)
        {
            return Explain([], exception);
        }
        finally
        {
            Dispose(_ours);
        }
    }

    private static void Dispose(List<object> made)
    {
        foreach (object one in made)
            (one as IDisposable)?.Dispose();
    }

    private void Own(object made, bool ours)
    {
        _owned.Add(made);
        if (ours)
            _ours.Add(made);
    }

    // What a legacy mechanism stores is easier to attack than anything else in the store: it is made only where the mechanism is used. What the
    // platform lacks must not keep a password from being set.
    private static bool IsStoredFor(SaslMechanism mechanism, ImmutableArray<string> named) => mechanism.MissingOnPlatform is null
        && (!mechanism.OnlyWhenNamed
            || named.Contains(mechanism.Name, StringComparer.OrdinalIgnoreCase) || named.Contains(mechanism.BaseName, StringComparer.OrdinalIgnoreCase));

    private SaslServerSetup Assemble(Action<SaslLogLevel, string>? write)
    {
        _warnings.AddRange(_search?.Warnings ?? _configuration.Check(_builder.KnownKeys));
        WarnOfService();
        WarnOfServerName();
        var log = new LogLine((SaslLogLevel)_configuration.Number(
            LogLevelKey, (int)SaslLogLevel.Failure, (int)SaslLogLevel.None, (int)SaslLogLevel.Password), write);

        SaslBackendContext context = MakeContext(log);
        _mechanisms = MechanismChoice.Adapt(_builder, _configuration, new KerberosChoice(_builder, _configuration, _service, log.Warn), _warnings.Add);
        ImmutableArray<string> allowed = MechanismChoice.ReadList(_configuration, MechanismChoice.ServerList, _mechanisms, _warnings.Add);
        ImmutableArray<string> named = allowed.IsEmpty ? _builder.Policy.Allow : allowed;
        ImmutableArray<SaslSecretDeriver> derivers = [.. _mechanisms
            .Where(mechanism => IsStoredFor(mechanism, named)).Select(static mechanism => mechanism.DeriveSecrets).OfType<SaslSecretDeriver>()];
        IUserCanonicalizer canonicalizer = MakeCanonicalizer(context);
        _backends = new BackendChoice(_builder, context, log, Own);
        _backends.Choose(derivers);
        ITokenValidator? tokens = _builder.TokenValidator ?? MakeTokenValidator(context);
        _warnings.AddRange(OptionReaders.Unread(_configuration, _builder, IsInUse));

        SaslServer server = MakeServer(new SaslServerOptions
        {
            Service = _service,
            ServerName = ServerName,
            Realm = _builder.Realm,
            Mechanisms = _mechanisms,
            Policy = allowed.IsEmpty ? _builder.Policy : _builder.Policy with { Allow = allowed },
            PasswordVerifier = _backends.Verifier,
            CredentialStore = _backends.Store,
            WritableStore = _backends.WritableStore,
            TokenValidator = tokens,
            Canonicalizer = canonicalizer,
            Authorizer = _builder.Authorizer,
            Observer = log.Observe(_builder.Observer),
            Nonces = _builder.Nonces,
            Clock = _builder.Clock,
            Work = context.Work,
            SuccessData = _builder.SuccessData,
            DecoyKey = _builder.DecoyKey,
            AllowRepeatedExporterBinding = _builder.AllowRepeatedExporterBinding,
        });
        SaslExplanation explanation = Explain([.. server.ExplainAll()], error: null);
        log.Start(explanation);
        return new SaslServerSetup(server, explanation, _owned) { LogLevel = log.Level, Stores = _backends.Links, PasswordVerifiers = _backends.Verifiers, SecretDerivers = derivers };
    }

    private SaslBackendContext MakeContext(LogLine log)
    {
        SaslWorkQueue? work = _builder.Work;
        if (work is null)
        {
            work = new SaslWorkQueue();
            Own(work, ours: true);
        }
        return new SaslBackendContext(_configuration, _warnings.Add, log.Warn)
        {
            Service = _service,
            ServerName = ServerName,
            Realm = _builder.Realm,
            Work = work,
            PasswordForms = _builder.PasswordForms,
        };
    }

    private IUserCanonicalizer MakeCanonicalizer(SaslBackendContext context)
    {
        _canonicalizer = _configuration[CanonicalizerKey] ?? SaslServerBuilder.InternalCanonicalizer;
        if (!_builder.Canonicalizers.TryGetValue(_canonicalizer, out Func<SaslBackendContext, IUserCanonicalizer>? make))
        {
            throw _configuration.Error(
                CanonicalizerKey, $"there is no canonicalizer '{_canonicalizer}'; accepted are {string.Join(", ", _builder.Canonicalizers.Keys)}");
        }
        IUserCanonicalizer made = make(context);
        Own(made, ours: false);
        return made;
    }

    private ITokenValidator? MakeTokenValidator(SaslBackendContext context)
    {
        _tokenValidator = TokenValidatorChoice.KindOf(_configuration);
        ITokenValidator? made = TokenValidatorChoice.Make(context, _builder.Clock);
        if (made is not null)
            Own(made, ours: true);
        return made;
    }

    private SaslServer MakeServer(SaslServerOptions options)
    {
        try
        {
            var server = new SaslServer(options);
            ThrowIfOnlyCertificatesHelp(server, options.Policy);
            return server;
        }
        catch (SaslConfigurationException exception)
        {
            SaslConfigurationPosition place = _configuration.Find(MechanismChoice.ServerList)?.Place ?? new SaslConfigurationPosition(_configuration.Source);
            string found = _search is null ? "" : $"\n{_search}";
            throw new SaslConfigurationException(place, exception.Message + found, exception);
        }
    }

    // EXTERNAL needs nothing but a certificate, so that a server without any back end could offer it. Whoever means that says so.
    private static void ThrowIfOnlyCertificatesHelp(SaslServer server, SaslPolicy policy)
    {
        IReadOnlyList<SelectionReport> reports = server.ExplainAll();
        if (policy.Allow.IsEmpty && reports.All(static report => !report.Offered.Any()))
        {
            throw new SaslConfigurationException(
                $"No mechanism can be offered to a client without a certificate; name EXTERNAL in mech_list if that is meant.\n{string.Join('\n', reports)}");
        }
    }

    private void WarnOfService()
    {
        foreach ((string application, string service) in s_mistakenServices)
        {
            if (_service.Equals(application, StringComparison.OrdinalIgnoreCase))
                _warnings.Add(new SaslConfigurationWarning(new("service"), $"{application} is a program's name; the registered name of its service is {service}"));
        }
    }

    // Users of sasldb would be looked for in the realm "mail", while Cyrus SASL's tools have put them into "mail.example.com".
    private void WarnOfServerName()
    {
        if (ServerName is not LocalHost && !ServerName.Contains('.', StringComparison.Ordinal))
        {
            _warnings.Add(new SaslConfigurationWarning(
                new("server name"), $"{ServerName} is not fully qualified; name the server (myhostname), or give this host a canonical name with a dot"));
        }
    }

    private bool IsInUse(SaslConfigurationReader reader, string? name) => reader switch
    {
        SaslConfigurationReader.Nobody => false,
        SaslConfigurationReader.Builder => true,
        SaslConfigurationReader.Store => _backends?.Links.Any(link => link.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is true,
        SaslConfigurationReader.Verifier => _backends?.Methods.Any(method => method.Equals(name, StringComparison.OrdinalIgnoreCase)) is true,
        SaslConfigurationReader.Canonicalizer => _canonicalizer.Equals(name, StringComparison.OrdinalIgnoreCase),
        SaslConfigurationReader.TokenValidator => _tokenValidator is not null && (name is null || name == _tokenValidator),
        SaslConfigurationReader.Mechanism => _mechanisms.Any(mechanism => mechanism.Name == name),
    };

    private SaslExplanation Explain(ImmutableArray<SelectionReport> reports, SaslConfigurationException? error) => new(_service, _configuration)
    {
        Search = _search,
        ServerName = ServerName,
        Realm = _builder.Realm,
        Options = [.. OptionReaders.InForce(_configuration, _builder, IsInUse)],
        Verifiers = _backends?.Methods ?? [],
        TokenValidator = _tokenValidator ?? _builder.TokenValidator?.GetType().Name,
        Stores = [.. _backends?.Links.Select(static link => link.Name) ?? []],
        Reports = reports,
        Warnings = [.. _warnings],
        Error = error,
    };
}
