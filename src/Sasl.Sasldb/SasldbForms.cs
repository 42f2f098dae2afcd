using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Lmdb;

namespace Sasl.Sasldb;

/// <summary>The forms there are.</summary>
internal static class SasldbForms
{
    /// <summary>Chooses the form for a path: of the file that is there, or of one that is to be made.</summary>
    /// <param name="options">The path, and how files are made.</param>
    public static ISasldbForm For(SasldbOptions options) => new LmdbForm(options);
}
