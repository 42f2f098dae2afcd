using System.Text;

namespace Sasl.Core.Tests.Credentials;

/// <summary>What the tests of back ends say again and again.</summary>
internal static class Ask
{
    public static readonly SaslServiceInfo Service = new("smtp", "mx.example.com", "example.com", SaslChannel.Plaintext);

    public static readonly SaslUser Alice = new("alice", "example.com");

    public static readonly SaslUser Bob = new("bob", "example.com");

    public static readonly SaslUser Nobody = new("nobody", "example.com");

    public static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);

    public static async Task<PasswordOutcome> OutcomeAsync(IPasswordVerifier verifier, SaslUser user, string password) =>
        (await verifier.VerifyAsync(user, Octets(password), Service, default)).Outcome;

    public static async Task<string[]> ValuesAsync(ICredentialStore store, SaslUser user, params string[] names)
    {
        using var found = new PropertySet(names.Select(static name => new SaslProperty(name)).ToArray());
        await store.LookupAsync(user, found, default);
        return [.. Enumerable.Range(0, found.Count).Select(i => $"{found.NameAt(i)}={Encoding.UTF8.GetString(found.ValueAt(i))}")];
    }
}
