using System.Buffers;

namespace Sasl;

/// <summary>What the exchanges of one connection may ask, answered from the client's options, and where they write.</summary>
internal sealed class ClientSessionContext(SaslClient client, SaslChannel channel) : SaslClientContext, IBufferWriter<byte>
{
    private ErasedBuffer _output;

    public SaslClient Client => client;

    /// <summary>What the exchange has written since it was last cleared.</summary>
    public ReadOnlyMemory<byte> Written => _output.Memory;

    public override SaslServiceInfo Service =>
        field ??= new(client.Options.Service, client.Options.ServerName, client.Options.Realm ?? "", channel);

    /// <summary>The connection, without what belongs to an exchange.</summary>
    public SaslChannel Connection => channel;

    public override SaslNonceSource Nonces => client.Options.Nonces;

    public override TimeProvider Clock => client.Options.Clock;

    public override SaslWorkQueue Work => client.Work;

    public override SaslLayerLimits Layers => client.Options.Policy.LayersAbove(channel);

    public override IReadOnlyList<string> Offered => OfferedNames;

    public string[] OfferedNames { get; set; } = [];

    public override string? UserName => client.Options.UserName;

    public override string? AuthorizationId =>
        string.IsNullOrEmpty(client.Options.AuthorizationId) ? null : client.Options.AuthorizationId;

    public override SaslSecret? Password => client.Options.Password;

    public override string? ChannelBindingType { get; } = ChooseBinding(client.Options, channel);

    public override Func<SaslTokenRequest, CancellationToken, ValueTask<SaslSecret>>? AccessToken => client.Options.AccessToken;

    public override Func<string, CancellationToken, ValueTask<SaslSecret?>>? Prompt => client.Options.Prompt;

    public override T Shared<T>(Func<T> create) => client.Shared(create);

    public void Advance(int count) => _output.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _output.Rest(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _output.RestSpan(sizeHint);

    /// <summary>Erases what was written.</summary>
    public void ClearOutput() => _output.Clear();

    /// <summary>Erases what was written and gives the memory back.</summary>
    public void DisposeOutput() => _output.Dispose();

    private static string? ChooseBinding(SaslClientOptions options, SaslChannel channel)
    {
        if (channel.Bindings is not { } bindings || options.Policy.Binding is SaslBindingPolicy.Disable)
            return null;
        return options.ChannelBindingTypes.IsEmpty
            ? (bindings.Types is [var first, ..] ? first : null)
            : options.ChannelBindingTypes.FirstOrDefault(bindings.Types.Contains);
    }
}
