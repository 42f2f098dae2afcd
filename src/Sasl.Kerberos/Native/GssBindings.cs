namespace Sasl.Kerberos;

/// <summary><c>gss_channel_bindings_struct</c>. RFC 5801 section 5.1: both kinds of address are 0 and the addresses empty.</summary>
internal struct GssBindings
{
    public uint InitiatorKind;
    public GssBuffer InitiatorAddress;
    public uint AcceptorKind;
    public GssBuffer AcceptorAddress;
    public GssBuffer ApplicationData;
}
