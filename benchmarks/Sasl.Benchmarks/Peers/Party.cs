using Sasl.Mechanisms;

namespace Sasl.Benchmarks;

/// <summary>Makes both sides of every library for the one account.</summary>
internal static class Party
{
    private static readonly SaslChannel s_tls = new() { ExternalSsf = 256, ExternalIdentity = Account.User };
    private static readonly SaslSecret s_password = SaslSecret.FromText(Account.Password);

    // What Cyrus SASL's server gets for a SCRAM that repeats nothing: it has no cache on either side, so the protocol is timed with one iteration.
    private const int AsIfCached = 1;

    /// <summary>What the server's store has of the password.</summary>
    internal enum Kept
    {
        PlainText,
        Keys,

        /// <summary>Stored keys, and the costly derivation is not repeated: from a cache, or with one iteration where the library has no cache.</summary>
        KeysAndCache,
    }

    /// <summary>Ours.</summary>
    /// <param name="mechanism">The mechanism.</param>
    /// <param name="kept">What the store has; a client remembers its keys when they are cached.</param>
    public static Contestant Ours(string mechanism, Kept kept, Func<Duel, Func<int, double>> part) =>
        Of("this library", new Duel(OurClient(mechanism, remembers: kept is not Kept.Keys), OurServer(mechanism, StoreFor(mechanism, kept))), part);

    /// <summary>Cyrus SASL's library.</summary>
    public static Contestant Cyrus(string mechanism, Kept kept, Func<Duel, Func<int, double>> part)
    {
        Libsasl2.StartClient();
        return Of(Peer.Cyrus, new Duel(new Libsasl2Side.Client(mechanism), new Libsasl2Side.Server(mechanism)), part, () =>
        {
            Libsasl2.StartInMemory();
            if (kept is Kept.PlainText || !IsScram(mechanism))
                Libsasl2.MemoryStore.KeepPlainText();
            else
                Libsasl2.MemoryStore.KeepKeys(mechanism, kept is Kept.Keys ? Account.Iterations : AsIfCached);
        });
    }

    /// <summary>GNU SASL's library.</summary>
    public static Contestant Gnu(string mechanism, Kept kept, Func<Duel, Func<int, double>> part)
    {
        Libgsasl.Start();
        return Of(Peer.Gnu, new Duel(new LibgsaslSide(mechanism, server: false), new LibgsaslSide(mechanism, server: true)), part, () =>
        {
            if (kept is Kept.PlainText || !IsScram(mechanism))
                Libgsasl.KeepPlainText();
            else
                Libgsasl.KeepKeys(mechanism, kept is Kept.Keys ? Account.Iterations : AsIfCached);
        });
    }

    /// <summary>MailKit's client, against this library's server.</summary>
    public static Contestant MailKitAgainstUs(string mechanism) => Of(
        Peer.MailKit,
        new Duel(new MailKitClient(mechanism), OurServer(mechanism, StoreFor(mechanism, IsScram(mechanism) ? Kept.Keys : Kept.PlainText))),
        static duel => duel.ClientHalf);

    public static OurServerSide OurServer(string mechanism, ICredentialStore store, SaslPolicy? policy = null, SaslChannel? channel = null) =>
        new(MakeServer(mechanism, store, policy), channel ?? s_tls, mechanism);

    public static OurServerSide OurServer(SaslServer server, string mechanism) => new(server, s_tls, mechanism);

    public static OurClientSide OurClient(string mechanism, bool remembers, SaslPolicy? policy = null, SaslChannel? channel = null) => new(
        new SaslClientOptions
        {
            Service = Account.Service,
            ServerName = Account.Host,
            Mechanisms = SaslMechanisms.Standard,
            Policy = PolicyFor(mechanism, policy),
            UserName = Account.User,
            Password = s_password,
        },
        channel ?? s_tls, mechanism, remembers);

    public static SaslServer MakeServer(string mechanism, ICredentialStore store, SaslPolicy? policy = null) => new(new SaslServerOptions
    {
        Service = Account.Service,
        ServerName = Account.Host,
        Realm = mechanism == "EXTERNAL" ? "" : Account.Realm,
        Mechanisms = SaslMechanisms.Standard,
        Policy = PolicyFor(mechanism, policy),
        CredentialStore = store,
        PasswordVerifier = new StoredPasswordVerifier(store, [.. ScramMechanisms.PasswordForms, PlainTextForm.Instance], new SaslWorkQueue()),
    });

    public static MemoryCredentialStore StoreFor(string mechanism, Kept kept)
    {
        var store = new MemoryCredentialStore();
        var user = new SaslUser(Account.User, Account.Realm);
        if (IsScram(mechanism) && kept is not Kept.PlainText)
            store.Add(user, "authPassword", System.Text.Encoding.ASCII.GetBytes(Account.AuthPassword(mechanism, Account.Iterations)));
        else
            store.Add(user, SaslProperty.UserPassword.Name, Account.PasswordOctets);
        return store;
    }

    public static Contestant Of(string who, Duel duel, Func<Duel, Func<int, double>> part, Action? prepare = null) =>
        new(who, part(duel)) { Prepare = prepare, Retire = duel.Dispose };

    private static SaslPolicy PolicyFor(string mechanism, SaslPolicy? policy) => (policy ?? SaslPolicy.Default) with
    {
        Allow = [mechanism],
        Require = mechanism == "ANONYMOUS" ? SaslSecurityFlags.None : SaslPolicy.Default.Require,
    };

    private static bool IsScram(string mechanism) => mechanism.StartsWith("SCRAM-", StringComparison.Ordinal);
}
