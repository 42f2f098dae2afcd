using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>OpenLDAP's libldap, the library that the original uses (docs/decisions/0026). Since 2.5 it may be called on any thread, one at a time for each connection.</summary>
internal sealed unsafe class LdapLibrary
{
    // The sonames of OpenLDAP 2.6, 2.5 (two spellings of Debian's and upstream's), in the order of newness. 2.4 had another library for threads.
    private static readonly string[] s_names = ["libldap.so.2", "libldap-2.6.so.0", "libldap-2.5.so.0"];

    private LdapLibrary(nint library)
    {
        Initialize = (delegate* unmanaged<nint*, byte*, int>)NativeLibrary.GetExport(library, "ldap_initialize");
        Connect = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "ldap_connect");
        SetOption = (delegate* unmanaged<nint, int, void*, int>)NativeLibrary.GetExport(library, "ldap_set_option");
        GetOption = (delegate* unmanaged<nint, int, void*, int>)NativeLibrary.GetExport(library, "ldap_get_option");
        StartTls = (delegate* unmanaged<nint, void*, void*, int>)NativeLibrary.GetExport(library, "ldap_start_tls_s");
        Bind = (delegate* unmanaged<nint, byte*, byte*, LdapValue*, void*, void*, int*, int>)NativeLibrary.GetExport(library, "ldap_sasl_bind");
        BindInteractively = (delegate* unmanaged<nint, byte*, byte*, void*, void*, uint, delegate* unmanaged<nint, uint, void*, LdapQuestion*, int>, void*, int>)
            NativeLibrary.GetExport(library, "ldap_sasl_interactive_bind_s");
        Search = (delegate* unmanaged<nint, byte*, int, byte*, byte**, int, void*, void*, LdapTime*, int, int*, int>)NativeLibrary.GetExport(library, "ldap_search_ext");
        Compare = (delegate* unmanaged<nint, byte*, byte*, LdapValue*, void*, void*, int*, int>)NativeLibrary.GetExport(library, "ldap_compare_ext");
        Result = (delegate* unmanaged<nint, int, int, LdapTime*, nint*, int>)NativeLibrary.GetExport(library, "ldap_result");
        ParseResult = (delegate* unmanaged<nint, nint, int*, byte**, byte**, byte***, void***, int, int>)NativeLibrary.GetExport(library, "ldap_parse_result");
        Abandon = (delegate* unmanaged<nint, int, void*, void*, int>)NativeLibrary.GetExport(library, "ldap_abandon_ext");
        FirstEntry = (delegate* unmanaged<nint, nint, nint>)NativeLibrary.GetExport(library, "ldap_first_entry");
        CountEntries = (delegate* unmanaged<nint, nint, int>)NativeLibrary.GetExport(library, "ldap_count_entries");
        GetDn = (delegate* unmanaged<nint, nint, byte*>)NativeLibrary.GetExport(library, "ldap_get_dn");
        GetValues = (delegate* unmanaged<nint, nint, byte*, LdapValue**>)NativeLibrary.GetExport(library, "ldap_get_values_len");
        FreeValues = (delegate* unmanaged<LdapValue**, void>)NativeLibrary.GetExport(library, "ldap_value_free_len");
        FreeMessage = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "ldap_msgfree");
        FreeMemory = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "ldap_memfree");
        Unbind = (delegate* unmanaged<nint, void*, void*, int>)NativeLibrary.GetExport(library, "ldap_unbind_ext");
        ControlSocket = (delegate* unmanaged<nint, int, void*, int>)NativeLibrary.GetExport(library, "ber_sockbuf_ctrl");    // of liblber, which libldap brings
        Describe = (delegate* unmanaged<int, byte*>)NativeLibrary.GetExport(library, "ldap_err2string");
    }

    /// <summary>The library; null where the system has none that is new enough.</summary>
    public static LdapLibrary? Loaded { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess ? Find() : null;

    /// <summary>Why there is none, as a clause; null where there is one.</summary>
    public static string? WhyMissing =>
        Loaded is not null ? null
        : !OperatingSystem.IsLinux() || !Environment.Is64BitProcess ? "it needs OpenLDAP's library on a 64-bit Linux system"
        : "there is no libldap of OpenLDAP 2.5 or later (Debian: libldap-2.5-0)";

    public delegate* unmanaged<nint*, byte*, int> Initialize { get; }

    public delegate* unmanaged<nint, int> Connect { get; }

    public delegate* unmanaged<nint, int, void*, int> SetOption { get; }

    public delegate* unmanaged<nint, int, void*, int> GetOption { get; }

    public delegate* unmanaged<nint, void*, void*, int> StartTls { get; }

    public delegate* unmanaged<nint, byte*, byte*, LdapValue*, void*, void*, int*, int> Bind { get; }

    public delegate* unmanaged<nint, byte*, byte*, void*, void*, uint, delegate* unmanaged<nint, uint, void*, LdapQuestion*, int>, void*, int> BindInteractively { get; }

    public delegate* unmanaged<nint, byte*, int, byte*, byte**, int, void*, void*, LdapTime*, int, int*, int> Search { get; }

    public delegate* unmanaged<nint, byte*, byte*, LdapValue*, void*, void*, int*, int> Compare { get; }

    public delegate* unmanaged<nint, int, int, LdapTime*, nint*, int> Result { get; }

    public delegate* unmanaged<nint, nint, int*, byte**, byte**, byte***, void***, int, int> ParseResult { get; }

    public delegate* unmanaged<nint, int, void*, void*, int> Abandon { get; }

    public delegate* unmanaged<nint, nint, nint> FirstEntry { get; }

    public delegate* unmanaged<nint, nint, int> CountEntries { get; }

    public delegate* unmanaged<nint, nint, byte*> GetDn { get; }

    public delegate* unmanaged<nint, nint, byte*, LdapValue**> GetValues { get; }

    public delegate* unmanaged<LdapValue**, void> FreeValues { get; }

    public delegate* unmanaged<nint, int> FreeMessage { get; }

    public delegate* unmanaged<void*, void> FreeMemory { get; }

    public delegate* unmanaged<nint, void*, void*, int> Unbind { get; }

    public delegate* unmanaged<nint, int, void*, int> ControlSocket { get; }

    public delegate* unmanaged<int, byte*> Describe { get; }

    private static LdapLibrary? Find()
    {
        foreach (string name in s_names)
        {
            if (NativeLibrary.TryLoad(name, typeof(LdapLibrary).Assembly, DllImportSearchPath.System32, out nint library)
                && NativeLibrary.TryGetExport(library, "ldap_connect", out _))
            {
                return new LdapLibrary(library);
            }
        }
        return null;
    }
}
