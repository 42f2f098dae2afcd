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
    private const int Logins = 5_000;
    private const int Rounds = 3;

    private static readonly double[] s_factors = [2.5, 1.3];
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(3);
    private static readonly byte[] s_request = MuxClient.Request(User, Password, "smtp", Realm);

    /// <summary>What to do when it cannot be measured.</summary>
    public const string Complaint =
        "WARNING: saslauthd is not compared: this needs root, and saslauthd and saslpasswd2 (apt-get install sasl2-bin)";

    /// <summary>Whether the original is there and can be given a user.</summary>
    public static bool IsPossible =>
        Environment.IsPrivilegedProcess && File.Exists("/usr/sbin/saslauthd") && File.Exists("/usr/sbin/saslpasswd2");

    /// <summary>Measures, and prints what is not in the table.</summary>
    public static IEnumerable<Row> Run()
    {
        if (!IsPossible)
        {
            yield return Row.Missing(TitleOf(cache: false), Peer.Saslauthd, $"≥ {s_factors[0]}×");
            yield return Row.Missing(TitleOf(cache: true), Peer.Saslauthd, $"≥ {s_factors[1]}×");
            yield break;
        }
        SetPassword("-c", "-p");
        try
        {
            yield return Compare(cache: false);
            yield return Compare(cache: true);
        }
        finally
        {
            SetPassword("-d");
        }
    }

    private static string TitleOf(bool cache) => $"saslauthd request, one client, {(cache ? "with" : "without")} cache";

    private static Row Compare(bool cache)
    {
        using DaemonProcess ours = DaemonProcess.StartOurs(cache);
        using DaemonProcess theirs = DaemonProcess.StartDebian(cache);
        ours.WaitUntilItAnswers(s_request);
        theirs.WaitUntilItAnswers(s_request);
        Row? row = null;
        foreach (int clients in (int[])[1, 64])
        {
            Console.WriteLine($"\n{(cache ? "with" : "without")} cache, {clients} client(s)");
            Row compared = ByTurns(
                TitleOf(cache), s_factors[cache ? 1 : 0],
                (ours.Name, () => LoadFigures.Measure(clients, Logins, s_most, () => MuxClient.Ask(ours.Socket, s_request))),
                (theirs.Name, () => LoadFigures.Measure(clients, Logins, s_most, () => MuxClient.Ask(theirs.Socket, s_request))));
            row ??= compared;
        }
        foreach (DaemonProcess daemon in (DaemonProcess[])[ours, theirs])
        {
            Console.WriteLine($"\n{(cache ? "with" : "without")} cache, who asks {daemon.Name}, 1 client");
            using var verifier = new SaslauthdVerifier(new SaslauthdVerifierOptions { Path = daemon.Socket.ToString() });
            Libsasl2.StartOnSaslauthd(daemon.Socket.ToString());
            ByTurns(
                "", 0,
                ("SaslauthdVerifier", () => LoadFigures.Measure(1, Logins, s_most, () => Verify(verifier))),
                ("libsasl2's sasl_checkpass", () => LoadFigures.Measure(1, Logins, s_most, static () => Libsasl2.IsRight($"{User}@{Realm}", Password))));
        }
        return row!;
    }

    private static bool Verify(SaslauthdVerifier verifier)
    {
        var service = new SaslServiceInfo("smtp", "localhost", "", SaslChannel.Plaintext);
        ValueTask<PasswordVerdict> verdict = verifier.VerifyAsync(
            new SaslUser(User, Realm), System.Text.Encoding.ASCII.GetBytes(Password), service, CancellationToken.None);
        return verdict.AsTask().GetAwaiter().GetResult().Outcome is PasswordOutcome.Match;
    }

    // By turns, so that what else the machine does meanwhile falls on both; the first round warms up. The medians of the rounds are shown.
    private static Row ByTurns(
        string title, double factor, (string Name, Func<LoadFigures> Measure) first, (string Name, Func<LoadFigures> Measure) second)
    {
        var figures = new List<(LoadFigures First, LoadFigures Second)>();
        for (int round = 0; round <= Rounds; round++)
            figures.Add((first.Measure(), second.Measure()));
        figures.RemoveAt(0);
        Print(first.Name, [.. figures.Select(static pair => pair.First)]);
        Print(second.Name, [.. figures.Select(static pair => pair.Second)]);
        double[] ratios = [.. figures.Select(static pair => pair.First.PerSecond / pair.Second.PerSecond)];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ratio of throughputs, median of the rounds: {Median(ratios):F2}"));
        return new Row(
            title, Peer.Saslauthd, Show.Time(1e9 / Median(figures.Select(static pair => pair.First.PerSecond))),
            Show.Time(1e9 / Median(figures.Select(static pair => pair.Second.PerSecond))), $"≥ {factor}×", Median(ratios) >= factor)
        {
            Ratio = (Median(ratios), ratios.Min(), ratios.Max()),
            Factor = factor,
        };
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
