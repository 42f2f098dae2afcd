using System.Buffers;
using System.Security.Cryptography;

namespace Sasl;

/// <summary><c>userPassword</c>: the password in plain text, as Cyrus SASL's sasldb keeps it.</summary>
/// <remarks>
/// Cyrus stores what was typed, so the stored value is prepared here too (RFC 4616 section 2) before the two are compared. A value that is
/// empty, becomes empty or cannot be prepared is no password and matches nobody.
/// </remarks>
public sealed class PlainTextForm : PasswordForm
{
    private PlainTextForm()
        : base(SaslProperty.UserPassword)
    {
    }

    /// <summary>The one instance.</summary>
    public static PlainTextForm Instance { get; } = new();

    /// <inheritdoc/>
    public override int? CostOf(ReadOnlySpan<byte> stored) => stored.IsEmpty ? null : 0;

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> password)
    {
        if (stored.IsEmpty)
            return false;
        if (!stored.ContainsAnyExceptInRange((byte)' ', (byte)'~'))    // what SASLprep would leave as it is
            return AreEqual(stored, password);

        using var prepared = new SecureBufferWriter();
        bool usable = SaslPrep.TryQuery(stored, prepared) && prepared.WrittenCount > 0;
        return AreEqual(prepared.WrittenSpan, password) && usable;
    }

    /// <inheritdoc/>
    public override void Imitate(int cost, ReadOnlySpan<byte> password) => AreEqual([], password);

    // Takes a time that depends on the length of the password that was sent, never on the length of the one that is stored:
    // FixedTimeEquals alone gives up at once when the lengths differ.
    private static bool AreEqual(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> password)
    {
        const int Usual = 256;
        byte[]? rented = password.Length > Usual ? ArrayPool<byte>.Shared.Rent(password.Length) : null;
        Span<byte> padded = (rented is null ? stackalloc byte[Usual] : rented.AsSpan())[..password.Length];
        padded.Clear();
        stored[..Math.Min(stored.Length, password.Length)].CopyTo(padded);

        bool equal = CryptographicOperations.FixedTimeEquals(padded, password) & stored.Length == password.Length;

        CryptographicOperations.ZeroMemory(padded);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return equal;
    }
}
