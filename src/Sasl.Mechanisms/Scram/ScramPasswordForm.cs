using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>Lets a plain-text password be checked against SCRAM's stored keys, so that PLAIN works without a password in the store.</summary>
/// <param name="hash">Of which hash the keys are.</param>
/// <param name="property">Where they are stored.</param>
internal sealed class ScramPasswordForm(ScramHash hash, SaslProperty property) : PasswordForm(property)
{
    private static ReadOnlySpan<byte> ImitatedSalt => "a salt of 16 oct"u8;

    public override int TypicalCost => hash.DefaultIterations;

    public override int? CostOf(ReadOnlySpan<byte> stored)
    {
        if (!ScramVerifier.TryParse(hash, stored, out ScramVerifier? verifier))
            return null;
        verifier.Dispose();
        return verifier.Iterations;
    }

    public override bool Verify(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> password)
    {
        if (!ScramVerifier.TryParse(hash, stored, out ScramVerifier? verifier))
            return false;
        using (verifier)
        {
            Span<byte> storedKey = stackalloc byte[hash.Size];
            Derive(password, verifier.SaltSpan, verifier.Iterations, storedKey);
            return CryptographicOperations.FixedTimeEquals(storedKey, verifier.StoredKey);
        }
    }

    public override void Imitate(int cost, ReadOnlySpan<byte> password) =>
        Derive(password, ImitatedSalt, Math.Clamp(cost, 1, ScramVerifier.MaxIterations), stackalloc byte[hash.Size]);

    private void Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> storedKey)
    {
        Span<byte> clientKey = stackalloc byte[hash.Size];
        ScramKeys.Derive(hash, password, salt, iterations, clientKey, serverKey: default);
        hash.Hash(clientKey, storedKey);
        CryptographicOperations.ZeroMemory(clientKey);
    }
}
