namespace Sasl.Mechanisms;

/// <summary>ANONYMOUS, RFC 4505: nobody in particular. Used only where a list names it and the policy does not say noanonymous.</summary>
internal static class AnonymousMechanism
{
    public static readonly SaslMechanism Anonymous = new("ANONYMOUS")
    {
        Security = SaslSecurityFlags.NoPlaintext,
        FirstMove = SaslFirstMove.Client,
        OnlyWhenNamed = true,
        Server = static context => new AnonymousServer(context),
        Client = static context => new AnonymousClient(context),
    };
}
