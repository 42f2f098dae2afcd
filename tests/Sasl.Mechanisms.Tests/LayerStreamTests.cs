using System.Reflection;
using Sasl.Testing.Layers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Every layer of this assembly on a connection, negotiated by our two sides. The layers' own tests look at each octet of single buffers.</summary>
public sealed class LayerStreamTests : IDisposable
{
    private const int ServerBuffer = 200;
    private const int ClientBuffer = 96;

    private static readonly Dictionary<string, (SaslMechanism Mechanism, int Ssf)> s_layers = new()
    {
        ["DIGEST-MD5 integrity"] = (Digest(DigestMd5Ciphers.All), 1),
        ["DIGEST-MD5 rc4-40"] = (Digest(DigestMd5Ciphers.Rc4With40Bits), 40),
        ["DIGEST-MD5 des"] = (Digest(DigestMd5Ciphers.Des), 55),
        ["DIGEST-MD5 rc4-56"] = (Digest(DigestMd5Ciphers.Rc4With56Bits), 56),
        ["DIGEST-MD5 3des"] = (Digest(DigestMd5Ciphers.TripleDes), 112),
        ["DIGEST-MD5 rc4"] = (Digest(DigestMd5Ciphers.Rc4), 128),
        ["SRP integrity"] = (Srp(SrpCiphers.All), 1),
        ["SRP integrity, the draft's"] = (Srp(SrpCiphers.All, SrpMacs.Draft), 1),
        ["SRP DES"] = (Srp(SrpCiphers.Des), 56),
        ["SRP 3DES"] = (Srp(SrpCiphers.TripleDes), 112),
        ["SRP AES"] = (Srp(SrpCiphers.Aes), 128),
        ["SRP AES, the draft's"] = (Srp(SrpCiphers.Aes, SrpMacs.Draft), 128),
        ["SRP Blowfish"] = (Srp(SrpCiphers.Blowfish), 128),
        ["SRP CAST-128"] = (Srp(SrpCiphers.Cast128), 128),
        ["SRP IDEA"] = (Srp(SrpCiphers.Idea), 128),
        ["PASSDSS-3DES-1 integrity"] = (SaslMechanisms.Passdss, 1),
        ["PASSDSS-3DES-1 3DES"] = (SaslMechanisms.Passdss, 112),
    };

    private readonly List<IDisposable> _mine = [];

    public static TheoryData<string> Layers => [.. s_layers.Keys];

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task Writes_of_every_size_go_both_ways_in_pieces_that_the_other_side_takes(string layer) =>
        StreamChecks.CarryWrites(await NegotiateAsync(layer), Enumerable.Range(0, (3 * ServerBuffer) + 2));

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task Writes_of_any_size_go_both_ways_in_buffers_of_the_usual_size(string layer)
    {
        var random = new Random(3);
        StreamChecks.CarryWrites(
            await NegotiateAsync(layer, SaslPolicy.Default.MaxBuffer, SaslPolicy.Default.MaxBuffer), [1, 300_000, .. Enumerable.Range(0, 8).Select(_ => random.Next(150_000))]);
    }

    // SRP signs both directions with one key and numbers both from 0: the draft's weakness, and Cyrus SASL's.
    [Theory]
    [MemberData(nameof(Layers))]
    public async Task What_is_done_to_a_packet_closes_the_connection(string layer) =>
        await StreamChecks.RefuseWhatWasDoneToPacketsAsync(() => NegotiateAsync(layer), knowsItsOwn: !layer.StartsWith("SRP ", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task A_hostile_length_costs_nothing(string layer) =>
        await StreamChecks.RefuseHostileLengthsAsync(() => NegotiateAsync(layer, SaslPolicy.Default.MaxBuffer, SaslPolicy.Default.MaxBuffer));

    [Theory]
    [MemberData(nameof(Layers))]
    public async Task Reading_and_writing_at_the_same_time_mix_nothing_up(string layer) =>
        await StreamChecks.SealAndOpenAtOnceAsync(await NegotiateAsync(layer));

    // 2^32 packets cannot be sent here: both ends are set to the last number.
    [Theory]
    [MemberData(nameof(Layers))]
    public async Task The_sequence_numbers_do_not_begin_anew(string layer)
    {
        LayerPair pair = await NegotiateAsync(layer);
        Assert.NotNull(pair.Server.Open(pair.Client.Seal("before"u8)));
        SetNumber(pair.Client, "_sent", uint.MaxValue);
        SetNumber(pair.Server, "_received", uint.MaxValue);
        byte[] last = pair.Client.Seal("the last"u8);
        Assert.Equal("the last"u8.ToArray(), pair.Server.Open(last));
        Assert.Throws<IOException>(() => pair.Client.Seal("one more"u8));
        SetNumber(pair.Client, "_sent", 0);
        Assert.Null(pair.Server.Open(pair.Client.Seal("from the beginning"u8)));
    }

    public void Dispose() => _mine.ForEach(static one => one.Dispose());

    private static SaslMechanism Digest(DigestMd5Ciphers ciphers) =>
        SaslMechanisms.Create(new SaslMechanismOptions { DigestMd5 = new DigestMd5Options { Ciphers = ciphers } }).First(static one => one.Name == "DIGEST-MD5");

    private static SaslMechanism Srp(SrpCiphers ciphers, SrpMacs macs = SrpMacs.Cyrus) => SaslMechanisms.Create(new SaslMechanismOptions
    {
        Srp = new SrpOptions { Ciphers = ciphers, Macs = macs, Group = SrpGroup.All[0], MinGroupBits = SrpOptions.SmallestGroup },
    }).First(static one => one.Name == "SRP");

    private static void SetNumber(SaslSecurityLayer layer, string field, ulong number) =>
        layer.GetType().GetField(field, BindingFlags.NonPublic | BindingFlags.Instance)!.SetValue(layer, number);

    private async Task<LayerPair> NegotiateAsync(string layer, int serverBuffer = ServerBuffer, int clientBuffer = ClientBuffer)
    {
        (SaslMechanism mechanism, int ssf) = s_layers[layer];
        var parties = new LayeredParties(mechanism, serverMax: ssf, clientMax: ssf, maxBuffer: serverBuffer, clientMaxBuffer: clientBuffer);
        LayeredRun run = await parties.LogInAsync();
        _mine.AddRange([run, parties]);
        Assert.True(run.Succeeded, layer);
        Assert.Equal(ssf, run.Server.SecurityLayer!.Ssf);
        return new LayerPair(run.Client.SecurityLayer!, run.Server.SecurityLayer);
    }
}
