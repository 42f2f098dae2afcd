namespace Sasl.Saslauthd;

/// <summary>The directory could not do something. The message names the step and the library's words for the code; nothing a server said is in it.</summary>
internal sealed class LdapFault(string step, int code, string meaning) : Exception($"{step}: {meaning}")
{
    /// <summary>The result code: of the server where positive, of the library where negative.</summary>
    public int Code => code;

    /// <summary>Whether the connection is of no more use, and another one may be.</summary>
    public bool IsLostConnection => code is LdapCode.ServerDown or LdapCode.ConnectError or LdapCode.Busy or LdapCode.Unavailable;
}
