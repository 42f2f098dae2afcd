namespace Sasl;

/// <summary>Channel-binding data that was known when the channel was described.</summary>
internal sealed class FixedChannelBindings((string Type, ReadOnlyMemory<byte> Data)[] bindings) : SaslChannelBindings
{
    public override IReadOnlyList<string> Types { get; } = Array.ConvertAll(bindings, static binding => binding.Type);

    public override bool TryGet(string type, out ReadOnlyMemory<byte> data)
    {
        int index = Array.FindIndex(bindings, binding => binding.Type == type);
        data = index < 0 ? default : bindings[index].Data;
        return index >= 0;
    }
}
