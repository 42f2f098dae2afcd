namespace Sasl.Mechanisms;

/// <summary>What a server insists on.</summary>
[Flags]
internal enum SrpMandatory
{
    None = 0,
    ReplayDetection = 1,
    Integrity = 2,
    Confidentiality = 4,
}
