using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>Compares passwords with the hashes of the system's files, so that every refusal costs about the same.</summary>
/// <remarks>
/// For an account that does not exist, or has no hash, the password is hashed as for the account that logged in last, and before that as
/// the system would hash a new one: where accounts have hashes of several kinds, no one cost is everybody's. Thread-safe.
/// </remarks>
internal sealed unsafe class AccountPassword(CryptLibrary crypt)
{
    private const byte Locked = (byte)'!';

    private volatile byte[] _decoy = crypt.MakeSetting();
    private long _derivations;

    /// <summary>How many passwords were hashed.</summary>
    public long Derivations => Interlocked.Read(ref _derivations);

    /// <summary>How the next decoy is hashed, without the NUL.</summary>
    public ReadOnlySpan<byte> DecoySetting
    {
        get
        {
            byte[] decoy = _decoy;    // another login may put another one in its place
            return decoy.AsSpan(0, decoy.AsSpan().IndexOf((byte)0));
        }
    }

    /// <summary>Compares.</summary>
    /// <param name="password">What came.</param>
    /// <param name="field">The password field of the account, NUL-terminated; null when there is no account.</param>
    /// <returns>What was found, with a clause why where it needs one. Without an account a mismatch.</returns>
    public (PasswordOutcome Outcome, string? Why) Compare(ReadOnlySpan<byte> password, byte* field)
    {
        using ErasedMemory phrase = ErasedMemory.OfText(password);
        Interlocked.Increment(ref _derivations);
        byte* hash = field;
        while (hash is not null && *hash == Locked)    // passwd -l puts it before the hash
            hash++;
        if (hash is null || *hash is 0 || *hash == (byte)'*' || crypt.IsHashOf(phrase, hash) is not bool matches)
        {
            Waste(phrase);
            return (PasswordOutcome.Mismatch, hash is null ? null : WhyNoHash(field, hash));
        }

        if (!matches)
            return (PasswordOutcome.Mismatch, null);
        Remember(hash);
        return hash == field ? (PasswordOutcome.Match, null) : (PasswordOutcome.Disabled, "the password of the account is locked");
    }

    private static string WhyNoHash(byte* field, byte* hash) => (*field, *hash) switch
    {
        (0, _) => "the account has an empty password",
        (Locked, 0) => "the account is locked",
        (_, (byte)'*') => "the account has no password",
        _ => "the system's crypt does not know the hash of the account",
    };

    private void Waste(ErasedMemory phrase)
    {
        fixed (byte* setting = _decoy)
            _ = crypt.IsHashOf(phrase, setting);
    }

    // All up to the digest: "$method$cost$salt$", or the two letters of salt of DES.
    private void Remember(byte* hash)
    {
        ReadOnlySpan<byte> text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(hash);
        ReadOnlySpan<byte> setting = text[..SettingLength(text)];
        if (!DecoySetting.StartsWith(setting))
            _decoy = [.. setting, 0];
    }

    // bcrypt has 22 letters of salt and no divider behind them; BSDi's DES a method, four letters of cost and four of salt.
    private static int SettingLength(ReadOnlySpan<byte> hash) => hash[0] switch
    {
        (byte)'$' when hash.StartsWith("$2"u8) => Math.Min(29, hash.Length),
        (byte)'$' => hash.LastIndexOf((byte)'$') + 1,
        (byte)'_' => Math.Min(9, hash.Length),
        _ => Math.Min(2, hash.Length),
    };
}
