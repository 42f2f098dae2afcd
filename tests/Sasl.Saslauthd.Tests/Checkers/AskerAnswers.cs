namespace Sasl.Saslauthd.Tests.Checkers;

/// <summary>What the other process answered.</summary>
internal sealed record AskerAnswers(IReadOnlyList<PasswordVerdict> Verdicts, IReadOnlyList<string> Warnings);
