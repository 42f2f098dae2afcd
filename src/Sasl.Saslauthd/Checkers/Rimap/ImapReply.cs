namespace Sasl.Saslauthd;

/// <summary>The end of one command: its status and its response code, such as <c>AUTHENTICATIONFAILED</c> (RFC 5530), in upper case; empty where none came.</summary>
internal readonly record struct ImapReply(ImapStatus Status, string Code = "");
