using System.CommandLine;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>The forms of a sasldb, by the names that administrators give them.</summary>
internal static class SasldbFormats
{
    private static readonly (string Name, SasldbFormat Format)[] s_names =
    [
        ("lmdb", SasldbFormat.Lmdb),
        ("berkeley", SasldbFormat.Berkeley),
        ("gdbm", SasldbFormat.Gdbm),
    ];

    /// <summary>All names.</summary>
    public static string Names { get; } = string.Join(", ", s_names.Select(static pair => pair.Name));

    /// <summary>The name of a form.</summary>
    public static string NameOf(SasldbFormat format) => s_names.First(pair => pair.Format == format).Name;

    /// <summary>The form of a name; null when none has it.</summary>
    public static SasldbFormat? Parse(string? name) => s_names.Where(pair => pair.Name == name).Select(static pair => (SasldbFormat?)pair.Format).FirstOrDefault();

    /// <summary>Refuses a form that the file, which is there, does not have.</summary>
    /// <exception cref="IOException">It has another one.</exception>
    public static void RequireNew(SasldbStore store, SasldbFormat? wanted)
    {
        if (wanted is { } format && store.DetectFormat() is { } found && found != format)
            throw new IOException($"{store.Path}: its form is {NameOf(found)}; --format is for a file that is made (sasl users --convert makes one of another)");
    }

    /// <summary>An option <c>--format</c>, which takes no other names.</summary>
    /// <param name="description">For the help.</param>
    public static Option<string?> Option(string description)
    {
        var option = new Option<string?>("--format") { Description = $"{description} One of {Names}.", HelpName = "F" };
        option.Validators.Add(result =>
        {
            if (Parse(result.GetValueOrDefault<string?>()) is null)
                result.AddError($"--format is one of {Names}.");
        });
        return option;
    }
}
