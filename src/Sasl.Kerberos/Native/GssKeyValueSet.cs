namespace Sasl.Kerberos;

/// <summary><c>gss_key_value_set_desc</c>.</summary>
internal unsafe struct GssKeyValueSet
{
    public uint Count;
    public GssKeyValue* Elements;
}
