using System.Runtime.CompilerServices;

// The harness is itself tested there.
[assembly: InternalsVisibleTo("Sasl.Interop.Tests")]
