namespace Sasl.Saslauthd;

/// <summary>The strings of a request, in the order in which they are sent.</summary>
internal enum SaslauthdField
{
    /// <summary>Who logs in, without the realm.</summary>
    Login,

    /// <summary>The password.</summary>
    Password,

    /// <summary>The service's registered name: <c>smtp</c>.</summary>
    Service,

    /// <summary>The realm; may be empty.</summary>
    Realm,

    /// <summary>The client's address and port, as <c>192.0.2.1;40000</c>, or nothing. Only the development version of Cyrus SASL sends it.</summary>
    Client,
}
