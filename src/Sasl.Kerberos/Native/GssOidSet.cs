namespace Sasl.Kerberos;

/// <summary><c>gss_OID_set_desc</c>.</summary>
internal unsafe struct GssOidSet
{
    public nuint Count;
    public GssOid* Elements;
}
