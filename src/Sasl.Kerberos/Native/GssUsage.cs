namespace Sasl.Kerberos;

/// <summary>What a credential is for (RFC 2744: <c>gss_cred_usage_t</c>).</summary>
internal enum GssUsage
{
    Initiate = 1,
    Accept = 2,
}
