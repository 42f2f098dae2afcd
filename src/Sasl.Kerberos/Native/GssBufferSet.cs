namespace Sasl.Kerberos;

/// <summary><c>gss_buffer_set_desc</c>.</summary>
internal unsafe struct GssBufferSet
{
    public nuint Count;
    public GssBuffer* Elements;
}
