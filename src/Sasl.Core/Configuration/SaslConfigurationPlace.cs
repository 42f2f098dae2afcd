namespace Sasl;

/// <summary>One place where a configuration file was looked for.</summary>
/// <param name="Path">The file's path.</param>
/// <param name="State">What became of it.</param>
public sealed record SaslConfigurationPlace(string Path, SaslConfigurationPlaceState State)
{
    /// <summary>One line of the text of <see cref="SaslConfigurationSearch"/>.</summary>
    public override string ToString() => State switch
    {
        SaslConfigurationPlaceState.Missing => $"{Path}: not there",
        SaslConfigurationPlaceState.Used => $"{Path}: used",
        SaslConfigurationPlaceState.Unusable => $"{Path}: there, and cannot be used",
        SaslConfigurationPlaceState.Shadowed => $"{Path}: there, but not read; an earlier file counts alone",
        SaslConfigurationPlaceState.PassedOver => $"{Path}: there, but not read; other directories were named",
    };
}
