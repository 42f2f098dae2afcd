using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Sasl.Saslauthd.Hosting;

/// <summary>saslauthd inside a host: serves from the host's start to its stop.</summary>
internal sealed class SaslauthdService : IHostedService, IAsyncDisposable
{
    private readonly SaslauthdCache? _cache;
    private readonly SaslauthdServer _server;
    private IPasswordVerifier? _ownVerifier;

    public SaslauthdService(IOptions<SaslauthdHostOptions> options, IPasswordVerifier verifier, ILogger<SaslauthdServer> logger, TimeProvider? clock = null)
    {
        SaslauthdHostOptions told = options.Value;
        clock ??= TimeProvider.System;
        _cache = told.CacheKilobytes > 0 ? new SaslauthdCache(told.CacheKilobytes, told.CacheTimeout, clock) : null;
        _server = new SaslauthdServer(told.ToServerOptions(_cache, new SaslauthdLoggerLog(logger), clock), verifier);
    }

    /// <summary>Makes one whose verifier ends with it.</summary>
    public static SaslauthdService WithVerifierOfItsOwn(IServiceProvider provider, IPasswordVerifier verifier) => new(
        provider.GetRequiredService<IOptions<SaslauthdHostOptions>>(), verifier, provider.GetRequiredService<ILogger<SaslauthdServer>>(), provider.GetService<TimeProvider>())
    {
        _ownVerifier = verifier,
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _server.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        _cache?.Dispose();
        if (_ownVerifier is IAsyncDisposable disposable)
            await disposable.DisposeAsync().ConfigureAwait(false);
        else
            (_ownVerifier as IDisposable)?.Dispose();
    }
}
