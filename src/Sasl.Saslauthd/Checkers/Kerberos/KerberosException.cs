namespace Sasl.Saslauthd;

/// <summary>Kerberos could not be asked at all. Caught by the verifier, which answers that it cannot say.</summary>
/// <param name="code">The library's error code.</param>
/// <param name="message">What was tried, and the library's words; no secret.</param>
internal sealed class KerberosException(int code, string message) : Exception(message)
{
    /// <summary>The library's error code.</summary>
    public int Code { get; } = code;
}
