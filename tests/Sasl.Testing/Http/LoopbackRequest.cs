namespace Sasl.Testing.Http;

/// <summary>What a <see cref="LoopbackHttp"/> was asked.</summary>
/// <param name="Method">GET, POST.</param>
/// <param name="Path">The path, without a query.</param>
/// <param name="Authorization">The Authorization field; null without one.</param>
/// <param name="Body">The body.</param>
public sealed record LoopbackRequest(string Method, string Path, string? Authorization, string Body);
