namespace Sasl.Testing.Peers;

/// <summary>One external program that tests may ask for.</summary>
/// <param name="Name">The executable's name.</param>
/// <param name="Packages">The Debian packages to install for it, separated by spaces.</param>
internal sealed record PeerProgram(string Name, string Packages)
{
    /// <summary>Files that must exist besides the executable: of each entry, one of the patterns ("*" in a folder's place).</summary>
    public IReadOnlyList<string[]> Companions { get; init; } = [];

    /// <summary>The program changes its user and can only be started by root.</summary>
    public bool NeedsRoot { get; init; }
}
