using System.Diagnostics;
using System.Globalization;
using Sasl.Saslauthd;

namespace Sasl.Benchmarks;

/// <summary>
/// Logins through saslauthd's socket: our daemon and Debian's by turns in one run, with and without cache, for 1 and 64 clients at once;
/// then our verifier and libsasl2's against each of them.
/// </summary>
internal static class SaslauthdLoad
{
    private const string User = "sasl-benchmark";
    private const string Password = "benchmark-password";
    private const string Realm = "benchmark.invalid";
    private const int Logins = 20_000;
    private const int Rounds = 5;

    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(10);
    private static readonly byte[] s_request = MuxClient.Request(User, Password, "smtp", Realm);

    /// <summary>Measures and prints a table.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/sbin/saslauthd") || !File.Exists("/usr/sbin/saslpasswd2"))
        {
            Console.Error.WriteLine("WARNING: saslauthd is not compared: this needs root, and saslauthd and saslpasswd2 (apt-get install sasl2-bin)");
            return 1;
        }
        SetPassword("-c", "-p");
        try
        {
            foreach (bool cache in (bool[])[false, true])
                await CompareAsync(cache);
        }
        finally
        {
            SetPassword("-d");
        }
        return 0;
    }

    private static async Task CompareAsync(bool cache)
    {
        using DaemonProcess ours = DaemonProcess.StartOurs(cache);
        using DaemonProcess theirs = DaemonProcess.StartDebian(cache);
        ours.WaitUntilItAnswers(s_request);
        theirs.WaitUntilItAnswers(s_request);
        foreach (int clients in (int[])[1, 64])
        {
            Console.WriteLine($"\n{(cache ? "with" : "without")} cache, {clients} client(s)");
            ByTurns(
                (ours.Name, () => LoadFigures.Measure(clients, Logins, s_most, () => MuxClient.Ask(ours.Socket, s_request))),
                (theirs.Name, () => LoadFigures.Measure(clients, Logins, s_most, () => MuxClient.Ask(theirs.Socket, s_request))));
        }
        foreach (DaemonProcess daemon in (DaemonProcess[])[ours, theirs])
        {
            Console.WriteLine($"\n{(cache ? "with" : "without")} cache, who asks {daemon.Name}, 1 client");
            using var verifier = new SaslauthdVerifier(new SaslauthdVerifierOptions { Path = daemon.Socket.ToString() });
            Libsasl2.StartOnSaslauthd(daemon.Socket.ToString());
            ByTurns(
                ("SaslauthdVerifier", () => LoadFigures.Measure(1, Logins, s_most, () => Verify(verifier))),
                ("libsasl2's sasl_checkpass", () => LoadFigures.Measure(1, Logins, s_most, static () => Libsasl2.IsRight($"{User}@{Realm}", Password))));
        }
        await Task.CompletedTask;
    }

    private static bool Verify(SaslauthdVerifier verifier)
    {
        var service = new SaslServiceInfo("smtp", "localhost", "", SaslChannel.Plaintext);
        ValueTask<PasswordVerdict> verdict = verifier.VerifyAsync(
            new SaslUser(User, Realm), System.Text.Encoding.ASCII.GetBytes(Password), service, CancellationToken.None);
        return verdict.AsTask().GetAwaiter().GetResult().Outcome is PasswordOutcome.Match;
    }

    // By turns, so that what else the machine does meanwhile falls on both; the first round warms up. The medians of the rounds are shown.
    private static void ByTurns((string Name, Func<LoadFigures> Measure) first, (string Name, Func<LoadFigures> Measure) second)
    {
        var figures = new List<(LoadFigures First, LoadFigures Second)>();
        for (int round = 0; round <= Rounds; round++)
            figures.Add((first.Measure(), second.Measure()));
        figures.RemoveAt(0);
        Print(first.Name, [.. figures.Select(static pair => pair.First)]);
        Print(second.Name, [.. figures.Select(static pair => pair.Second)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  ratio of throughputs, median of the rounds: {Median(figures.Select(static pair => pair.First.PerSecond / pair.Second.PerSecond)):F2}"));
    }

    private static void Print(string name, LoadFigures[] rounds) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {name,-28} {Median(rounds.Select(static one => one.PerSecond)),9:F0} logins/s   median {Median(rounds.Select(static one => one.Median)),7:F1} us   "
        + $"99% {Median(rounds.Select(static one => one.Percentile99)),8:F1} us   failures {rounds.Sum(static one => one.Failures)}"));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static void SetPassword(params string[] flags)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/sbin/saslpasswd2", [.. flags, "-u", Realm, User]) { RedirectStandardInput = true })!;
        process.StandardInput.Write(Password);
        process.StandardInput.Close();
        process.WaitForExit();
    }
}
