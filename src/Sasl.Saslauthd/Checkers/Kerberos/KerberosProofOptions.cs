using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>How a KDC has to prove itself: <c>krb5_verify_init_creds_opt</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KerberosProofOptions
{
    public int Flags;
    public int MustNotFail;
}
