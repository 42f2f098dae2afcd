namespace Sasl;

/// <summary>What became of one place where a configuration file was looked for.</summary>
public enum SaslConfigurationPlaceState
{
    /// <summary>There is no file.</summary>
    Missing,

    /// <summary>The file there is the one in use.</summary>
    Used,

    /// <summary>The file there counts, and cannot be read or parsed; no server starts with it.</summary>
    Unusable,

    /// <summary>There is a file, but an earlier place had one.</summary>
    Shadowed,

    /// <summary>There is a file in a usual directory, but somebody named other directories.</summary>
    PassedOver,
}
