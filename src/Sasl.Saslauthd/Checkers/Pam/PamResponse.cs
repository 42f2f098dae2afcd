using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>An answer to a module: <c>struct pam_response</c>. PAM frees it, and the text in it, with free(3).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PamResponse
{
    public byte* Text;
    public int ReturnCode;
}
