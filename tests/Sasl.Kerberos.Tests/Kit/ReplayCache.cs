namespace Sasl.Kerberos.Tests;

/// <summary>Makes the library remember the tokens that it has seen, in a file of the test's, until disposal.</summary>
internal sealed class ReplayCache : IDisposable
{
    private const string Variable = "KRB5RCACHENAME";

    public ReplayCache(string path) => NativeEnvironment.Set(new Dictionary<string, string> { [Variable] = $"file2:{path}" });

    public void Dispose() => NativeEnvironment.Set(new Dictionary<string, string> { [Variable] = "none:" });
}
