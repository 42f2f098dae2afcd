using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Sasl.Sasldb;
using Sasl.Testing.Peers;
using SmtpAuth;
using PrivateDirectory = Sasl.Testing.Peers.PrivateDirectory;

namespace Sasl.Interop.Tests.Library;

/// <summary>The sample's submission server on a free port, with user alice, password secret, realm localhost, and every mechanism.</summary>
internal sealed class SubmissionServer : IAsyncDisposable
{
    private const string Mechanisms =
        "SCRAM-SHA-512 SCRAM-SHA-384 SCRAM-SHA-256 SCRAM-SHA-224 SCRAM-SHA-1 EXTERNAL OAUTHBEARER XOAUTH2 DIGEST-MD5 OTP CRAM-MD5 NTLM PLAIN LOGIN ANONYMOUS";

    private const string Configuration = """
        pwcheck_method: auxprop
        auxprop_plugin: sasldb
        """;

    private readonly PrivateDirectory _directory = PrivateDirectory.Create("submission");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _conversations = [];
    private readonly SaslServerSetup _sasl;
    private readonly Task _accepting;

    private SubmissionServer(SaslServerSetup sasl, TestAuthority authority)
    {
        _sasl = sasl;
        _listener.Start();
        _accepting = AcceptAsync(authority);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where accepted mail is kept.</summary>
    public string Mail => _directory.FullPath;

    public List<SaslIdentity> Identities { get; } = [];

    public static async Task<SubmissionServer> StartAsync(TestAuthority authority, string mechanisms = Mechanisms, string more = "")
    {
        PrivateDirectory directory = PrivateDirectory.Create("sasldb");
        string sasldb = directory.At("sasldb2");
        File.WriteAllText(directory.At("smtpd.conf"), $"{Configuration}\nmech_list: {mechanisms}\nsasldb_path: {sasldb}\n{more}\n");
        var identities = new IdentityRecorder();
        SaslServerSetup sasl = new SaslServerBuilder
        {
            ServerName = "localhost",
            Realm = "localhost",
            Policy = new SaslPolicy(),    // also plain text without TLS: the peers' own refusals are what is tested
            Observer = identities,
            Finder = new SaslConfigurationFinder { Directories = [directory.FullPath] },
        }.Build("smtp", "smtpd");
        await StoreAsync(sasldb, sasl);
        var server = new SubmissionServer(sasl, authority) { Database = directory };
        identities.Recorded = server.Identities;
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_conversations);
        _sasl.Dispose();
        _directory.Dispose();
        Database.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The file of users.</summary>
    public string Sasldb => Database.At("sasldb2");

    private PrivateDirectory Database { get; init; } = null!;

    // As sasl passwd does it: what each mechanism of the list derives, and the password for those that need it as it is.
    private static async Task StoreAsync(string sasldb, SaslServerSetup sasl)
    {
        var alice = new SaslUser("alice", "localhost");
        using var store = new SasldbStore(sasldb);
        await store.StoreAsync(
            alice,
            [new(SaslProperty.UserPassword.Name, "secret"u8.ToArray()), .. sasl.SecretDerivers.SelectMany(derive => derive(alice, "secret"u8))],
            default);
    }

    private async Task AcceptAsync(TestAuthority authority)
    {
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificate = authority.Server.Certificate,
            ClientCertificateRequired = true,    // asked for; the callback lets those without one go on
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is null
                || (errors & SslPolicyErrors.RemoteCertificateNotAvailable) == 0 && IsIssuedBy(authority, (X509Certificate2)certificate),
        };
        try
        {
            while (true)
                _conversations.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token), tls));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)    // the last: not listening any more
        {
        }
    }

    private async Task ServeAsync(TcpClient client, SslServerAuthenticationOptions tls)
    {
        using (client)
        {
            await using var conversation = new SmtpConversation(
                client.GetStream(), _sasl.Server, tls, new Maildrop(Mail), client.Client.LocalEndPoint, client.Client.RemoteEndPoint);
            try
            {
                await conversation.RunAsync(_stopping.Token);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
            }
        }
    }

    private static bool IsIssuedBy(TestAuthority authority, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private sealed class IdentityRecorder : SaslObserver
    {
        public List<SaslIdentity> Recorded { get; set; } = [];

        public override void Succeeded(SaslAttempt attempt, SaslIdentity identity)
        {
            lock (Recorded)
                Recorded.Add(identity);
        }
    }
}
