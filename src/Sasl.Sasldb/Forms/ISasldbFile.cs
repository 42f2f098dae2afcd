using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Forms;

/// <summary>What a form adds to an open file: its present state.</summary>
internal interface ISasldbFile<TSnapshot>
{
    /// <summary>A state that was the file's when somebody last looked, and probably is; null when there is none to build on.</summary>
    TSnapshot? Known { get; }

    /// <summary>The state to read through.</summary>
    /// <param name="now">What the system says about the path now.</param>
    TSnapshot Snapshot(in FileIdentity now);
}
