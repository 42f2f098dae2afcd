namespace Sasl.Saslauthd;

/// <summary>A question for saslauthd as it is sent, for whoever has its parts already, such as <c>testsaslauthd</c>: nothing is split.</summary>
/// <param name="Name">Who logs in.</param>
/// <param name="Service">The service's registered name: <c>smtp</c>.</param>
/// <param name="Realm">The realm; may be empty.</param>
/// <param name="Client">The client's address and port, as <c>192.0.2.1;40000</c>; null sends four strings and not five.</param>
public sealed record SaslauthdLogin(string Name, string Service, string Realm, string? Client = null);
