using System.Diagnostics;
using System.Globalization;
using Sasl;
using Sasl.Benchmarks;
using Sasl.Mechanisms;

// Sets one library up, logs in once with PLAIN, and prints how many nanoseconds that took: Sasl.ColdStart ours|libsasl2
long begun = Stopwatch.GetTimestamp();
using (Duel duel = args is ["libsasl2"] ? Cyrus() : Ours())
    duel.LogIn();
Console.WriteLine(Stopwatch.GetElapsedTime(begun).TotalNanoseconds.ToString("F0", CultureInfo.InvariantCulture));

static Duel Cyrus()
{
    Libsasl2.StartClient();
    Libsasl2.StartInMemory();
    Libsasl2.MemoryStore.KeepPlainText();
    return new Duel(new Libsasl2Side.Client("PLAIN"), new Libsasl2Side.Server("PLAIN"));
}

static Duel Ours()
{
    var channel = new SaslChannel { ExternalSsf = 256 };
    var store = new MemoryCredentialStore();
    store.Add(new SaslUser(Account.User, Account.Realm), SaslProperty.UserPassword.Name, Account.PasswordOctets);
    var server = new SaslServer(new SaslServerOptions
    {
        Service = Account.Service,
        ServerName = Account.Host,
        Realm = Account.Realm,
        Mechanisms = [SaslMechanisms.Plain],
        CredentialStore = store,
        PasswordVerifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance], new SaslWorkQueue()),
    });
    var account = new SaslClientOptions
    {
        Service = Account.Service,
        ServerName = Account.Host,
        Mechanisms = [SaslMechanisms.Plain],
        UserName = Account.User,
        Password = SaslSecret.FromOctets(Account.PasswordOctets),
    };
    return new Duel(new OurClientSide(account, channel, "PLAIN", remembers: true), new OurServerSide(server, channel, "PLAIN"));
}
