namespace Sasl.Testing.Peers;

/// <summary>
/// Where a test notes that a real peer and this library authenticated with each other. test.sh makes the table of docs/interop.md from
/// the notes, so that the table says what the tests saw and nothing else.
/// </summary>
public static class InteropLog
{
    /// <summary>The environment variable that names the folder of the notes. Where it is not set nothing is noted.</summary>
    public const string Variable = "SASL_INTEROP_LOG";

    private static readonly Lock s_gate = new();

    /// <summary>
    /// The last line of such a test: the right credentials were accepted (and wrong ones refused, where the mechanism has any).
    /// </summary>
    /// <param name="mechanism">The mechanism's name in SASL, "SCRAM-SHA-256".</param>
    /// <param name="peer">The peer, one of <see cref="InteropPeer"/> where it is named there.</param>
    /// <param name="side">The side that was this library.</param>
    /// <param name="detail">What more the row should say, "auth-conf rc4" or "tls-exporter"; empty for nothing.</param>
    public static void Worked(string mechanism, string peer, OurSide side, string detail = "")
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
            Append(folder, mechanism, peer, side, detail);
    }

    // One file for each process: test projects run beside each other.
    internal static void Append(string folder, string mechanism, string peer, OurSide side, string detail)
    {
        string[] fields = [mechanism, peer, side.ToString(), detail];
        if (fields.Any(static field => field.AsSpan().ContainsAny("\t\r\n|")))
            throw new ArgumentException("A note of the interoperability table holds no tab, line end or vertical bar.");
        lock (s_gate)
            File.AppendAllText(Path.Combine(folder, $"{Environment.ProcessId}.log"), string.Join('\t', fields) + "\n");
    }
}
