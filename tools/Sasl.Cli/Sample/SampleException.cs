namespace Sasl.Cli.Sample;

/// <summary>The other side has broken the sample protocol or gone away; the text is for the user.</summary>
internal sealed class SampleException(string message) : Exception(message);
