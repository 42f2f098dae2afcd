using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Sasl.Testing.Peers;

namespace Sasl.Testing.Http;

/// <summary>An HTTP server on 127.0.0.1 that a test answers for, such as an issuer of tokens.</summary>
public sealed class LoopbackHttp : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<LoopbackRequest, LoopbackAnswer?> _answer;
    private readonly Task _serving;

    /// <summary>Starts one on a free port.</summary>
    /// <param name="answer">Answers; null leaves the client without an answer until the server stops.</param>
    public LoopbackHttp(Func<LoopbackRequest, LoopbackAnswer?> answer)
    {
        _answer = answer;
        Address = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it is.</summary>
    public Uri Address { get; }

    /// <summary>All that was asked.</summary>
    public ConcurrentQueue<LoopbackRequest> Requests { get; } = new();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var request = new LoopbackRequest(
            context.Request.HttpMethod, context.Request.Url!.AbsolutePath, context.Request.Headers["Authorization"], await reader.ReadToEndAsync());
        Requests.Enqueue(request);
        if (_answer(request) is not { } answer)
            return;
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        if (answer.Location is not null)
            context.Response.RedirectLocation = answer.Location;
        try
        {
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.Body));
            context.Response.Close();
        }
        catch (HttpListenerException)
        {
            // the client has gone
        }
    }
}
