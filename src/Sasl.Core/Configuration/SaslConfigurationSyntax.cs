namespace Sasl;

/// <summary>Whose configuration file a text is. Cyrus SASL's two parsers differ in the end of a line.</summary>
public enum SaslConfigurationSyntax
{
    /// <summary>An application's, such as <c>smtpd.conf</c>, as <c>lib/config.c</c> reads it: white space at the end of a value does not count.</summary>
    Application,

    /// <summary><c>saslauthd.conf</c>, as <c>saslauthd/cfile.c</c> reads it: white space at the end of a value belongs to it. Only the carriage
    /// return of a CR LF does not, which the original keeps, too.</summary>
    Saslauthd,
}
