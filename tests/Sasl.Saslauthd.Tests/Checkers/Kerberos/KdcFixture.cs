using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Checkers.Kerberos;

/// <summary>One KDC for all tests that do not stop it; none where it is not installed.</summary>
public sealed class KdcFixture : IAsyncLifetime
{
    private KdcPeer? _kdc;

    /// <summary>The KDC.</summary>
    public KdcPeer Kdc => _kdc ?? throw new MissingPeerException(PeerPrograms.WhatIsMissing("krb5kdc", "kdb5_util", "kadmin.local")!);

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (PeerPrograms.WhatIsMissing("krb5kdc", "kdb5_util", "kadmin.local") is not null)
            return;
        _kdc = await KdcPeer.StartAsync();
        await _kdc.AddUserAsync("utf8", "Kennwort-ÄÖ-密码");
        await _kdc.AddUserAsync("long", new string('l', 500));
        await _kdc.AddUserAsync("preauth", "secret", "+requires_preauth");
        await _kdc.AddUserAsync("locked", "secret", "-allow_tix");
        await _kdc.AddUserAsync("closed", "secret", "-expire", "2001-01-01");
        await _kdc.AddUserAsync("stale", "secret", "-pwexpire", "2001-01-01");
        await _kdc.AddUserAsync("mustchange", "secret", "+needchange");
        await _kdc.AddUserAsync("alice/mail", "mailsecret");
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_kdc is not null)
            await _kdc.DisposeAsync();
    }
}
