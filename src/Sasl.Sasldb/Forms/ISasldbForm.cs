using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Forms;

/// <summary>One way to keep records in a file. Knows keys and values; knows nothing of users, properties or passwords.</summary>
/// <remarks>
/// Thread-safe. Bound to a path, not to one open file: each call sees the file that the path names then, and throws
/// <see cref="SasldbException"/> when it cannot be used.
/// </remarks>
internal interface ISasldbForm : IDisposable
{
    /// <summary>Finds the wanted records, all in one state of the file.</summary>
    /// <param name="lookup">What is wanted, and where it goes.</param>
    void Read(ref SasldbLookup lookup);

    /// <summary>Reads some keys in the form's own order.</summary>
    /// <param name="after">The last key of the previous call; null begins.</param>
    /// <returns>At least one key, or none at the end.</returns>
    IReadOnlyList<byte[]> ReadKeys(byte[]? after);

    /// <summary>Reads some whole records in the form's own order, the same as that of <see cref="ReadKeys"/>.</summary>
    /// <param name="after">The last key of the previous call; null begins.</param>
    /// <returns>At least one record, or none at the end; all of one state of the file. The caller disposes them.</returns>
    IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after);

    /// <summary>Tells the file's state, by which a walk over many calls of <see cref="ReadEntries"/> can tell that a writer came between. Cheap.</summary>
    SasldbState ReadState();

    /// <summary>Changes the file in one transaction, alone among all processes; makes the file where there is none.</summary>
    /// <param name="change">What to do. An exception from it leaves the file as it was.</param>
    /// <param name="cancellationToken">Stops waiting for other writers.</param>
    void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken);

    /// <summary>Reads the whole file and checks that it holds together.</summary>
    /// <param name="cancellationToken">Stops checking.</param>
    /// <returns>How many records it has.</returns>
    long Verify(CancellationToken cancellationToken);
}
