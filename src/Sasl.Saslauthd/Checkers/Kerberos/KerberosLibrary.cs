using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>MIT Kerberos's library. Every call that answers an <see cref="int"/> answers 0 or an error code.</summary>
internal static unsafe partial class KerberosLibrary
{
    private const string Library = "libkrb5.so.3";

    /// <summary>A principal that is a service on a host: <c>KRB5_NT_SRV_HST</c>.</summary>
    public const int ServiceOnHost = 3;

    /// <summary>Why this machine has no Kerberos, as a clause; null when it has one.</summary>
    public static string? WhyMissing { get; } =
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad(Library, typeof(KerberosLibrary).Assembly, DllImportSearchPath.System32, out _)
            ? null : $"there is no {Library} (Debian: libkrb5-3)";

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_init_context")]
    public static partial int MakeContext(out nint context);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_init_context_profile")]
    public static partial int MakeContext(nint profile, int flags, out nint context);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_free_context")]
    public static partial void FreeContext(nint context);

    // errcode_t is a C long.
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "profile_init_path", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ReadProfile(string path, out nint profile);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "profile_release")]
    public static partial void FreeProfile(nint profile);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_error_message")]
    public static partial byte* GetErrorMessage(KerberosContext context, int code);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_error_message")]
    public static partial byte* GetErrorMessage(nint noContext, int code);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_free_error_message")]
    public static partial void FreeErrorMessage(KerberosContext context, byte* message);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_free_error_message")]
    public static partial void FreeErrorMessage(nint noContext, byte* message);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_parse_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ParseName(KerberosContext context, string name, out nint principal);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_sname_to_principal", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FindServicePrincipal(KerberosContext context, string? host, string service, int kind, out nint principal);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_unparse_name")]
    public static partial int WriteName(KerberosContext context, KerberosPrincipal principal, out byte* name);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_free_unparsed_name")]
    public static partial void FreeName(KerberosContext context, byte* name);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_free_principal")]
    public static partial void FreePrincipal(nint context, nint principal);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_kt_resolve", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenKeytab(KerberosContext context, string name, out nint keytab);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_kt_default")]
    public static partial int OpenDefaultKeytab(KerberosContext context, out nint keytab);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_kt_get_entry")]
    public static partial int FindKey(KerberosContext context, KerberosKeytab keytab, KerberosPrincipal principal, uint version, int kind, byte* entry);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_free_keytab_entry_contents")]
    public static partial int EraseKey(KerberosContext context, byte* entry);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_kt_close")]
    public static partial int CloseKeytab(nint context, nint keytab);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_init_creds_opt_alloc")]
    public static partial int MakeTicketOptions(KerberosContext context, out nint options);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_init_creds_opt_free")]
    public static partial void FreeTicketOptions(nint context, nint options);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_init_creds_opt_set_tkt_life")]
    public static partial void SetLifetime(KerberosTicketOptions options, int seconds);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_init_creds_opt_set_renew_life")]
    public static partial void SetRenewableLifetime(KerberosTicketOptions options, int seconds);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_init_creds_opt_set_forwardable")]
    public static partial void SetForwardable(KerberosTicketOptions options, int value);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_init_creds_opt_set_proxiable")]
    public static partial void SetProxiable(KerberosTicketOptions options, int value);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_get_init_creds_password", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetTicket(KerberosContext context, byte* credentials, KerberosPrincipal client, byte* password,
        nint noPrompter, nint noData, int startNow, string? service, KerberosTicketOptions options);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_free_cred_contents")]
    public static partial void EraseCredentials(nint context, byte* credentials);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_verify_init_creds_opt_init")]
    public static partial void InitializeProof(out KerberosProofOptions options);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_verify_init_creds_opt_set_ap_req_nofail")]
    public static partial void RequireProof(ref KerberosProofOptions options, int required);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "krb5_verify_init_creds")]
    public static partial int Prove(KerberosContext context, byte* credentials, KerberosPrincipal server, KerberosKeytab keytab, nint noCache,
        ref KerberosProofOptions options);
}
