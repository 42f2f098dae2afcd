using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>The probe says why Kerberos cannot be used, and does not throw.</summary>
[Collection(KdcCollection.Name)]
public sealed class SupportTests(KdcFixture realm)
{
    [KdcFact]
    public void A_client_with_a_ticket_and_a_server_with_a_key_can_use_it()
    {
        Assert.True(KerberosSupport.OfClient().IsAvailable);
        Assert.True(KerberosSupport.OfServer("sample", "localhost").IsAvailable);
        Assert.All(KerberosMechanisms.ForServer("sample", "localhost"), static mechanism => Assert.Null(mechanism.MissingOnPlatform));
        Assert.All(KerberosMechanisms.ForClient(), static mechanism => Assert.Null(mechanism.MissingOnPlatform));
    }

    [KdcFact]
    public async Task A_client_without_a_ticket_cannot_and_its_mechanisms_say_so()
    {
        var options = new KerberosOptions { CredentialCache = realm.At("empty") };
        KerberosSupport support = KerberosSupport.OfClient(options);
        Assert.Equal(KerberosProblem.NoTicket, support.Problem);
        Assert.StartsWith("there is no Kerberos ticket (kinit): ", support.Explanation, StringComparison.Ordinal);
        Assert.All(KerberosMechanisms.ForClient(options), mechanism => Assert.Equal(support.Explanation, mechanism.MissingOnPlatform));
        using var client = new SaslClient(new SaslClientOptions { Service = "sample", ServerName = "localhost", Mechanisms = KerberosMechanisms.ForClient(options) });
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync([KerberosMechanisms.GssapiName])).Error);
        Assert.Contains("there is no Kerberos ticket", session.Explain().ToString(), StringComparison.Ordinal);
    }

    [KdcTheory]
    [InlineData("nosuch.keytab", "sample", "localhost")]
    [InlineData("imap.keytab", "sample", "localhost")]
    [InlineData("imap.keytab", "imap", "another.host")]
    [InlineData("", "sample", "localhost")]
    [InlineData("krb5.conf", "sample", "localhost")]
    public void A_server_without_its_key_cannot(string keytab, string service, string host)
    {
        KerberosSupport support = KerberosSupport.OfServer(service, host, new KerberosOptions { Keytab = realm.At(keytab) });
        Assert.Equal(KerberosProblem.NoKey, support.Problem);
        Assert.StartsWith("the keytab cannot be read or has no key for this service: ", support.Explanation, StringComparison.Ordinal);
    }

    [KdcFact]
    public void Names_that_are_none_are_problems_and_no_exceptions()
    {
        Assert.False(KerberosSupport.OfServer("sample", "localhost", new KerberosOptions { ServicePrincipal = "a/b@c@d" }).IsAvailable);
        Assert.False(KerberosSupport.OfServer("sample", "localhost", new KerberosOptions { Keytab = "NOSUCHTYPE:x" }).IsAvailable);
        Assert.False(KerberosSupport.OfClient(new KerberosOptions { CredentialCache = "NOSUCHTYPE:x" }).IsAvailable);
    }

    [Fact]
    public void A_machine_without_a_library_has_the_mechanisms_and_says_why_they_are_missing()
    {
        Assert.Equal(KerberosProblem.NoLibrary, MissingBackend.Instance.ProbeClient(KerberosOptions.Default).Problem);
        Assert.All(KerberosMechanisms.Create(KerberosOptions.Default, MissingBackend.Instance, whyMissing: null), static mechanism => Assert.NotNull(mechanism.MissingOnPlatform));
    }

    [Fact]
    public void Every_problem_is_a_sentence_of_its_own()
    {
        string[] sentences = [.. Enum.GetValues<KerberosProblem>().Select(KerberosVerdict.Explain)];
        Assert.Equal(sentences.Length, sentences.Distinct().Count());
    }

    // Root may read everything, so that the look is another user's.
    [KdcFact("setpriv")]
    public async Task A_keytab_that_may_not_be_read_is_told_from_one_that_is_not_there()
    {
        string keytab = realm.At("secret.keytab");
        File.Copy(realm.Kdc.Keytab, keytab, overwrite: true);
        File.SetUnixFileMode(keytab, UnixFileMode.None);
        string folder = Directory.CreateDirectory(realm.At("explained")).FullName;
        File.WriteAllText(Path.Combine(folder, "sample.conf"), $"mech_list: GSSAPI PLAIN\nkeytab: {keytab}\n");
        string[] anybody = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        string[] look =
        [
            .. anybody, Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "Sasl.Cli.dll"),
            "explain", "sample", "--server-name", "localhost", "--config-dir", folder,
        ];
        string said = await PeerProcess.RunSuccessfullyAsync(new PeerCommand(look[0], look[1..]) { Environment = realm.Kdc.Environment });
        Assert.Contains("GSSAPI", said, StringComparison.Ordinal);
        Assert.Contains("the keytab cannot be read or has no key for this service", said, StringComparison.Ordinal);
        Assert.Contains("Permission denied", said, StringComparison.Ordinal);
    }

    [KdcFact]
    public async Task An_application_that_gives_up_between_two_messages_can_begin_anew()
    {
        using var parties = new Parties();
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        using var given = new CancellationTokenSource();
        SaslReply first = await client.StartAsync([KerberosMechanisms.GssapiName]);
        using SaslServerSession patient = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply answer = await patient.StartAsync(KerberosMechanisms.GssapiName, first.Message!.Value.ToArray());
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await server.StartAsync(KerberosMechanisms.GssapiName, first.Message.Value.ToArray(), given.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.StepAsync(answer.Message!.Value.ToArray(), given.Token));
        Assert.Null(server.Identity);
        Assert.False(client.IsAuthenticated);
        using var login = new Login(server, client);
        await login.GoAsync(KerberosMechanisms.GssapiName);
        Assert.True(login.Succeeded, login.ToString());
    }

    [KdcFact]
    public async Task An_application_that_gives_up_waiting_is_answered_at_once_and_the_call_ends_by_itself()
    {
        using var parties = new Parties();
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.StartAsync([KerberosMechanisms.GssapiName], given.Token));
        using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.True(login.Succeeded, login.ToString());
    }
}
