using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>Whom the modules talk to: <c>struct pam_conv</c>. PAM copies it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PamCallback
{
    public delegate* unmanaged[Cdecl]<int, PamMessage**, PamResponse**, nint, int> Converse;
    public nint Data;
}
