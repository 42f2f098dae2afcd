using System.Net;
using System.Text;
using Xunit;
using static Sasl.Tests.Builders;

namespace Sasl.Tests;

/// <summary>What <c>log_level</c> lets into the log.</summary>
public sealed class LogLevelTests
{
    private static readonly SaslChannel s_channel = Tls with { Remote = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 40000) };

    private readonly List<(SaslLogLevel Level, string Line)> _lines = [];

    [Fact]
    public async Task A_failed_login_is_one_line_with_user_reason_decider_service_and_peer()
    {
        await RunAsync("");
        Assert.Contains((SaslLogLevel.Failure,
            "PLAIN: failed (InvalidCredentials: password mismatch), user \"alice@example.com\", decided by auxprop, service smtp, from 192.0.2.1:40000"), _lines);
    }

    [Theory]
    [InlineData(0, new SaslLogLevel[0])]
    [InlineData(1, new[] { SaslLogLevel.Error })]
    [InlineData(2, new[] { SaslLogLevel.Error, SaslLogLevel.Failure })]
    [InlineData(3, new[] { SaslLogLevel.Error, SaslLogLevel.Failure })]
    [InlineData(4, new[] { SaslLogLevel.Error, SaslLogLevel.Failure, SaslLogLevel.Note })]
    [InlineData(5, new[] { SaslLogLevel.Error, SaslLogLevel.Failure, SaslLogLevel.Note, SaslLogLevel.Debug })]
    [InlineData(6, new[] { SaslLogLevel.Error, SaslLogLevel.Failure, SaslLogLevel.Note, SaslLogLevel.Debug })]
    [InlineData(7, new[] { SaslLogLevel.Error, SaslLogLevel.Failure, SaslLogLevel.Note, SaslLogLevel.Debug })]
    public async Task Each_level_includes_those_before_it(int level, SaslLogLevel[] expected)
    {
        await RunAsync($"log_level: {level}");
        Assert.Equal(expected, _lines.Where(static line => !line.Line.StartsWith("log_level", StringComparison.Ordinal)).Select(static line => line.Level).Distinct().Order());
    }

    [Fact]
    public async Task Unset_it_is_2_so_that_failed_logins_are_seen()
    {
        await RunAsync("");
        Assert.Equal("log_level 2 for service smtp: back ends that cannot answer, failed logins", _lines[0].Line);
    }

    [Fact]
    public async Task At_no_level_does_a_password_reach_the_log()
    {
        await RunAsync("log_level: 7");
        Assert.NotEmpty(_lines);
        Assert.DoesNotContain(_lines, static line => line.Line.Contains("pencil", StringComparison.Ordinal) || line.Line.Contains("wrong-word", StringComparison.Ordinal));
    }

    [Fact]
    public void Warnings_of_the_configuration_are_logged_at_the_start_at_every_level_but_0()
    {
        SaslServerBuilder builder = Builder();
        builder.Build("smtp", Conf("log_level: 1\nnonsense: 1")).Dispose();
        Assert.Contains((SaslLogLevel.Warning, "smtpd.conf(2): nonsense: is not a known key and has no effect"), _lines);
        _lines.Clear();
        builder.Build("smtp", Conf("log_level: 0\nnonsense: 1")).Dispose();
        Assert.Empty(_lines);
    }

    [Theory]
    [InlineData("8")]
    [InlineData("-1")]
    [InlineData("debug")]
    public void Another_value_is_refused_with_the_bounds(string value) => Assert.Equal(
        $"smtpd.conf(1): log_level: '{value}' is not accepted; accepted are whole numbers from 0 to 7",
        Assert.Throws<SaslConfigurationException>(() => Builder().Build("smtp", Conf($"log_level: {value}"))).Message);

    [Fact]
    public async Task The_applications_own_observer_sees_everything_at_level_0()
    {
        var observer = new CountingObserver();
        SaslServerBuilder builder = Builder();
        builder.Observer = observer;
        await RunAsync("log_level: 0", builder);
        Assert.Equal((3, 1, 2), (observer.StartedCount, observer.SucceededCount, observer.FailedCount));
    }

    [Fact]
    public async Task A_name_cannot_pretend_to_be_another_part_of_the_line()
    {
        using SaslServerSetup setup = Builder().Build("smtp", SaslConfiguration.Empty);
        using SaslServerSession session = setup.Server.CreateSession(s_channel);
        await session.StartAsync("PLAIN", Encoding.UTF8.GetBytes("\0x\", from 198.51.100.7\0p"));
        Assert.Contains("user \"x\\\", from 198.51.100.7@example.com\"", _lines[^1].Line, StringComparison.Ordinal);
    }

    private SaslServerBuilder Builder()
    {
        SaslServerBuilder builder = Memory();
        builder.Log = (level, line) => _lines.Add((level, line));
        builder.Verifiers["daemon"] = static _ => new FixedVerifier(null);
        return builder;
    }

    // A success, a failure, and a back end that cannot answer.
    private async Task RunAsync(string text, SaslServerBuilder? builder = null)
    {
        builder ??= Builder();
        using (SaslServerSetup setup = builder.Build("smtp", Conf(text)))
        {
            await LogInAsync(setup, "pencil");
            await LogInAsync(setup, "wrong-word");
        }
        using SaslServerSetup silent = builder.Build("smtp", Conf($"pwcheck_method: daemon\n{text}"));
        await LogInAsync(silent, "pencil");
    }

    private static async Task LogInAsync(SaslServerSetup setup, string password)
    {
        using SaslServerSession session = setup.Server.CreateSession(s_channel);
        await session.StartAsync("PLAIN", Encoding.UTF8.GetBytes($"\0alice\0{password}"));
    }

    private sealed class CountingObserver : SaslObserver
    {
        public int StartedCount { get; private set; }

        public int SucceededCount { get; private set; }

        public int FailedCount { get; private set; }

        public override void Started(SaslAttempt attempt) => StartedCount++;

        public override void Succeeded(SaslAttempt attempt, SaslIdentity identity) => SucceededCount++;

        public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => FailedCount++;
    }
}
