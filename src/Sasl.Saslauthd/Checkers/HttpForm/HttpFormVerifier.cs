using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Posts the user's name and password to a web form: <c>saslauthd -a httpform</c>.</summary>
/// <remarks>
/// Status 200 and 204 are a match, 401 and 403 a wrong password, whatever else a temporary failure: a form that has moved or broken does
/// not know passwords. No redirection is followed, no proxy is asked, no cookie kept, and the body of the answer is not read. No thread waits.
/// </remarks>
public sealed class HttpFormVerifier : IPasswordVerifier, IDisposable
{
    /// <summary>The name for <c>saslauthd -a</c>.</summary>
    public const string Name = "httpform";

    /// <summary>The longest name, realm and password that are sent, in octets together.</summary>
    public const int MaxInputLength = 16 * 1024;

    /// <summary>How much of the server's reason phrase is kept, in characters.</summary>
    public const int MaxReasonLength = 100;

    private const int MaxHeaderKilobytes = 16;
    private const int MaxDrainedOctets = 16 * 1024;
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpFormOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly Uri _form;
    private readonly HttpClient _client;

    /// <summary>Takes the form.</summary>
    /// <param name="options">Which form, and where.</param>
    /// <param name="warn">Told why a form could not be asked; no secret. May be called on any thread.</param>
    /// <param name="clock">Measures the time limit.</param>
    /// <exception cref="SaslConfigurationException">The file of authorities cannot be used.</exception>
    public HttpFormVerifier(HttpFormOptions options, Action<string>? warn = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _warn = warn ?? (static _ => { });
        _clock = clock ?? TimeProvider.System;
        string host = options.Host.Contains(':', StringComparison.Ordinal) ? $"[{options.Host}]" : options.Host;
        var raw = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };    // the path goes out as it was written
        string address = string.Create(null, $"{(options.Tls ? "https" : "http")}://{host}:{options.Port}{options.Path}");
        if (!Uri.TryCreate(address, raw, out Uri? form))
            throw new ArgumentException("host and path make no address", nameof(options));
        _form = form;
        _client = MakeClient(options);
        WarnOfData();
    }

    /// <summary>The checker of this name, for the daemon.</summary>
    public static SaslauthdChecker Checker { get; } = new(Name, static context =>
        new HttpFormVerifier(HttpFormOptions.From(SaslauthdConfiguration.Load(context)), context.Warn, context.Clock));

    /// <inheritdoc/>
    public async ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (password.IsEmpty || user.Name.Length == 0)
            return Answer(PasswordOutcome.Mismatch, "an empty name or password is not sent");
        if (Encoding.UTF8.GetByteCount(user.Name) + Encoding.UTF8.GetByteCount(user.Realm) + password.Length > MaxInputLength)
            return Answer(PasswordOutcome.Mismatch, $"a name and password of more than {MaxInputLength} octets are not sent");

        using var limit = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await PostAsync(user, password, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return limit.IsCancellationRequested
                ? Silence($"no answer within {_options.Timeout.TotalSeconds} seconds")
                : Silence(Describe(exception));
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    private static HttpClient MakeClient(HttpFormOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,    // the password is for this form only
            UseProxy = false,             // nor for whoever the environment names
            UseCookies = false,
            ActivityHeadersPropagator = null,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = options.MaxConnections,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            MaxResponseDrainSize = MaxDrainedOctets,
            PooledConnectionLifetime = s_connectionLifetime,    // so that a changed address is noticed
            ConnectTimeout = options.Timeout,
        };
        if (options.Tls)
        {
            handler.SslOptions = ServerTrust.For(options.Host, ServerTrust.Load(options.CaFile, static (problem, cause) =>
                cause is null ? new SaslConfigurationException($"httpform_tls_cacert_file: {problem}")
                : new SaslConfigurationException($"httpform_tls_cacert_file: {problem}", cause)));
        }
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private void WarnOfData()
    {
        foreach (char token in HttpFormTemplate.Tokens(_options.Data).Where(static token => token is not ('u' or 'p' or 'r' or '%')).Distinct())
            _warn($"httpform_data: '%{(token is '\0' ? "" : token)}' means nothing and stays as it is; %u, %p, %r and %% are replaced");
        bool isLocal = _options.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(_options.Host, out IPAddress? address) && IPAddress.IsLoopback(address));
        if (!_options.Tls && !isLocal)
            _warn($"httpform: passwords go to {_options.Host} in the clear; set httpform_tls: yes");
    }

    private async ValueTask<PasswordVerdict> PostAsync(SaslUser user, ReadOnlyMemory<byte> password, CancellationToken cancellationToken)
    {
        using var data = new SecureBufferWriter();
        HttpFormTemplate.Fill(_options.Data, user, password.Span, data);
        using var request = new HttpRequestMessage(HttpMethod.Post, _form) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ReadOnlyMemoryContent(data.WrittenMemory);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("saslauthd", null));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        using HttpResponseMessage response =
            await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            HttpStatusCode.OK or HttpStatusCode.NoContent => Answer(PasswordOutcome.Match, "accepted"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Answer(PasswordOutcome.Mismatch, ReasonOf(response, user, password.Span)),
            _ => Silence($"the form answered with status {(int)response.StatusCode}"),
        };
    }

    // Remote text, so that only what can do no harm in a log is kept; and nothing of a server that repeats what it was sent.
    private static string ReasonOf(HttpResponseMessage response, SaslUser user, ReadOnlySpan<byte> password)
    {
        string phrase = response.ReasonPhrase ?? "";
        bool harmless = phrase.Length is > 0 and <= MaxReasonLength && phrase.All(static letter => letter is >= ' ' and < '\x7f');
        using var encoded = new SecureBufferWriter();
        HttpFormTemplate.Fill("%p", user, password, encoded);
        bool repeats = Encoding.Latin1.GetBytes(phrase) is var octets
            && (octets.AsSpan().IndexOf(password) >= 0 || octets.AsSpan().IndexOf(encoded.WrittenSpan) >= 0);
        return harmless && !repeats ? phrase : "the form refused the password";
    }

    private static string Describe(Exception exception) =>
        exception.InnerException is AuthenticationException tls ? $"TLS failed: {tls.Message}"
        : exception is HttpRequestException http ? $"no usable answer: {http.HttpRequestError}"
        : "the connection broke";

    private PasswordVerdict Silence(string detail)
    {
        _warn($"httpform: {_options.Host} port {_options.Port}: {detail}");
        return Answer(PasswordOutcome.Unavailable, detail);
    }

    private static PasswordVerdict Answer(PasswordOutcome outcome, string reason) => new(outcome, Name) { Reason = reason };
}
