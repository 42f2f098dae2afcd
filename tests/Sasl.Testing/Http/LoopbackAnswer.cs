namespace Sasl.Testing.Http;

/// <summary>What a <see cref="LoopbackHttp"/> answers.</summary>
/// <param name="Body">The body.</param>
/// <param name="Status">The status code.</param>
/// <param name="Location">The Location field; null for none.</param>
public sealed record LoopbackAnswer(string Body, int Status = 200, string? Location = null);
