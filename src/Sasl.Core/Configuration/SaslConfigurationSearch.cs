using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sasl;

/// <summary>Where an application's configuration file was looked for, and what was found.</summary>
public sealed class SaslConfigurationSearch
{
    internal SaslConfigurationSearch(
        string application, SaslConfigurationOrigin origin, string originName, ImmutableArray<SaslConfigurationPlace> places,
        SaslConfiguration configuration, ImmutableArray<SaslConfigurationWarning> warnings, SaslConfigurationException? error)
    {
        Application = application;
        Origin = origin;
        OriginName = originName;
        Places = places;
        Configuration = configuration;
        Warnings = warnings;
        Error = error;
    }

    /// <summary>The application: <c>smtpd</c> for <c>smtpd.conf</c>.</summary>
    public string Application { get; }

    /// <summary>Who named the directories.</summary>
    public SaslConfigurationOrigin Origin { get; }

    /// <summary>Who named the directories, in words: the environment variable's name included.</summary>
    public string OriginName { get; }

    /// <summary>Every place looked at, in order; the usual ones that were passed over last.</summary>
    public ImmutableArray<SaslConfigurationPlace> Places { get; }

    /// <summary>The path of the file in use; null when there is none, which leaves every option at its default, or when it cannot be used.</summary>
    public string? File => Places.FirstOrDefault(static place => place.State is SaslConfigurationPlaceState.Used)?.Path;

    /// <summary>What the file says; empty when there is none.</summary>
    public SaslConfiguration Configuration { get; }

    /// <summary>Files that are not read, repeated and unknown keys, and whatever else may not be as its author meant.</summary>
    public ImmutableArray<SaslConfigurationWarning> Warnings { get; }

    /// <summary>Why the file that counts cannot be used; null when it can, or when there is none.</summary>
    public SaslConfigurationException? Error { get; }

    /// <summary>All of it as text for people, several lines. <see cref="Error"/> is not in it. No values are shown.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Error is not null ? $"The configuration of {Application} cannot be used."
            : File is null ? $"No configuration file for {Application}; every option has its default."
            : $"Configuration of {Application}: {File}");
        text.Append(CultureInfo.InvariantCulture, $"\nDirectories named by {OriginName}:");
        foreach (SaslConfigurationPlace place in Places)
            text.Append("\n  ").Append(place);
        foreach (SaslConfigurationWarning warning in Warnings)
            text.Append("\nwarning: ").Append(warning);
        return text.ToString();
    }
}
