using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>What a module says or asks: <c>struct pam_message</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PamMessage
{
    public const int PromptEchoOff = 1;
    public const int PromptEchoOn = 2;
    public const int ErrorMessage = 3;
    public const int TextInfo = 4;

    public int Style;
    public byte* Text;
}
