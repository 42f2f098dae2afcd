using System.Net;
using System.Text;
using Sasl.Mechanisms;
using Xunit;
using static Sasl.Tests.Builders;

namespace Sasl.Tests;

/// <summary>What <c>log_level</c> lets into the log.</summary>
public sealed class LogLevelTests
{
    private static readonly SaslChannel s_channel = Tls with { Remote = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 40000) };

    private readonly List<(SaslLogLevel Level, string Line)> _started = [];
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
        Assert.Equal(expected, _lines.Select(static line => line.Level).Distinct().Order());
    }

    [Fact]
    public async Task Unset_it_is_2_so_that_failed_logins_are_seen()
    {
        await RunAsync("");
        Assert.Equal("log_level 2 for service smtp: back ends that cannot answer, failed logins", _started[0].Line);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Places_tried_file_realm_and_mechanisms_are_logged_at_the_start_one_line_each(int level)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sasl-log-");
        try
        {
            string used = Path.Combine(folder.FullName, "smtpd.conf");
            await File.WriteAllTextAsync(used, $"log_level: {level}\nmech_list: SCRAM-SHA-256 PLAIN\n");
            SaslServerBuilder builder = Builder();
            builder.Mechanisms = [SaslMechanisms.Plain, SaslMechanisms.Login, SaslMechanisms.CramMd5, ScramMechanisms.Sha256];
            builder.Finder = new SaslConfigurationFinder { Directories = ["/nowhere", folder.FullName], SystemDirectories = [] };
            builder.Build("smtp", "smtpd").Dispose();
            Assert.Equal(
                [
                    $"configuration of smtpd: {used} (directories named by the application: /nowhere/smtpd.conf: not there; {used}: used)",
                    "service smtp on mail.example.com; realm: example.com, appended to names without one",
                    "mechanisms without TLS: SCRAM-SHA-256; hidden: PLAIN (noplaintext is required and the channel is not encrypted (no TLS)), LOGIN CRAM-MD5 (mech_list does not name it)",
                    "mechanisms under TLS: SCRAM-SHA-256 PLAIN; hidden: LOGIN CRAM-MD5 (mech_list does not name it)",
                ],
                _lines.Where(static line => line.Level is SaslLogLevel.Note).Skip(1).Select(static line => line.Line));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_start_without_a_file_says_so_and_level_0_says_nothing()
    {
        SaslServerBuilder builder = Builder();
        builder.Realm = "";
        builder.Finder = new SaslConfigurationFinder { Directories = ["/nowhere"], SystemDirectories = [] };
        builder.Build("smtp", "smtpd").Dispose();
        Assert.Contains(_lines, static line => line.Line ==
            "configuration of smtpd: no file, every option has its default (directories named by the application: /nowhere/smtpd.conf: not there)");
        Assert.Contains(_lines, static line => line.Line.StartsWith("service smtp on mail.example.com; realm: none; ", StringComparison.Ordinal));
        _lines.Clear();
        builder.Build("smtp", SaslConfiguration.FromValues([new("log_level", "1")], "appsettings.json")).Dispose();
        Assert.Contains((SaslLogLevel.Note, "configuration: appsettings.json"), _lines);
        _lines.Clear();
        builder.Build("smtp", Conf("log_level: 0")).Dispose();
        Assert.Empty(_lines);
    }

    [Fact]
    public async Task At_no_level_does_a_password_reach_the_log()
    {
        await RunAsync("log_level: 7");
        Assert.NotEmpty(_lines);
        Assert.DoesNotContain(_started.Concat(_lines), static line => line.Line.Contains("pencil", StringComparison.Ordinal) || line.Line.Contains("wrong-word", StringComparison.Ordinal));
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
        Assert.Equal((3, 1, 2, 1), (observer.StartedCount, observer.SucceededCount, observer.FailedCount, observer.ThrewCount));
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
        using SaslServerSetup setup = builder.Build("smtp", Conf(text));
        using SaslServerSetup silent = builder.Build("smtp", Conf($"pwcheck_method: daemon\n{text}"));
        _started.AddRange(_lines);
        _lines.Clear();
        await LogInAsync(setup, "pencil");
        await LogInAsync(setup, "wrong-word");
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

        public int ThrewCount { get; private set; }

        public override void BackendThrew(SaslAttempt attempt, Exception exception) => ThrewCount++;

        public override void Started(SaslAttempt attempt) => StartedCount++;

        public override void Succeeded(SaslAttempt attempt, SaslIdentity identity) => SucceededCount++;

        public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => FailedCount++;
    }
}
