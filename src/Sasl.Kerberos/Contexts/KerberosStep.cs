namespace Sasl.Kerberos;

/// <summary>What one token led to.</summary>
/// <param name="Problem">None unless the context has failed.</param>
/// <param name="IsComplete">Whether the context is established.</param>
/// <param name="Token">The token for the peer; may be empty.</param>
internal readonly record struct KerberosStep(KerberosProblem Problem, bool IsComplete, byte[] Token)
{
    /// <summary>The context has failed.</summary>
    public static KerberosStep Failed(KerberosProblem problem) => new(problem, IsComplete: false, []);
}
