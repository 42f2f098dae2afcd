namespace Sasl.Kerberos;

/// <summary><c>gss_key_value_element_desc</c>: where credentials are, such as <c>keytab</c> and a file.</summary>
internal unsafe struct GssKeyValue
{
    public byte* Key;
    public byte* Value;
}
