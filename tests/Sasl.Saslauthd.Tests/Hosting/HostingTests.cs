using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sasl.Saslauthd.Hosting;
using Sasl.Saslauthd.Tests.Daemon;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Hosting;

public sealed class HostingTests : IDisposable
{
    private readonly PrivateDirectory _directory = PrivateDirectory.Create("saslauthd-host");

    private string RunDirectory => _directory.At("run");

    [Fact]
    public async Task A_host_serves_from_its_start_to_its_stop()
    {
        using var log = new FieldLog();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(log);
        #region AddSaslauthd
        builder.Services.AddSingleton<IPasswordVerifier, TestChecker>();
        builder.Services.AddSaslauthd(options =>
        {
            options.RunDirectory = RunDirectory;
            options.CheckerName = "accounts";
            options.CacheKilobytes = 985;
        });
        #endregion
        using IHost host = builder.Build();
        await host.StartAsync();
        string mux = Path.Combine(RunDirectory, "mux");
        Assert.Equal("OK", await MuxPeer.AskAsync(mux, "alice", "secret", "smtp", "example.com"));
        Assert.Equal("OK", await MuxPeer.AskAsync(mux, "alice", "secret", "smtp", "example.com"));
        Assert.Equal("NO", await MuxPeer.AskAsync(mux, "eve", "hunter2", "smtp", ""));
        await host.StopAsync();

        Assert.False(File.Exists(mux));
        Dictionary<string, object?>[] requests = [.. log.Entries.Where(static entry => entry.ContainsKey("Login"))];
        Assert.Equal(["alice", "alice", "eve"], requests.Select(static entry => entry["Login"]));
        Assert.Equal([false, true], requests[..2].Select(static entry => entry["Cached"]));
        Assert.Equal(("example.com", "smtp", "accounts"), (requests[0]["Realm"], requests[0]["Service"], requests[0]["Checker"]));
        Assert.Equal(PasswordOutcome.Mismatch, requests[2]["Outcome"]);
        Assert.DoesNotContain(log.Entries, static entry => entry.Values.Any(static value => $"{value}".Contains("hunter2", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_verifier_of_its_own_is_not_put_into_the_services()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddSaslauthd(static _ => new TestChecker(), options => options.RunDirectory = RunDirectory);
        using IHost host = builder.Build();
        await host.StartAsync();

        Assert.Equal("OK", await MuxPeer.AskAsync(Path.Combine(RunDirectory, "mux"), "alice", "secret", "smtp", ""));
        Assert.Null(host.Services.GetService<IPasswordVerifier>());
        await host.StopAsync();
    }

    [Fact]
    public async Task Other_hosted_services_stay_and_a_verifier_of_its_own_ends_with_it()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddHostedService<OtherService>();
        var verifier = new EndingVerifier();
        builder.Services.AddSaslauthd(_ => verifier, options => options.RunDirectory = RunDirectory);
        using (IHost host = builder.Build())
        {
            await host.StartAsync();
            Assert.Equal(2, host.Services.GetServices<IHostedService>().Count());
            Assert.Contains(host.Services.GetServices<IHostedService>(), static service => service is OtherService);
            await host.StopAsync();
            Assert.False(verifier.HasEnded);
            await ((IAsyncDisposable)host).DisposeAsync();
        }
        Assert.True(verifier.HasEnded);
    }

    [Fact]
    public async Task A_health_check_is_healthy_while_the_daemon_says_no_and_fails_as_registered_when_it_has_gone()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddSaslauthd(static _ => new TestChecker(), options => options.RunDirectory = RunDirectory);
        using IHost host = builder.Build();
        await host.StartAsync();
        using var verifier = new SaslauthdVerifier(new() { Path = RunDirectory });
        var check = new SaslauthdHealthCheck(new SaslauthdHealth(verifier));
        var context = new HealthCheckContext { Registration = new HealthCheckRegistration("saslauthd", check, HealthStatus.Degraded, tags: null) };

        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(context)).Status);
        await host.StopAsync();
        HealthCheckResult gone = await check.CheckHealthAsync(context);
        Assert.Equal(HealthStatus.Degraded, gone.Status);
        Assert.Contains(RunDirectory, gone.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_fails_where_the_daemon_lets_everybody_in()
    {
        await using Verifiers.FakeDaemon daemon = Verifiers.FakeDaemon.Serving(static async (self, socket, token) =>
        {
            await self.ReceiveAsync(socket, token);
            await socket.SendAsync("\0\u0002OK"u8.ToArray(), token);
        });
        using SaslauthdVerifier verifier = daemon.Verifier();
        var check = new SaslauthdHealthCheck(new SaslauthdHealth(verifier, new SaslUser("nobody-has-this-name", "")));
        var context = new HealthCheckContext { Registration = new HealthCheckRegistration("saslauthd", check, failureStatus: null, tags: null) };

        HealthCheckResult result = await check.CheckHealthAsync(context);
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("it would let everybody in", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_cannot_work_end_the_hosts_start()
    {
        foreach (Action<SaslauthdHostOptions> wrong in (Action<SaslauthdHostOptions>[])
            [static options => options.RunDirectory = "relative", static options => options.MaxConnections = 0, static options => options.CacheKilobytes = -1, static options => options.CacheTimeout = TimeSpan.Zero])
        {
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Services.AddLogging();
            builder.Services.AddSaslauthd(static _ => new TestChecker(), wrong);
            using IHost host = builder.Build();
            await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        }
    }

    public void Dispose() => _directory.Dispose();

    private sealed class OtherService : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }

    private sealed class EndingVerifier : IPasswordVerifier, IDisposable
    {
        public bool HasEnded { get; private set; }

        public ValueTask<PasswordVerdict> VerifyAsync(
            SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken) => new(PasswordOutcome.Match);

        public void Dispose() => HasEnded = true;
    }

    private sealed class FieldLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<Dictionary<string, object?>> Entries { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IEnumerable<KeyValuePair<string, object?>> fields)
                Entries.Enqueue(new Dictionary<string, object?>(fields.DistinctBy(static field => field.Key)));
        }

        public void Dispose()
        {
        }
    }
}
