namespace Sasl.Sasldb.Gdbm;

/// <summary>What becomes of one record.</summary>
/// <param name="IsStored">Whether the file has it so far.</param>
/// <param name="Value">Its new value; null removes it.</param>
internal readonly record struct GdbmChange(bool IsStored, byte[]? Value);
