using System.Globalization;
using System.Net;

namespace Sasl.Saslauthd;

/// <summary>The client's address as Cyrus SASL writes it: address, semicolon, port (<c>sasl_server_new</c>, IPREMOTEPORT).</summary>
internal static class SaslauthdClientAddress
{
    /// <summary>Writes an address.</summary>
    /// <param name="endPoint">Whence the client has come; null when that is not known.</param>
    /// <returns>Such as <c>192.0.2.1;40000</c> or <c>2001:db8::1;40000</c>; empty when it is no Internet address.</returns>
    public static string Of(EndPoint? endPoint) => endPoint is IPEndPoint { Address: var address, Port: var port }
        ? string.Create(CultureInfo.InvariantCulture, $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)};{port}")
        : "";
}
