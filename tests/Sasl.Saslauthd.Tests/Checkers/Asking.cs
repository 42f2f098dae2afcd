using System.Net;
using System.Text;

namespace Sasl.Saslauthd.Tests.Checkers;

/// <summary>Asks a verifier in the tests' words.</summary>
internal static class Asking
{
    /// <summary>The service <c>smtp</c> on localhost, or another, with no realm and an unknown client.</summary>
    public static SaslServiceInfo Service(string name = "smtp", EndPoint? remote = null) =>
        new(name, "localhost", "", SaslChannel.Plaintext with { Remote = remote });

    /// <summary>Asks whether a password is right.</summary>
    public static ValueTask<PasswordVerdict> AskAsync(
        this IPasswordVerifier verifier, string name, string password, string service = "smtp", string realm = "") =>
        verifier.VerifyAsync(new SaslUser(name, realm), Encoding.UTF8.GetBytes(password), Service(service), default);

    /// <summary>Asks whether a password is right.</summary>
    public static ValueTask<PasswordVerdict> AskAsync(
        this IPasswordVerifier verifier, string name, byte[] password, string service = "smtp", string realm = "") =>
        verifier.VerifyAsync(new SaslUser(name, realm), password, Service(service), default);
}
