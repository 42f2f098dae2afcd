namespace Sasl.Testing.Peers;

/// <summary>
/// Python's web server with one form: user alice, password secret are answered with 200, others with 403. Paths that begin with a slash and
/// a number answer with that status; 302 points back to the form. It prints a line of each request, without its password. Needs the program "python3".
/// </summary>
public sealed class PythonFormServer : IAsyncDisposable
{
    private const string Script = """
        import sys, ssl, urllib.parse
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        class Form(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length'])).decode('ascii')
                fields = urllib.parse.parse_qs(body, keep_blank_values=True, errors='surrogateescape')
                right = fields.get('user') == ['alice'] and fields.get('password') == ['secret']
                number = self.path[1:4]
                status = int(number) if number.isdigit() else 200 if right else 403
                self.send_response(status, 'Wrong password' if status == 403 else None)
                if status == 302:
                    self.send_header('Location', '/auth')
                self.send_header('Content-Length', '0' if status == 204 else '3')
                self.end_headers()
                if status != 204:
                    self.wfile.write(b'hi\n')
                names = ' '.join(ascii(f'{k}={v[0]}') for k, v in fields.items() if k != 'password')
                print('POST', self.path, status, self.headers['Content-Type'], self.headers['Host'], names, flush=True)
            def log_message(self, *a):
                pass
        class Server(ThreadingHTTPServer):
            request_queue_size = 128
        server = Server(('127.0.0.1', int(sys.argv[1])), Form)
        if len(sys.argv) > 2:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[2], sys.argv[3])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()
        """;

    private readonly PrivateDirectory _directory;
    private readonly PeerProcess _server;

    private PythonFormServer(PrivateDirectory directory, PeerProcess server, int port)
    {
        _directory = directory;
        _server = server;
        Port = port;
    }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>What it printed.</summary>
    public PeerTranscript Log => _server.Transcript;

    /// <summary>Starts one; with TLS where an authority is given.</summary>
    /// <param name="authority">Whose server certificate it has; null for none.</param>
    /// <param name="port">Its port; 0 for a free one.</param>
    public static async Task<PythonFormServer> StartAsync(TestAuthority? authority = null, int port = 0)
    {
        PeerPrograms.Require("python3");
        PrivateDirectory directory = PrivateDirectory.Create("form");
        try
        {
            port = port == 0 ? FreePort.Find() : port;
            string script = directory.Write("form.py", Script);
            string[] tls = authority is null ? [] : [authority.Server.CertificateFile, authority.Server.KeyFile];
            PeerCommand command = new("python3", [script, port.ToString(provider: null), .. tls]) { Limit = TimeSpan.FromMinutes(10) };
            return new PythonFormServer(directory, await PeerProcess.StartServerAsync(command, LoopbackProbe.Accepts(port)), port);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a line that it prints; see <see cref="PeerProcess.WaitForLineAsync"/>.</summary>
    public Task<string> WaitForLogAsync(Func<string, bool> condition, int from = 0) => _server.WaitForLineAsync(condition, from);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }
}
