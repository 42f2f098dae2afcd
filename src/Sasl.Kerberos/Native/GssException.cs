namespace Sasl.Kerberos;

/// <summary>A call to the library failed. Caught by the exchange or the probe, which say what it means.</summary>
/// <param name="status">What it answered.</param>
/// <param name="isLocal">Whether it concerns this machine's own configuration or credentials, and nothing that a peer sent.</param>
internal sealed class GssException(GssStatus status, bool isLocal) : Exception("the GSS library refused")
{
    /// <summary>What the library answered.</summary>
    public GssStatus Status { get; } = status;

    /// <summary>The library's words; empty where they could be about what a peer sent.</summary>
    public string Words { get; } = isLocal ? status.Describe() : "";

    /// <summary>Throws when a call failed.</summary>
    public static void ThrowIfError(uint major, uint minor, bool isLocal, bool negotiates = false)
    {
        var status = new GssStatus(major, minor, negotiates);
        if (status.IsError)
            throw new GssException(status, isLocal);
    }
}
