using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Moves users from one realm to another.</summary>
internal static class RealmMove
{
    private const int MostShown = 20;

    /// <summary>Moves whom the request says.</summary>
    /// <exception cref="IOException">Somebody is in the way, nobody is there to be moved, or the file cannot be written.</exception>
    public static async Task RunAsync(CliConsole console, SasldbStore store, UsersRequest request, CancellationToken cancellationToken)
    {
        (string old, string @new) = request.Realms!.Value;
        if (old == @new)
            throw new IOException("the two realms are the same");
        if (store.DetectFormat() is null)
            throw new IOException($"{store.Path}: there is no such file, or it is empty");
        SasldbRealmChange change = await store.ChangeRealmAsync(request.User, old, @new, cancellationToken);
        if (change.Conflicts.Count > 0)
            throw new IOException($"nothing was changed: {Names(change.Conflicts)} already there; remove them or their namesakes first (sasl passwd -d)");
        if (change.Users == 0)
            throw new IOException(Printable.Of($"there is {(request.User is null ? "nobody" : "no such user")} in the realm \"{old}\""));
        await console.Output.WriteLineAsync($"{RecordCount.Of(change.Users, "user")}, {RecordCount.Of(change.Records)} moved");
        if (change.Dropped > 0)
        {
            await console.Error.WriteLineAsync(
                $"warning: {RecordCount.Of(change.Dropped)} made for the old realm (DIGEST-MD5, SRP, OPAQUE) could not be moved and were removed; "
                + "where there is no userPassword, those users need a new password for these mechanisms");
        }
    }

    private static string Names(IReadOnlyList<SaslUser> users)
    {
        string shown = Printable.Of(string.Join(", ", users.Take(MostShown).Select(static user => $"{user.Name}@{user.Realm}")));
        return $"{shown}{(users.Count > MostShown ? $" and {users.Count - MostShown} more" : "")} {(users.Count == 1 ? "is" : "are")}";
    }
}
