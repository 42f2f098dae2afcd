namespace Sasl.Mechanisms;

/// <summary>Security layers, as an octet of bits.</summary>
[Flags]
internal enum PassdssLayers : byte
{
    Nothing = 0,
    NoLayer = 1,
    Integrity = 2,
    Privacy = 4,
}
