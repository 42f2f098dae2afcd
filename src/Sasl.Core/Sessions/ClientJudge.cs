namespace Sasl;

/// <summary>Decides which mechanisms a client may use on a channel against what a server offers.</summary>
internal static class ClientJudge
{
    public static SelectionReason Judge(SaslMechanism mechanism, ClientSessionContext context, SaslClientOptions options) =>
        mechanism.Client is null ? SelectionReason.NoSuchSide
        : !IsOffered(mechanism.Name, context.OfferedNames) ? SelectionReason.NotOfferedByPeer
        : options.Policy.Judge(mechanism, context.Connection) is not SelectionReason.Offered and var byPolicy ? byPolicy
        : mechanism.RequiresChannelBinding && context.ChannelBindingType is null ? SelectionReason.NoBinding
        : Missing(mechanism.ClientNeeds, context) is not null ? SelectionReason.NoCredential
        : mechanism.ClientNeeds.HasFlag(SaslClientNeeds.ExternalIdentity) && context.Connection.ExternalIdentity is null
            ? SelectionReason.NoExternalIdentity
        : context.AuthorizationId is not null && !mechanism.AllowsProxy ? SelectionReason.NoProxy
        : SelectionReason.Offered;

    public static SelectionReport Explain(SaslClient client, ClientSessionContext context)
    {
        IEnumerable<SelectionEntry> entries = client.Ordered.Select(mechanism =>
        {
            SelectionReason reason = Judge(mechanism, context, client.Options);
            string missing = Missing(mechanism.ClientNeeds, context) ?? "credential";
            return new SelectionEntry(mechanism.Name, reason, SelectionText.ForClient(
                reason, mechanism, client.Options.Policy, context.Connection, missing));
        });
        return new SelectionReport(
            context.Connection.ExternalSsf > 1 ? "under TLS" : "without TLS",
            [.. entries.OrderBy(static entry => entry.IsOffered ? 0 : 1)]);
    }

    private static bool IsOffered(string name, string[] offered)
    {
        foreach (string one in offered)
        {
            if (one.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static string? Missing(SaslClientNeeds needs, ClientSessionContext context) =>
        needs.HasFlag(SaslClientNeeds.UserName) && string.IsNullOrEmpty(context.UserName) ? "user name"
        : needs.HasFlag(SaslClientNeeds.Password) && context.Password is null ? "password"
        : needs.HasFlag(SaslClientNeeds.AccessToken) && context.AccessToken is null ? "access token"
        : needs.HasFlag(SaslClientNeeds.ServerName) && string.IsNullOrEmpty(context.Service.ServerName) ? "server name"
        : null;
}
