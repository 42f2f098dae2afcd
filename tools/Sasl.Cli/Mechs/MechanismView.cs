using System.Collections.Immutable;
using Sasl.Cli.Sample;
using Sasl.Kerberos;

namespace Sasl.Cli;

/// <summary>Writes what pluginviewer writes: what there is, what fits, and what each promises.</summary>
/// <param name="output">Where to.</param>
/// <param name="mechanisms">All there are, strongest first.</param>
/// <param name="named">Only these; null for all.</param>
/// <param name="policy">What is required of them.</param>
/// <param name="channel">What the channel below gives.</param>
internal sealed class MechanismView(
    TextWriter output, ImmutableArray<SaslMechanism> mechanisms, IReadOnlyList<string>? named, SaslPolicy policy, SaslChannel channel)
{
    private const int StoreApi = 8;        // SASL_AUXPROP_PLUG_VERSION of Cyrus SASL 2.1.28
    private const int MechanismApi = 4;    // SASL_SERVER_PLUG_VERSION, SASL_CLIENT_PLUG_VERSION

    // Its client begins where it remembers an earlier login (RFC 2831 section 2.2); LOGIN's, the other one that might, waits.
    private const string MayBegin = "DIGEST-MD5";

    // The order in which pluginviewer prints them.
    private static readonly (SaslSecurityFlags Flag, string Name)[] s_flags =
    [
        (SaslSecurityFlags.NoAnonymous, "NO_ANONYMOUS"),
        (SaslSecurityFlags.NoPlaintext, "NO_PLAINTEXT"),
        (SaslSecurityFlags.NoActive, "NO_ACTIVE"),
        (SaslSecurityFlags.NoDictionary, "NO_DICTIONARY"),
        (SaslSecurityFlags.ForwardSecrecy, "FORWARD_SECRECY"),
        (SaslSecurityFlags.PassCredentials, "PASS_CREDENTIALS"),
        (SaslSecurityFlags.MutualAuth, "MUTUAL_AUTH"),
    ];

    // Cyrus SASL counts a mechanism and its -PLUS variant as one.
    private IEnumerable<SaslMechanism> Present => mechanisms.Where(static mechanism => mechanism.Name == mechanism.BaseName && mechanism.MissingOnPlatform is null);

    public async Task WriteStoresAsync(IReadOnlyList<string> stores, string? wanted)
    {
        string[]? words = wanted?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        await output.WriteLineAsync("Installed and properly configured auxprop mechanisms are:");
        await output.WriteLineAsync(string.Join(' ', stores));
        await output.WriteLineAsync("List of auxprop plugins follows");
        foreach (string store in stores.Where(store => words?.Contains(store, StringComparer.OrdinalIgnoreCase) is not false))
        {
            await output.WriteLineAsync($"Plugin \"{store}\" , \tAPI version: {StoreApi}");
            await output.WriteLineAsync("\tsupports store: yes");
        }
        await output.WriteLineAsync();
    }

    public async Task WriteServersAsync()
    {
        SaslMechanism[] servers = [.. Present.Where(static mechanism => mechanism.Server is not null)];
        // A server offers EXTERNAL only to somebody whom the channel has named; a client does not know what the server knows.
        bool CanBegin(SaslMechanism mechanism) => !mechanism.ServerNeeds.HasFlag(SaslServerNeeds.ExternalIdentity) || channel.ExternalIdentity is not null;
        foreach (SaslMechanism mechanism in await WriteNamesAsync("server", servers, CanBegin))
            await WriteAsync(mechanism, $", supports setpass: {(SetsPassword(mechanism) ? "yes" : "no")}", FeaturesOf(mechanism, isServer: true));
    }

    public async Task WriteClientsAsync()
    {
        SaslMechanism[] clients = [.. Present.Where(static mechanism => mechanism.Client is not null)];
        foreach (SaslMechanism mechanism in await WriteNamesAsync("client", clients, static _ => true))
            await WriteAsync(mechanism, "", FeaturesOf(mechanism, isServer: false));
    }

    private async Task<SaslMechanism[]> WriteNamesAsync(string side, SaslMechanism[] present, Func<SaslMechanism, bool> canBegin)
    {
        await output.WriteLineAsync($"Installed and properly configured SASL ({side} side) mechanisms are:");
        await output.WriteLineAsync($"  {string.Join(' ', present.Select(static mechanism => mechanism.Name))}");
        SaslMechanism[] chosen = [.. present.Where(IsNamed)];
        if (chosen.Length == 0)
            throw new SampleException("Listing SASL mechanisms: no mechanism available");
        SaslPolicy judge = policy with { Allow = [.. chosen.Select(static mechanism => mechanism.Name)] };
        SaslMechanism[] fit = [.. chosen.Where(mechanism => canBegin(mechanism) && judge.Judge(mechanism, channel) is SelectionReason.Offered)];
        if (fit.Length == 0)
        {
            await output.WriteLineAsync($"No {side} side SASL mechanisms matching your criteria found");
            return fit;
        }
        await output.WriteLineAsync($"Available SASL ({side} side) mechanisms matching your criteria are:");
        await output.WriteLineAsync($"  {string.Join(' ', fit.Select(static mechanism => mechanism.Name))}");
        await output.WriteLineAsync($"List of {side} plugins follows");
        return fit;
    }

    private async Task WriteAsync(SaslMechanism mechanism, string setPassword, IEnumerable<string> features)
    {
        await output.WriteLineAsync($"Plugin \"{PluginOf(mechanism)}\" [loaded], \tAPI version: {MechanismApi}");
        await output.WriteLineAsync($"\tSASL mechanism: {mechanism.Name}, best SSF: {mechanism.MaxSsf}{setPassword}");
        IEnumerable<string> promises = s_flags.Where(pair => mechanism.Security.HasFlag(pair.Flag)).Select(static pair => pair.Name);
        await output.WriteLineAsync($"\tsecurity flags: {string.Join('|', promises)}");
        await output.WriteLineAsync($"\tfeatures: {string.Join('|', features)}".TrimEnd(' '));
    }

    private IEnumerable<string> FeaturesOf(SaslMechanism mechanism, bool isServer)
    {
        if (mechanism.FirstMove is SaslFirstMove.Client)
            yield return "WANT_CLIENT_FIRST";
        if (mechanism.FirstMove is SaslFirstMove.Server || (mechanism.FirstMove is SaslFirstMove.Either && !isServer && mechanism.Name != MayBegin))
            yield return "SERVER_FIRST";
        if (mechanism.AllowsProxy)
            yield return "PROXY_AUTHENTICATION";
        if (isServer && mechanism.ServerNeeds is SaslServerNeeds.Nothing && mechanism.Name != KerberosMechanisms.Gs2Name)    // as Cyrus SASL has it
            yield return "DONTUSE_USERPASSWD";
        if (!isServer && mechanism.ClientNeeds.HasFlag(SaslClientNeeds.ServerName))
            yield return "NEED_SERVER_FQDN";
        if (mechanism.Name == KerberosMechanisms.Gs2Name)
            yield return "GSS_FRAMING";
        if (mechanisms.Any(other => other.BaseName == mechanism.Name && other.RequiresChannelBinding))
            yield return "CHANNEL_BINDING";
    }

    private bool SetsPassword(SaslMechanism mechanism) =>
        mechanisms.Any(other => other.BaseName == mechanism.Name && other.DeriveSecrets is not null);

    private bool IsNamed(SaslMechanism mechanism) => named?.Contains(mechanism.Name, StringComparer.OrdinalIgnoreCase) is not false;

    // Cyrus SASL's names for its plug-ins: one for all of SCRAM, no hyphens, and EXTERNAL is not one.
    private static string PluginOf(SaslMechanism mechanism) =>
        mechanism.Name.StartsWith("SCRAM-", StringComparison.Ordinal) ? "scram"
        : mechanism.Name.StartsWith("PASSDSS-", StringComparison.Ordinal) ? "passdss"
        : mechanism.Name is KerberosMechanisms.GssapiName or KerberosMechanisms.SpnegoName ? "gssapiv2"
        : mechanism.Name is KerberosMechanisms.Gs2Name ? "gs2"
        : mechanism.ServerNeeds.HasFlag(SaslServerNeeds.ExternalIdentity) ? mechanism.Name
        : mechanism.Name.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
