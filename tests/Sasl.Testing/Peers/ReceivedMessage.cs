namespace Sasl.Testing.Peers;

/// <summary>A message that an <see cref="SmtpSink"/> took.</summary>
/// <param name="From">The reverse path, as it stood in MAIL FROM between the angle brackets.</param>
/// <param name="Recipients">The forward paths.</param>
/// <param name="Data">Header and body, dots unstuffed, lines ended by LF.</param>
public sealed record ReceivedMessage(string From, IReadOnlyList<string> Recipients, string Data);
