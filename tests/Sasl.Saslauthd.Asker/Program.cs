using System.Globalization;
using Sasl;
using Sasl.Saslauthd;
using Sasl.Saslauthd.Asker;

// A process of its own for the tests of the checkers: one that runs as another user, or that sees other accounts than the machine's.
//   Asker CHECKER DAY [ARGUMENT]      CHECKER is shadow, getpwent, pam or kerberos5; DAY such as 2026-11-24, or "now";
//                                     ARGUMENT is pam's folder of services, or kerberos5's saslauthd.conf
// Each line on standard input is USER, the password in hexadecimal and the SERVICE, divided by tabs; each is answered by a line with the
// outcome and the reason. At the end of the input it prints what the checker warned of, after "warning: ", and after "grown: " how many more
// files are open, and how many more KiB the C libraries hold, than after the 200th line. What is wrong with the configuration is printed in
// place of all that, and the exit code is 1.
var warnings = new List<string>();
using var work = new SaslWorkQueue(4);
IPasswordVerifier verifier;
try
{
    verifier = Make(args[0], args[1] == "now" ? TimeProvider.System : new FixedDay(DateOnly.Parse(args[1], CultureInfo.InvariantCulture)));
}
catch (SaslConfigurationException problem)
{
    Console.WriteLine(problem.Message);
    return 1;
}
int count = 0;
(int Files, long Memory) before = default;
while (Console.ReadLine() is { } line)
{
    if (count++ == 200)
        before = Use();
    string[] parts = line.Split('\t');
    PasswordVerdict verdict = await verifier.VerifyAsync(new SaslUser(parts[0], ""), Convert.FromHexString(parts[1]),
        new SaslServiceInfo(parts[2], "localhost", "", SaslChannel.Plaintext), default);
    Console.WriteLine($"{verdict.Outcome}\t{verdict.Reason}");
}
warnings.ForEach(static warning => Console.WriteLine($"warning: {warning}"));
(int Files, long Memory) after = Use();
Console.WriteLine($"grown: {after.Files - before.Files} {after.Memory - before.Memory}");
return 0;

static (int Files, long Memory) Use()
{
    GC.Collect();
    GC.WaitForPendingFinalizers();
    return (Directory.GetFileSystemEntries("/proc/self/fd").Length, NativeHeap.Used() / 1024);
}

IPasswordVerifier Make(string checker, TimeProvider clock) => checker switch
{
    "pam" => new PamVerifier(work, new PamOptions { ConfigurationDirectory = args[2], Warn = warnings.Add }),
    "shadow" => ShadowVerifier.Checker.Make(new SaslauthdCheckerContext { Work = work, Clock = clock, Warn = warnings.Add }),
    "getpwent" => GetpwentVerifier.Checker.Make(new SaslauthdCheckerContext { Work = work, Warn = warnings.Add }),
    "kerberos5" => KerberosVerifier.Checker.Make(new SaslauthdCheckerContext { Work = work, Option = args[2], Warn = warnings.Add }),
    _ => throw new ArgumentException(checker),
};
