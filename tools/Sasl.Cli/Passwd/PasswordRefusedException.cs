namespace Sasl.Cli;

/// <summary>A password or a name that cannot be stored; the text is for the user and shows neither.</summary>
internal sealed class PasswordRefusedException(string message) : Exception(message);
