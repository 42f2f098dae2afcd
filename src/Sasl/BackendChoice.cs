using System.Collections.Immutable;

namespace Sasl;

/// <summary>Makes the stores and verifiers that a configuration names, and puts them together.</summary>
internal sealed class BackendChoice(SaslServerBuilder builder, SaslBackendContext context, LogLine log, Action<object, bool> own)
{
    private const string MethodKey = "pwcheck_method";
    private const string StoreKey = "auxprop_plugin";
    private const string TransitionKey = "auto_transition";

    private readonly SaslConfiguration _configuration = context.Configuration;

    /// <summary>The stores in use, in the order asked.</summary>
    public ImmutableArray<CredentialStoreLink> Links { get; private set; } = [];

    /// <summary>All stores as one; null without any.</summary>
    public ICredentialStore? Store { get; private set; }

    /// <summary>The first store that can be written; null without any.</summary>
    public IWritableCredentialStore? WritableStore { get; private set; }

    /// <summary>The verifiers in use, in the order asked.</summary>
    public ImmutableArray<string> Methods { get; private set; } = [];

    /// <summary>The verifiers themselves, in the same order.</summary>
    public ImmutableArray<PasswordVerifierLink> Verifiers { get; private set; } = [];

    /// <summary>All verifiers as one; null without any.</summary>
    public IPasswordVerifier? Verifier { get; private set; }

    public void Choose(IReadOnlyList<SaslSecretDeriver> derivers)
    {
        TransitionKind transition = ReadTransition();
        ImmutableArray<string> methods = [.. _configuration.Words(MethodKey).Distinct(StringComparer.OrdinalIgnoreCase)];
        bool chosen = !methods.IsEmpty;
        if (!chosen)
            methods = [SaslServerBuilder.StoredPasswords];

        ChooseStores(methods, transition);
        // Nobody has to have a store, unless the configuration asks for one by name.
        Methods = [.. methods.Where(method => chosen || Store is not null || !IsStoredPasswords(method))];
        SaslTransition? target = transition is TransitionKind.Off ? null : MakeTransition(transition, derivers);
        Verifiers = [.. Methods.Select(method => new PasswordVerifierLink(method, MakeVerifier(method)))];
        if (!Verifiers.IsEmpty)
            Verifier = new PasswordVerifierChain([.. Verifiers.Select(link => WithTransition(link, target))], (name, exception) => log.BackendThrew("verifier", name, exception));
    }

    private static bool IsStoredPasswords(string method) => method.Equals(SaslServerBuilder.StoredPasswords, StringComparison.OrdinalIgnoreCase);

    private TransitionKind ReadTransition() => _configuration.Choice(
        TransitionKey, "no", "no", "yes", "noplain", "off", "on", "false", "true", "0", "1", "n", "y", "f", "t") switch
    {
        "noplain" => TransitionKind.WithoutPlainText,
        "yes" or "on" or "true" or "1" or "y" or "t" => TransitionKind.Everything,
        _ => TransitionKind.Off,
    };

    // A store that nothing asks for is not opened: with saslauthd alone, SCRAM would be offered against an empty sasldb.
    private void ChooseStores(ImmutableArray<string> methods, TransitionKind transition)
    {
        ImmutableArray<string> named = [.. _configuration.Words(StoreKey).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (named.IsEmpty && transition is TransitionKind.Off && !methods.Any(IsStoredPasswords))
            return;
        Links = named.IsEmpty ? MakeRegisteredStores() : [.. named.Select(MakeStore)];
        Store = Links is [var only] ? only.Store
            : Links.IsEmpty ? null
            : new CredentialStoreChain(Links, (name, exception) => log.BackendThrew("credential store", name, exception));
        WritableStore = Links.Select(static link => link.Store).OfType<IWritableCredentialStore>().FirstOrDefault();
    }

    // The built-in sasldb stands back for stores of the application's: its file is rarely there then, and every login would be a temporary failure.
    private ImmutableArray<CredentialStoreLink> MakeRegisteredStores()
    {
        ImmutableArray<CredentialStoreLink> asked = MakeStores(make => !BuiltInBackends.IsUnasked(make, _configuration));
        return asked.IsEmpty ? MakeStores(make => BuiltInBackends.IsUnasked(make, _configuration)) : asked;
    }

    private ImmutableArray<CredentialStoreLink> MakeStores(Func<Func<SaslBackendContext, ICredentialStore?>, bool> choose) =>
        [.. builder.Stores.Where(pair => choose(pair.Value))
            .Select(pair => (Name: pair.Key, Store: MakeStore(pair.Value))).Where(static made => made.Store is not null)
            .Select(static made => new CredentialStoreLink(made.Name, made.Store!))];

    private CredentialStoreLink MakeStore(string name)
    {
        if (!builder.Stores.TryGetValue(name, out Func<SaslBackendContext, ICredentialStore?>? make))
            throw _configuration.Error(StoreKey, $"there is no credential store '{name}'; accepted are {Names(builder.Stores.Keys)}");
        return MakeStore(make) is { } store
            ? new CredentialStoreLink(name, store)
            : throw _configuration.Error(StoreKey, $"the credential store '{name}' lacks the options it needs");
    }

    private ICredentialStore? MakeStore(Func<SaslBackendContext, ICredentialStore?> make) => Own(make(context), BuiltInBackends.IsOurs(make));

    private PasswordVerifierLink WithTransition(PasswordVerifierLink link, SaslTransition? transition) =>
        transition is null || IsStoredPasswords(link.Name)
            ? link
            : link with { Verifier = new TransitioningPasswordVerifier(link.Verifier, transition, context.Work) };

    private IPasswordVerifier MakeVerifier(string name)
    {
        if (IsStoredPasswords(name))
        {
            return new StoredPasswordVerifier(
                Store ?? throw _configuration.Error(MethodKey, $"'{name}' needs a credential store, and none is registered"), context.PasswordForms, context.Work);
        }
        if (!builder.Verifiers.TryGetValue(name, out Func<SaslBackendContext, IPasswordVerifier>? make))
        {
            throw _configuration.Error(
                MethodKey, $"there is no password verifier '{name}'{HintFor(name)}; accepted are {Names([SaslServerBuilder.StoredPasswords, .. builder.Verifiers.Keys])}");
        }
        return Own(make(context), BuiltInBackends.IsOurs(make));
    }

    private SaslTransition MakeTransition(TransitionKind kind, IReadOnlyList<SaslSecretDeriver> derivers)
    {
        if (WritableStore is not { } store)
            throw _configuration.Error(TransitionKey, "it needs a credential store that can be written, and there is none (auxprop_plugin)");
        if (kind is TransitionKind.WithoutPlainText && derivers.Count == 0)
            throw _configuration.Error(TransitionKey, "'noplain' stores nothing, because no mechanism makes secrets of passwords (scram_secret_generate)");
        return new SaslTransition
        {
            Store = store,
            Forms = context.PasswordForms,
            Derivers = derivers,
            StorePlainText = kind is TransitionKind.Everything,
            Failed = log.TransitionFailed,
        };
    }

    private static string HintFor(string name) => name.ToLowerInvariant() switch
    {
        "alwaystrue" => ", which would let everybody in",
        "auxprop-hashed" => "; auxprop reads every form",
        _ => "",
    };

    private static string Names(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";

    private T Own<T>(T made, bool ours)
    {
        if (made is not null)
            own(made, ours);
        return made;
    }
}
