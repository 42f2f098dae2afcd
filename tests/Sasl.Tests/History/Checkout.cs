using System.Runtime.CompilerServices;

namespace Sasl.Tests.History;

/// <summary>The checkout these tests were built from.</summary>
internal static class Checkout
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    public static IEnumerable<(string Path, string Text)> Sources =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Select(static path => (path, File.ReadAllText(path)));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
