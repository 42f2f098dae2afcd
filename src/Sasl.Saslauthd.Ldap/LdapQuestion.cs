using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>Cyrus SASL's <c>sasl_interact_t</c>: something that a mechanism asks for, and the answer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LdapQuestion
{
    public const uint End = 0;
    public const uint AuthorizationName = 0x4001;
    public const uint Name = 0x4002;
    public const uint Password = 0x4004;
    public const uint Realm = 0x4008;

    public nuint Id;
    public byte* Challenge;
    public byte* Prompt;
    public byte* Default;
    public byte* Answer;
    public uint Length;
}
