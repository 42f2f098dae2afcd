using Sasl.Saslauthd;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Writes what becomes of a name: the user it stands for, and what each store has under it.</summary>
internal sealed class NameExplanation(TextWriter output, SaslServerSetup setup, IUserCanonicalizer canonicalizer)
{
    // More realms than an administrator wants to read.
    private const int MaxRealms = 20;

    private SaslExplanation Server => setup.Explanation;

    public async Task WriteAsync(string name, CancellationToken cancellationToken)
    {
        var service = new SaslServiceInfo(Server.Service, Server.ServerName, Server.Realm, SaslChannel.Plaintext);
        SaslUser? user = await canonicalizer.CanonicalizeAsync(name, service, cancellationToken);
        if (user is null)
        {
            await output.WriteLineAsync($"The name \"{Printable.Of(name)}\" cannot be anyone's.");
            return;
        }
        await output.WriteLineAsync($"The name \"{Printable.Of(name)}\" stands for {Describe(user)}.");
        foreach (CredentialStoreLink link in setup.Stores)
            await output.WriteLineAsync($"  {link.Name}: {await LookUpAsync(link.Store, user, cancellationToken)}");
        foreach (PasswordVerifierLink link in setup.PasswordVerifiers)
        {
            string asked = link.Name.Equals(SaslServerBuilder.StoredPasswords, StringComparison.OrdinalIgnoreCase) ? "compares with what the stores have"
                : link.Verifier is PasswordDaemonVerifier daemon ? await DescribeAsync(daemon, user, service, cancellationToken)
                : $"is asked for {Describe(user)}";
            await output.WriteLineAsync($"  {link.Name}: {asked}");
        }
    }

    private static async Task<string> DescribeAsync(
        PasswordDaemonVerifier daemon, SaslUser user, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        string question = string.Join(", ", daemon.DescribeQuestion(user, service).Select(static part => $"{part.Key} \"{Printable.Of(part.Value)}\""));
        PasswordDaemonState state = await daemon.ProbeAsync(cancellationToken);
        return $"is sent {question}{Environment.NewLine}    {Printable.Of(state.Text)}";
    }

    private static string Describe(SaslUser user) =>
        $"user \"{Printable.Of(user.Name)}\", {(user.Realm.Length == 0 ? "without a realm" : $"realm \"{Printable.Of(user.Realm)}\"")}";

    private async Task<string> LookUpAsync(ICredentialStore store, SaslUser user, CancellationToken cancellationToken)
    {
        // A sasldb has no users without a realm; it takes the host's name for them, as Cyrus SASL does.
        SaslUser asked = store is SasldbStore && user.Realm.Length == 0 ? user with { Realm = Server.ServerName } : user;
        string where = store is SasldbStore { Path: var path } ? $"{path}, " : "";
        if (store is not IListableCredentialStore listable)
            return $"{where}is asked for {Describe(asked)}";
        try
        {
            return $"{where}{Describe(asked)}: {await FindAsync(listable, asked, cancellationToken)}";
        }
        catch (Exception exception) when (exception is IOException or SaslUnavailableException)
        {
            return $"{where}{Describe(asked)}: cannot be read ({exception.Message})";
        }
    }

    private static async Task<string> FindAsync(IListableCredentialStore store, SaslUser user, CancellationToken cancellationToken)
    {
        List<string> properties = [];
        SortedSet<string> elsewhere = new(StringComparer.Ordinal);
        await foreach ((SaslUser other, string property) in store.ListAsync(realm: null, cancellationToken))
        {
            if (other == user)
                properties.Add(property);
            else if (other.Name == user.Name && elsewhere.Count < MaxRealms)
                elsewhere.Add(other.Realm);
        }
        if (properties.Count > 0)
            return $"has {string.Join(", ", properties.Select(Printable.Of))}";
        return elsewhere.Count == 0
            ? "is not there"
            : $"is not there; a user of that name is in realm {string.Join(", ", elsewhere.Select(static realm => $"\"{Printable.Of(realm)}\""))}";
    }
}
