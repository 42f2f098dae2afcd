using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>Numbers that a peer writes: no memory and no work is spent on them before they are found within bounds.</summary>
public sealed class NumbersCostNothingTests
{
    [Theory]
    [InlineData("i=2147483647")]
    [InlineData("i=1000001")]
    [InlineData("i=99999999999999999999999999")]
    [InlineData("i=4095")]
    public async Task An_iteration_count_out_of_bounds_costs_no_derivation(string count)
    {
        var hash = new Mechanisms.Tests.CountingHash();
        SaslMechanism mechanism = ScramMechanisms.Create(hash, plus: false, ScramOptions.Default);
        using SaslSecret password = SaslSecret.FromText("pencil");
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp", ServerName = "mail.example.com", Mechanisms = [mechanism], UserName = "alice", Password = password,
        });
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        string nonce = Encoding.ASCII.GetString((await session.StartAsync([mechanism.Name])).Message!.Value.Span).Split("r=")[1];
        byte[] challenge = Encoding.ASCII.GetBytes($"r={nonce}x,s=QSXCR+Q6sek8bf92,{count}");
        long before = GC.GetAllocatedBytesForCurrentThread();
        SaslReply reply = await session.StepAsync(challenge);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024);
        Assert.Equal(SaslStatus.Failure, reply.Status);
        Assert.Equal(default, hash.TakeWork());
    }

    [Fact]
    public async Task A_salt_that_is_longer_than_any_is_refused_before_anything_is_made_of_it()
    {
        using var world = new World();
        using SaslClientSession session = world.NewClient().CreateSession(SaslChannel.Plaintext);
        string nonce = Encoding.ASCII.GetString((await session.StartAsync(["SCRAM-SHA-256"])).Message!.Value.Span).Split("r=")[1];
        SaslReply reply = await session.StepAsync(Encoding.ASCII.GetBytes($"r={nonce}x,s={Convert.ToBase64String(new byte[1025])},i=1"));
        Assert.Equal(SaslError.Malformed, reply.Error);
    }
}
