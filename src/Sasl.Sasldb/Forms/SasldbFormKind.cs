namespace Sasl.Sasldb.Forms;

/// <summary>What is known of a form without a file of it. Each form's class has one; <see cref="SasldbForms"/> lists them.</summary>
/// <param name="Format">Its name for programs.</param>
/// <param name="Recognizes">Whether a file is of this form and can be read, by its first <see cref="SasldbFormDetector.HeaderLength"/> octets.</param>
/// <param name="Refuses">
/// For a file that is related and cannot be read, such as one of another version: what it is and what to do, as the end of a sentence. Null
/// for a file that is something else altogether.
/// </param>
/// <param name="Open">Binds a path to the form; opens nothing yet.</param>
internal sealed record SasldbFormKind(
    SasldbFormat Format,
    Func<ReadOnlySpan<byte>, bool> Recognizes,
    Func<ReadOnlySpan<byte>, string?> Refuses,
    Func<SasldbOptions, ISasldbForm> Open);
