namespace Sasl.Mechanisms;

/// <summary>What a client's first message says.</summary>
/// <param name="UserName">Who the client wants to be; null when it did not say. The token decides who it is.</param>
/// <param name="Authorization">Where in the message the value of <c>auth</c> is.</param>
internal readonly record struct OAuthRequest(string? UserName, Range Authorization);
