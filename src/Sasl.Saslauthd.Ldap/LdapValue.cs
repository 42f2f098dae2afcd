using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>C's <c>struct berval</c>: counted octets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LdapValue
{
    public nuint Length;
    public byte* Octets;
}
