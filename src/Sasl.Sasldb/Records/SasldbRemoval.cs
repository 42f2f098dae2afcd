namespace Sasl.Sasldb.Records;

/// <summary>Removes users with all that is stored of them.</summary>
/// <param name="users">The part of the key that all of a user's records begin with, for each.</param>
internal sealed class SasldbRemoval(IEnumerable<byte[]> users)
{
    // Some forms go through the whole file to find a user's keys. Of more users than this, all keys are gone through once.
    private const int Few = 4;

    private readonly byte[][] _users = [.. users];

    /// <summary>Removes them.</summary>
    /// <param name="writer">The transaction.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How many of them there were.</returns>
    public int Apply(ISasldbWriter writer, CancellationToken cancellationToken)
    {
        HashSet<string> wanted = [.. _users.Select(Convert.ToHexString)];
        var removed = new HashSet<string>(StringComparer.Ordinal);
        foreach (byte[] key in _users.Length <= Few ? _users.SelectMany(writer.KeysBeginningWith) : writer.KeysBeginningWith([]))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // By octets: names that are no UTF-8 are names too.
            if (SasldbKey.TrySplit(key, out int _, out int realmEnd) && Convert.ToHexString(key.AsSpan(0, realmEnd + 1)) is var user && wanted.Contains(user)
                && writer.Remove(key))
            {
                removed.Add(user);
            }
        }
        return removed.Count;
    }
}
