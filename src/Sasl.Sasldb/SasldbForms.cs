using Sasl.Sasldb.Berkeley;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Gdbm;
using Sasl.Sasldb.Lmdb;

namespace Sasl.Sasldb;

/// <summary>The forms there are. The one place that names each form's class.</summary>
internal static class SasldbForms
{
    private static readonly SasldbFormKind[] s_kinds = [LmdbForm.Kind, BerkeleyForm.Kind, GdbmForm.Kind];

    /// <summary>Which ones.</summary>
    public static IEnumerable<SasldbFormat> Formats => s_kinds.Select(static kind => kind.Format);

    /// <summary>Binds a path to whatever form the file there has or, while there is none, is to get.</summary>
    /// <param name="options">The path, and how files are made.</param>
    /// <exception cref="SaslConfigurationException">No such form can be made.</exception>
    public static DetectedForm For(SasldbOptions options) => new(options, s_kinds);
}
