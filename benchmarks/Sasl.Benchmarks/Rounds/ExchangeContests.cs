using static Sasl.Benchmarks.Party;

namespace Sasl.Benchmarks;

/// <summary>Conversations: both halves, the server's half, the client's half.</summary>
internal static class ExchangeContests
{
    // go-sasl's PLAIN as ../shared/performance.md recorded it: Go cannot run in this process.
    private const double GoSaslPlain = 465;

    private const string NotInGnuSasl = "SCRAM-SHA-512";

    // It wants a URI that only MailKit's own connections can set.
    private const string NotAloneInMailKit = "DIGEST-MD5";

    private static readonly string[] s_classic = ["PLAIN", "LOGIN", "ANONYMOUS", "CRAM-MD5", "DIGEST-MD5"];
    private static readonly string[] s_scram = ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"];

    /// <summary>Both contexts created, the conversation, both disposed.</summary>
    public static IEnumerable<Contest> Whole =>
    [
        Both("PLAIN", Goal.Times(Peer.Cyrus, 20), Goal.Shown(Peer.Gnu), Goal.FasterThan(Peer.GoSasl, GoSaslPlain), Goal.NoMore(200)),
        Both("LOGIN", Goal.Times(Peer.Cyrus, 20), Goal.Shown(Peer.Gnu)),
        Both("ANONYMOUS", Goal.Times(Peer.Cyrus, 20), Goal.Shown(Peer.Gnu)),
        Both("EXTERNAL", Goal.Times(Peer.Cyrus, 20), Goal.Shown(Peer.Gnu)),
        Both("CRAM-MD5", Goal.Times(Peer.Cyrus, 5), Goal.Times(Peer.Gnu, 5)),
        Both("DIGEST-MD5", Goal.Times(Peer.Cyrus, 3.5), Goal.Times(Peer.Gnu, 2)),
        .. s_scram.Select(static mechanism => new Contest(
            $"{mechanism}, both halves, keys cached (libsasl2: 1 iteration)",
            () => Everybody(mechanism, Kept.KeysAndCache, static duel => duel.Whole),
            [Goal.Shown(Peer.Cyrus), .. GnuIfItHas(mechanism), Goal.NoMore(1250)])),
    ];

    /// <summary>The server's calls.</summary>
    public static IEnumerable<Contest> Server =>
    [
        new("PLAIN, server half, password in memory", static () => Everybody("PLAIN", Kept.PlainText, static duel => duel.ServerHalfOfOneMessage),
            Goal.Times(Peer.Cyrus, 8), Goal.Shown(Peer.Gnu)),
        Half("CRAM-MD5"),
        Half("DIGEST-MD5"),
        .. s_scram.Select(static mechanism => new Contest(
            $"{mechanism}, server half, stored keys (libsasl2: 1 iteration)",
            () => Everybody(mechanism, Kept.KeysAndCache, static duel => duel.ServerHalf),
            [Goal.Times(Peer.Cyrus, 2.5), .. GnuIfItHas(mechanism)])),
        .. s_scram.Select(static mechanism => new Contest(
            $"{mechanism}, server half, plain text in the store, from the second login on",
            () => Everybody(mechanism, Kept.PlainText, static duel => duel.ServerHalf),
            [Goal.Times(Peer.Cyrus, 1000), .. GnuIfItHas(mechanism)])),
    ];

    /// <summary>The client's calls.</summary>
    public static IEnumerable<Contest> Client =>
    [
        .. s_classic.Select(static mechanism => new Contest(
            $"{mechanism}, client half",
            () => [.. Everybody(mechanism, Kept.PlainText, static duel => duel.ClientHalf), .. mechanism == NotAloneInMailKit ? Array.Empty<Contestant>() : [MailKitAgainstUs(mechanism)]],
            [Goal.Shown(Peer.Cyrus), .. mechanism == NotAloneInMailKit ? Array.Empty<Goal>() : [Goal.Shown(Peer.MailKit)]])),
        .. s_scram.Select(static mechanism => new Contest(
            $"{mechanism}, client half, first login, {Account.Iterations} iterations",
            () => [.. Everybody(mechanism, Kept.Keys, static duel => duel.ClientHalf), MailKitAgainstUs(mechanism), FloorContests.Pbkdf2(mechanism)],
            [Goal.Within(Peer.Platform, 3), Goal.Times(Peer.Cyrus, 5), Goal.Times(Peer.MailKit, 2.5), .. GnuIfItHas(mechanism)])),
        .. s_scram.Select(static mechanism => new Contest(
            $"{mechanism}, client half, next login to the same server",
            () =>
            [
                Ours(mechanism, Kept.KeysAndCache, static duel => duel.ClientHalf),
                .. Peer.IsThere(Peer.Cyrus) ? [Cyrus(mechanism, Kept.Keys, static duel => duel.ClientHalf)] : Array.Empty<Contestant>(),
            ],
            Goal.Times(Peer.Cyrus, 500))),
    ];

    private static Goal[] GnuIfItHas(string mechanism) => mechanism == NotInGnuSasl ? [] : [Goal.Shown(Peer.Gnu)];

    private static Contest Both(string mechanism, params Goal[] goals) =>
        new($"{mechanism}, both halves", () => Everybody(mechanism, Kept.PlainText, static duel => duel.Whole), goals);

    private static Contest Half(string mechanism) => new(
        $"{mechanism}, server half, password in memory", () => Everybody(mechanism, Kept.PlainText, static duel => duel.ServerHalf),
        Goal.Shown(Peer.Cyrus), Goal.Shown(Peer.Gnu));

    private static Contestant[] Everybody(string mechanism, Kept kept, Func<Duel, Func<int, double>> part) =>
    [
        Ours(mechanism, kept, part),
        .. Peer.IsThere(Peer.Cyrus) ? [Cyrus(mechanism, kept, part)] : Array.Empty<Contestant>(),
        .. Peer.IsThere(Peer.Gnu) && mechanism != NotInGnuSasl ? [Gnu(mechanism, kept, part)] : Array.Empty<Contestant>(),
    ];
}
