using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>A line of shadow(5): <c>struct spwd</c> of glibc and musl, whose numbers are C longs, as wide as a pointer on Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ShadowEntry
{
    public byte* Name;
    public byte* Password;
    public nint LastChange;
    public nint Minimum;
    public nint Maximum;
    public nint Warning;
    public nint Inactive;
    public nint Expire;
    public nuint Reserved;

    /// <summary>The numbers, out of the entry's memory.</summary>
    public readonly ShadowAging Aging => new(LastChange, Maximum, Inactive, Expire);
}
