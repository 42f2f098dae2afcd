using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>One KDC for all tests of this process, whose Kerberos library is told of it; none where it is not installed. The service is
/// sample on localhost; alice, bob and root have tickets.</summary>
public sealed class KdcFixture : IAsyncLifetime
{
    /// <summary>The programs that it starts.</summary>
    public static readonly string[] Programs = ["krb5kdc", "kdb5_util", "kadmin.local", "kinit"];

    private KdcPeer? _kdc;
    private KdcPeer? _partner;

    public KdcPeer Kdc => _kdc ?? throw new MissingPeerException(PeerPrograms.WhatIsMissing(Programs)!);

    public string CacheOf(string user) => Path.Combine(Kdc.Folder, $"ccache-{user}");

    public string At(string name) => Path.Combine(Kdc.Folder, name);

    public async Task InitializeAsync()
    {
        if (PeerPrograms.WhatIsMissing(Programs) is not null)
            return;
        _kdc = await KdcPeer.StartAsync();
        await _kdc.AddServiceAsync("sample/localhost");
        await _kdc.AddServiceAsync("imap/localhost", At("imap.keytab"));
        foreach (string user in (string[])["bob", "root", "odd/name", "al\\@ice"])
            await _kdc.AddUserAsync(user, "secret");
        await _kdc.TakeTicketAsync("alice", "secret");
        foreach (string user in (string[])["alice", "bob", "root"])
            await _kdc.TakeTicketAsync(user, "secret", CacheOf(user), "-f");
        await _kdc.TakeTicketAsync("al\\@ice", "secret", CacheOf("escaped"));
        NativeEnvironment.Set(_kdc.Environment);
    }

    /// <summary>A second realm, which the first one trusts, with users alice and carol. Started when it is first asked for. A rule of krb5.conf calls its users by
    /// their names alone, for programs that ask for local names.</summary>
    public async Task<KdcPeer> PartnerAsync()
    {
        if (_partner is null)
        {
            _partner = await KdcPeer.StartAsync("PARTNER.TEST");
            await Kdc.TrustAsync(_partner);
            await File.AppendAllTextAsync(Kdc.ConfigurationFile, $$"""
                [realms]
                  {{Kdc.Realm}} = {
                    auth_to_local = RULE:[1:$1@$0](.*@PARTNER\.TEST)s/@.*//
                    auth_to_local = DEFAULT
                  }

                """);
            await _partner.AddUserAsync("carol", "secret");
        }
        return _partner;
    }

    public async Task DisposeAsync()
    {
        if (_partner is not null)
            await _partner.DisposeAsync();
        if (_kdc is not null)
            await _kdc.DisposeAsync();
    }
}
