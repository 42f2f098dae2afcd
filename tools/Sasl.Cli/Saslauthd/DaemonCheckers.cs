using System.Collections.Immutable;
using System.Net;
using Sasl.Mechanisms;
using Sasl.Saslauthd;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Every checker that <c>sasl saslauthd -a</c> knows, in the order of the original's list.</summary>
internal static class DaemonCheckers
{
    /// <summary>Passwords of a sasldb. A request without a realm is looked up under the host's name, as in the original, which has the one
    /// file that was compiled in; here <c>-O</c> may name another.</summary>
    public static SaslauthdChecker Sasldb { get; } = new("sasldb", static context =>
    {
        var store = new SasldbStore(new SasldbOptions
        {
            Path = context.Option ?? SasldbOptions.DefaultPath,
            DefaultRealm = Dns.GetHostName(),
            ReadOnly = true,
            Warning = context.Warn,
        });
        return new SasldbChecker(
            store, new StoredPasswordVerifier(store, [.. ScramMechanisms.PasswordForms, CyrusPlainForm.Instance, PlainTextForm.Instance], context.Work));
    });

    /// <summary>All of them.</summary>
    public static ImmutableArray<SaslauthdChecker> All { get; } =
    [
        Sasldb, GetpwentVerifier.Checker, KerberosVerifier.Checker, PamVerifier.Checker, RimapVerifier.Checker, ShadowVerifier.Checker, LdapVerifier.Checker,
        HttpFormVerifier.Checker,
    ];

    // Cyrus SASL's for DCE, for Tru64's SIA and for Kerberos 4.
    private static readonly string[] s_notHere = ["dce", "sia", "kerberos4"];

    /// <summary>The names of those that this machine can have.</summary>
    public static string Names => string.Join(' ', All.Where(static checker => checker.MissingOnPlatform is null).Select(static checker => checker.Name));

    /// <summary>Finds one.</summary>
    /// <exception cref="SaslConfigurationException">There is none of that name, or not on this machine.</exception>
    public static SaslauthdChecker Find(string name)
    {
        SaslauthdChecker checker = All.FirstOrDefault(checker => checker.Name == name)
            ?? throw new SaslConfigurationException(s_notHere.Contains(name)
                ? $"the authentication mechanism {name} of other systems is not implemented here; valid are: {Names}"
                : $"unknown authentication mechanism: {Printable.Of(name)}; valid are: {Names}");
        return checker.MissingOnPlatform is { } missing
            ? throw new SaslConfigurationException($"the authentication mechanism {name} cannot be had here: {missing}; valid are: {Names}")
            : checker;
    }

    // The store is the checker's own and ends with it.
    private sealed class SasldbChecker(SasldbStore store, IPasswordVerifier passwords) : IPasswordVerifier, IDisposable
    {
        public ValueTask<PasswordVerdict> VerifyAsync(
            SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken) =>
            passwords.VerifyAsync(user, password, service, cancellationToken);

        public void Dispose() => store.Dispose();
    }
}
