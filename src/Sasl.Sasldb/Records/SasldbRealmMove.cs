using System.Security.Cryptography;
using System.Text;

namespace Sasl.Sasldb.Records;

/// <summary>Gives users another realm: each of their records another key.</summary>
internal sealed class SasldbRealmMove
{
    // H(user:realm:password); a verifier of "user@realm"; a record sealed for the realm. Under another realm they would let nobody in.
    private static readonly byte[][] s_boundToRealm = [.. "cmusaslsecretDIGEST-MD5 cmusaslsecretSRP cmusaslsecretOPAQUE".Split(' ').Select(Encoding.ASCII.GetBytes)];

    private readonly byte[] _name;
    private readonly byte[] _oldRealm;
    private readonly byte[] _newRealm;

    /// <summary>Checks the names.</summary>
    /// <param name="name">Whom; null means everybody.</param>
    /// <param name="oldRealm">The realm they have.</param>
    /// <param name="newRealm">The realm they get.</param>
    /// <exception cref="ArgumentException">One cannot be part of a key, or both realms are the same.</exception>
    public SasldbRealmMove(string? name, string oldRealm, string newRealm)
    {
        _name = name is null ? [] : Part(name, nameof(name));
        _oldRealm = Part(oldRealm, nameof(oldRealm));
        _newRealm = Part(newRealm, nameof(newRealm));
        if (name?.Length == 0)
            throw new ArgumentException("A user's name is not empty.", nameof(name));
        if (oldRealm == newRealm)
            throw new ArgumentException("The new realm is the old one.", nameof(newRealm));
    }

    /// <summary>Moves them.</summary>
    /// <param name="writer">The transaction.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public SasldbRealmChange Apply(ISasldbWriter writer, CancellationToken cancellationToken)
    {
        IReadOnlyList<byte[]> keys = writer.KeysBeginningWith(_name.Length == 0 ? [] : [.. _name, 0, .. _oldRealm, 0]);
        byte[][] moving = [.. keys.Where(IsOfOldRealm)];
        HashSet<string> taken = TakenNames(_name.Length == 0 ? keys : writer.KeysBeginningWith([.. _name, 0, .. _newRealm, 0]));
        var users = new HashSet<string>(StringComparer.Ordinal);
        var conflicts = new List<SaslUser>();
        foreach (byte[] key in moving)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] moved = Moved(key, out int userLength);
            // By octets: names that are no UTF-8 are names too.
            string user = Convert.ToHexString(moved.AsSpan(0, userLength));
            if (users.Add(user) && taken.Contains(user))
                conflicts.Add(UserOf(moved));
        }
        if (conflicts.Count != 0)
            return new SasldbRealmChange(0, 0, conflicts);
        int dropped = 0;
        foreach (byte[] key in moving)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsBoundToRealm(key))
                dropped++;
            else
                Move(writer, key);
            writer.Remove(key);
        }
        return new SasldbRealmChange(users.Count, moving.Length - dropped, []) { Dropped = dropped };
    }

    // Who has the new realm already: found in one pass, since asking for each user would read all of the file for each.
    private HashSet<string> TakenNames(IReadOnlyList<byte[]> keys)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (byte[] key in keys)
        {
            if (SasldbKey.TrySplit(key, out int nameEnd, out int realmEnd) && key.AsSpan((nameEnd + 1)..realmEnd).SequenceEqual(_newRealm))
                taken.Add(Convert.ToHexString(key.AsSpan(0, realmEnd + 1)));
        }
        return taken;
    }

    private static byte[] Part(string text, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        try
        {
            if (!text.Contains('\0', StringComparison.Ordinal))
                return new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
        }
        throw new ArgumentException("A name or a realm must be valid Unicode without NUL.", parameter);
    }

    private static bool IsBoundToRealm(byte[] key) =>
        SasldbKey.TrySplit(key, out int _, out int realmEnd) && Array.Exists(s_boundToRealm, property => key.AsSpan(realmEnd + 1).SequenceEqual(property));

    private void Move(ISasldbWriter writer, byte[] key)
    {
        byte[] value = writer.Get(key)!;
        writer.Put(Moved(key, out _), value);
        CryptographicOperations.ZeroMemory(value);
    }

    private static SaslUser UserOf(byte[] key) => SasldbKey.TrySplit(key, out SaslUser? user, out _) ? user : throw new InvalidOperationException();

    private bool IsOfOldRealm(byte[] key) =>
        SasldbKey.TrySplit(key, out int nameEnd, out int realmEnd) && key.AsSpan((nameEnd + 1)..realmEnd).StartsWith(_oldRealm) && realmEnd - nameEnd - 1 == _oldRealm.Length;

    private byte[] Moved(byte[] key, out int userLength)
    {
        _ = SasldbKey.TrySplit(key, out int nameEnd, out int realmEnd);
        userLength = nameEnd + 1 + _newRealm.Length + 1;
        int length = userLength + key.Length - realmEnd - 1;
        return length <= SasldbKey.MaxLength
            ? [.. key.AsSpan(0, nameEnd + 1), .. _newRealm, .. key.AsSpan(realmEnd)]
            : throw new ArgumentException($"With the new realm a user's key would have {length} octets; at most {SasldbKey.MaxLength} are kept. Nothing was changed.");
    }
}
