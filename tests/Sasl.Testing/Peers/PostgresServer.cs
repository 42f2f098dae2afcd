namespace Sasl.Testing.Peers;

/// <summary>
/// PostgreSQL on 127.0.0.1, TLS only, whose SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (tls-server-end-point) are its own code: role alice,
/// password secret, database postgres. Needs the program "postgres", and the user postgres when root runs the tests.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "postgres";

    private readonly PrivateDirectory _directory;
    private readonly PeerProcess _server;

    private PostgresServer(PrivateDirectory directory, PeerProcess server, int port)
    {
        _directory = directory;
        _server = server;
        Port = port;
    }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The folder it works in.</summary>
    public string Folder => _directory.FullPath;

    /// <summary>Its log.</summary>
    public PeerTranscript Log => _server.Transcript;

    /// <summary>Makes a database cluster and starts it, with the server certificate of an authority. Takes about two seconds.</summary>
    public static async Task<PostgresServer> StartAsync(TestAuthority authority)
    {
        PeerPrograms.Require("postgres");
        PrivateDirectory directory = PrivateDirectory.Create("postgres");
        try
        {
            int port = FreePort.Find();
            await MakeClusterAsync(directory, authority, port);
            PeerCommand command = new("postgres", "-D", directory.At("data"))
            {
                RunAs = User,
                StopSignal = UnixSignal.Interrupt,
                Limit = TimeSpan.FromMinutes(15),
                WorkingDirectory = directory.FullPath,
            };
            // It takes connections, and turns them away, before it is ready; only its log says when it is.
            PeerProcess server = await PeerProcess.StartServerAsync(command, readyLine: "database system is ready to accept connections");
            return new PostgresServer(directory, server, port);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Runs one SQL statement through psql, which must log in with channel binding. Needs the program "psql".</summary>
    /// <param name="caFile">PEM file of the CA that the server's certificate must come from.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="password">The password to log in with.</param>
    public Task<PeerResult> QueryAsync(string caFile, string sql, string password = "secret") => PeerProcess.RunAsync(new PeerCommand("psql",
        "--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--command", sql,
        $"host=localhost hostaddr=127.0.0.1 port={Port} user=alice dbname=postgres sslmode=verify-full sslrootcert={caFile} channel_binding=require")
    {
        Environment = new Dictionary<string, string> { ["PGPASSWORD"] = password },
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task MakeClusterAsync(PrivateDirectory directory, TestAuthority authority, int port)
    {
        string password = directory.Write("password", "secret\n");
        string data = directory.MakeFolder("data", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        GiveToServer(data);
        string initdb = Path.Combine(Path.GetDirectoryName(PeerPrograms.Locate("postgres"))!, "initdb");
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand(initdb,
            "--pgdata", data, "--username=alice", $"--pwfile={password}", "--auth=scram-sha-256", "--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C")
        {
            RunAs = User,
            WorkingDirectory = directory.FullPath,
        });
        File.AppendAllText(directory.At("data", "postgresql.conf"), Settings(port));
        File.WriteAllText(directory.At("data", "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
        CopyToServer(authority.Server.CertificateFile, directory.At("data", "server.crt"));
        CopyToServer(authority.Server.KeyFile, directory.At("data", "server.key"));
    }

    private static string Settings(int port) =>
        $"""

        listen_addresses = '127.0.0.1'
        port = {port}
        unix_socket_directories = ''
        ssl = on
        fsync = off
        shared_buffers = 16MB
        max_connections = 50
        logging_collector = off
        log_connections = on

        """;

    // The server refuses a key that is not its own or that others may read.
    private static void CopyToServer(string from, string to)
    {
        File.Copy(from, to);
        Unix.SetMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        GiveToServer(to);
    }

    private static void GiveToServer(string path)
    {
        if (Environment.IsPrivilegedProcess)
        {
            Unix.ChangeOwner(path, User);
        }
    }
}
