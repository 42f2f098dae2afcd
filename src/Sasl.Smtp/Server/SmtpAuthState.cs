namespace Sasl.Smtp;

/// <summary>Where an SMTP connection stands with AUTH.</summary>
public enum SmtpAuthState
{
    /// <summary>Commands are awaited; AUTH may be one of them.</summary>
    ExpectCommand,

    /// <summary>An exchange is under way: the next line is a response, whatever it says, and never a command.</summary>
    ExpectResponse,

    /// <summary>The client is authenticated and authorised; a further AUTH is refused.</summary>
    Authenticated,
}
