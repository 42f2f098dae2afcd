using Microsoft.Extensions.Options;

namespace Sasl.Saslauthd.Hosting;

/// <summary>What a hosted saslauthd is told; can be bound to a section of the host's configuration.</summary>
public sealed class SaslauthdHostOptions
{
    /// <summary>The run directory, as an absolute path.</summary>
    public string RunDirectory { get; set; } = SaslauthdServerOptions.DefaultRunDirectory;

    /// <summary>The group that may use the socket; null leaves groups as they are.</summary>
    public string? Group { get; set; }

    /// <summary>The checker's name in the log.</summary>
    public string CheckerName { get; set; } = "custom";

    /// <summary>Whether the checker is asked for <c>login@realm</c>.</summary>
    public bool JoinRealm { get; set; }

    /// <summary>How many connections there are at most.</summary>
    public int MaxConnections { get; set; } = 4096;

    /// <summary>How many passwords are being checked at once; 0 for no bound but <see cref="MaxConnections"/>.</summary>
    public int MaxChecks { get; set; } = 32;

    /// <summary>How long a peer may take to send its request.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a peer waits for the answer at most.</summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long requests under way may take to end when the host stops.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The memory for remembered logins, in kilobytes; 0 remembers none.</summary>
    public int CacheKilobytes { get; set; }

    /// <summary>How long a login is remembered.</summary>
    public TimeSpan CacheTimeout { get; set; } = SaslauthdCache.DefaultTimeout;

    internal SaslauthdServerOptions ToServerOptions(SaslauthdCache? cache, SaslauthdLog log, TimeProvider clock) => new()
    {
        RunDirectory = RunDirectory,
        Group = Group,
        CheckerName = CheckerName,
        JoinRealm = JoinRealm,
        MaxConnections = MaxConnections,
        MaxChecks = MaxChecks,
        RequestTimeout = RequestTimeout,
        CheckTimeout = CheckTimeout,
        StopTimeout = StopTimeout,
        Cache = cache,
        Logs = [log],
        Clock = clock,
    };

    /// <summary>Says at the host's start what cannot work.</summary>
    internal sealed class Validator : IValidateOptions<SaslauthdHostOptions>
    {
        public ValidateOptionsResult Validate(string? name, SaslauthdHostOptions options)
        {
            if (options.CacheKilobytes is < 0 or > SaslauthdCache.MaxKilobytes)
                return ValidateOptionsResult.Fail($"{nameof(CacheKilobytes)} must be from 0 to {SaslauthdCache.MaxKilobytes}.");
            if (options.CacheTimeout <= TimeSpan.Zero)
                return ValidateOptionsResult.Fail($"{nameof(CacheTimeout)} must be above zero.");
            try
            {
                options.ToServerOptions(cache: null, NoLog.Instance, TimeProvider.System).Validate();
                return ValidateOptionsResult.Success;
            }
            catch (SaslConfigurationException exception)
            {
                return ValidateOptionsResult.Fail(exception.Message);
            }
        }
    }

    private sealed class NoLog : SaslauthdLog
    {
        public static NoLog Instance { get; } = new();

        public override void Write(SaslauthdRequestRecord record)
        {
        }

        public override void Note(SaslauthdNoteLevel level, string text)
        {
        }
    }
}
