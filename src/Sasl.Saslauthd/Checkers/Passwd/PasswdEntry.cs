using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>A line of passwd(5): <c>struct passwd</c> of glibc and musl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PasswdEntry
{
    public byte* Name;
    public byte* Password;
    public uint User;
    public uint Group;
    public byte* Comment;
    public byte* Home;
    public byte* Shell;
}
