namespace Sasl.Saslauthd;

/// <summary>One login.</summary>
internal sealed record LdapRequest(SaslUser User, string Service, ReadOnlyMemory<byte> Password, LdapDeadline Deadline);
