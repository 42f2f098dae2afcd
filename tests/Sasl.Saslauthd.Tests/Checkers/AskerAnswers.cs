namespace Sasl.Saslauthd.Tests.Checkers;

/// <summary>What the other process answered.</summary>
/// <param name="Verdicts">Its answers.</param>
/// <param name="Warnings">What the checker warned of.</param>
/// <param name="Files">How many more files were open at the end than after 200 checks.</param>
/// <param name="Memory">How many more KiB the C libraries held then.</param>
internal sealed record AskerAnswers(IReadOnlyList<PasswordVerdict> Verdicts, IReadOnlyList<string> Warnings, int Files, long Memory);
