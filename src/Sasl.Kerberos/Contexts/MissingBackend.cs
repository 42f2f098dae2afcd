namespace Sasl.Kerberos;

/// <summary>A machine without any Kerberos.</summary>
internal sealed class MissingBackend : KerberosBackend
{
    public static readonly MissingBackend Instance = new();

    /// <inheritdoc/>
    public override string WhyNoGs2 => WhyMissing;

    /// <inheritdoc/>
    public override string WhyMissing => GssLibrary.WhyMissing ?? KerberosVerdict.Explain(KerberosProblem.NoLibrary);

    private KerberosSupport None => new(KerberosProblem.NoLibrary, WhyMissing);

    /// <inheritdoc/>
    public override KerberosContext OpenClient(KerberosRequest request) => throw new PlatformNotSupportedException(WhyMissing);

    /// <inheritdoc/>
    public override KerberosContext OpenServer(KerberosRequest request) => throw new PlatformNotSupportedException(WhyMissing);

    /// <inheritdoc/>
    public override KerberosSupport ProbeClient(KerberosOptions options) => None;

    /// <inheritdoc/>
    public override KerberosSupport ProbeServer(KerberosRequest request) => None;
}
