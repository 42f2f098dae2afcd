using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Forms;

/// <summary>A state of a file. While it stays equal, nothing was written.</summary>
/// <param name="Identity">What the system says about the file.</param>
/// <param name="Version">What the file says about itself, as its form has it: a transaction's number, or a digest of what every change changes.</param>
internal readonly record struct SasldbState(FileIdentity Identity, ulong Version);
