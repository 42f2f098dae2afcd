using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>Who does not get in, and what is said about it.</summary>
[Collection(KdcCollection.Name)]
public sealed class RefusalTests(KdcFixture realm)
{
    public static TheoryData<string> Mechanisms => [.. Parties.All];

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_client_without_a_ticket_says_so(string mechanism)
    {
        var said = new List<string>();
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = realm.At("empty"), Warn = said.Add });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.InvalidCredentials, login.ClientEnd.Error);
        Assert.Equal("there is no Kerberos ticket (kinit)", login.Client.FailureDetail);
        Assert.True(Assert.Single(said).Contains("No credentials cache found", StringComparison.Ordinal), said[0]);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_server_without_a_key_fails_for_the_moment_and_tells_its_administrator(string mechanism)
    {
        var said = new List<string>();
        using var parties = new Parties(server: new KerberosOptions { Keytab = realm.At("none.keytab"), Warn = said.Add });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.TemporaryFailure, login.ServerEnd.Error);
        Assert.Equal("the keytab cannot be read or has no key for this service", Assert.Single(parties.Observer.Diagnostics));
        Assert.True(Assert.Single(said).Contains("none.keytab", StringComparison.Ordinal), said[0]);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_ticket_for_a_service_that_nobody_knows_is_not_to_be_had(string mechanism)
    {
        using var parties = new Parties(service: "nosuch");
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.InvalidCredentials, login.ClientEnd.Error);
        AssertSaid(mechanism, "the KDC knows no such service, or no way to its realm", login.Client.FailureDetail);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_ticket_for_another_service_lets_nobody_in(string mechanism)
    {
        using var parties = new Parties(client: new KerberosOptions { ServicePrincipal = "imap@localhost" });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.InvalidCredentials, login.ServerEnd.Error);
        AssertSilent(parties, login);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_ticket_made_with_another_key_lets_nobody_in(string mechanism)
    {
        // Another realm's KDC made a key of the same name and version.
        await using KdcPeer other = await KdcPeer.StartAsync(realm.Kdc.Realm);
        await other.AddServiceAsync("sample/localhost");
        using var parties = new Parties(server: new KerberosOptions { Keytab = other.Keytab });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.InvalidCredentials, login.ServerEnd.Error);
        AssertSaid(mechanism, "the ticket does not open with the key in the keytab", Assert.Single(parties.Observer.Diagnostics));
        AssertSilent(parties, login);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task An_expired_ticket_is_called_expired(string mechanism)
    {
        string cache = realm.At("ccache-expired");
        await realm.Kdc.TakeTicketAsync("alice", "secret", cache, "-l", "1h");
        TicketFile.Expire(cache, TimeSpan.FromHours(1));
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = cache });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.InvalidCredentials, login.ClientEnd.Error);
        Assert.Equal("the Kerberos ticket has expired", login.Client.FailureDetail);
        Assert.Equal(KerberosProblem.TicketExpired, KerberosSupport.OfClient(new KerberosOptions { CredentialCache = cache }).Problem);
    }

    // The ticket for the service is there already, so that the client asks no KDC.
    [KdcTheory("kvno")]
    [MemberData(nameof(Mechanisms))]
    public async Task A_server_says_that_the_clocks_differ(string mechanism)
    {
        string cache = realm.At("ccache-ahead");
        await realm.Kdc.TakeTicketAsync("alice", "secret", cache);
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("kvno", "-c", cache, "sample/localhost") { Environment = realm.Kdc.Environment });
        TicketFile.ShiftClock(cache, TimeSpan.FromHours(1));
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = cache });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.InvalidCredentials, login.ServerEnd.Error);
        AssertSaid(mechanism, "the clocks of client, server and KDC differ too much", Assert.Single(parties.Observer.Diagnostics));
        AssertSilent(parties, login);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_client_says_that_the_KDC_has_another_clock(string mechanism)
    {
        string cache = realm.At("ccache-ahead-of-kdc");
        await realm.Kdc.TakeTicketAsync("alice", "secret", cache);
        TicketFile.ShiftClock(cache, TimeSpan.FromHours(1));
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = cache });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.InvalidCredentials, login.ClientEnd.Error);
        AssertSaid(mechanism, "the clocks of client, server and KDC differ too much", login.Client.FailureDetail);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_token_that_comes_a_second_time_lets_nobody_in(string mechanism)
    {
        using var parties = new Parties();
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.True(login.Succeeded, login.ToString());
        using var remembering = new ReplayCache(realm.At("rcache"));
        using Login first = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.True(first.Succeeded, first.ToString());
        using SaslServerSession again = parties.Server.CreateSession(Parties.ChannelFor(mechanism));
        SaslReply reply = await again.StartAsync(mechanism, first.Said[0]);
        Assert.Equal(SaslError.InvalidCredentials, reply.Error);
        AssertSaid(mechanism, "the Kerberos token was seen before", parties.Observer.Diagnostics[^1]);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task No_changed_octet_of_any_message_leads_to_a_login(string mechanism)
    {
        using var parties = new Parties(serverMax: 256, clientMax: 256);
        using Login good = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.True(good.Succeeded, good.ToString());
        for (int message = 0; message < good.Said.Count; message++)
        {
            int length = good.Said[message].Length;
            for (int place = 0; place < length; place += Math.Max(1, length / 60))
            {
                int number = message, octet = place;
                using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism), meddle: (i, octets) =>
                {
                    if (i == number && octet < octets.Length)
                        octets[octet] ^= 0x20;
                    return octets;
                });
                Assert.False(login.Succeeded && IsProtected(mechanism, login, number, octet), $"message {number}, octet {octet}: {login}");
            }
        }
        Assert.Empty(parties.Observer.Exceptions);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task No_truncated_and_no_made_up_message_leads_to_a_login_or_throws(string mechanism)
    {
        using var parties = new Parties(serverMax: 256, clientMax: 256);
        using Login good = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        var random = new Random(5801);
        for (int message = 0; message < good.Said.Count; message++)
        {
            if (good.Said[message].Length == 0)
                continue;
            for (int round = 0; round < 40; round++)
            {
                int number = message;
                using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism), meddle: (i, octets) =>
                {
                    if (i != number)
                        return octets;
                    byte[] noise = new byte[random.Next(300)];
                    random.NextBytes(noise);
                    return round % 2 == 0 ? octets[..random.Next(octets.Length)] : noise;
                });
                Assert.False(login.Succeeded, $"message {number}, round {round}: {login}");
            }
        }
        Assert.Empty(parties.Observer.Exceptions);
    }

    // Nothing that was sent and no name of a principal is in what an observer gets.
    private static void AssertSilent(Parties parties, Login login)
    {
        foreach (string diagnostic in parties.Observer.Diagnostics)
        {
            Assert.DoesNotContain("alice", diagnostic, StringComparison.Ordinal);
            Assert.DoesNotContain("localhost", diagnostic, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("localhost", login.Client.FailureDetail ?? "", StringComparison.Ordinal);
    }

    // MIT's SPNEGO numbers Kerberos's codes anew, depending on what happened before in the process.
    private static void AssertSaid(string mechanism, string expected, string? said) =>
        Assert.Contains(said, mechanism == KerberosMechanisms.SpnegoName ? [expected, "Kerberos refused"] : new[] { expected });

    // Lengths and tags around the tickets have more than one spelling, and octets 6 and 7 of a sealed buffer say how far it is rotated
    // (RFC 4121 section 4.2.5): what such a change leaves is the same login.
    private static bool IsProtected(string mechanism, Login login, int message, int octet) =>
        login.Server.Identity!.Authorized.Name != "alice" || (mechanism == KerberosMechanisms.GssapiName && message >= 2 && octet is not (6 or 7));
}
