using System.Runtime.InteropServices;

namespace Sasl.Kerberos;

/// <summary>The system's GSS library: MIT's or Heimdal's, or Apple's framework. Every call answers a major status, and a minor one that is the mechanism's.</summary>
/// <remarks>Loaded when the first Kerberos mechanism is made or probed, and never unloaded.</remarks>
internal static unsafe partial class GssLibrary
{
    private const string Library = "gssapi";

    private static readonly string[] s_unix = ["libgssapi_krb5.so.2", "libgssapi.so.3"];
    private static readonly string[] s_apple = ["/System/Library/Frameworks/GSS.framework/GSS"];
    private static readonly nint s_library = Load();

    // The names differ between systems, so that they are found here and not by the runtime.
    static GssLibrary() => NativeLibrary.SetDllImportResolver(
        typeof(GssLibrary).Assembly, static (name, _, _) => name == Library ? s_library : 0);

    /// <summary>Why there is none, as a clause; null when there is one.</summary>
    public static string? WhyMissing { get; } = s_library != 0 ? null
        : OperatingSystem.IsMacOS() ? "there is no GSS.framework that this process can use"
        : $"there is neither {string.Join(" nor ", s_unix)} (Debian: libgssapi-krb5-2)";

    /// <summary>Whether credentials can be taken from a keytab or a cache that is named (MIT since 1.11).</summary>
    public static bool ChoosesStores { get; } = Has("gss_acquire_cred_from") && Has("gss_store_cred_into");

    /// <summary>Whether SPNEGO can be held to Kerberos (MIT).</summary>
    public static bool LimitsNegotiation { get; } = Has("gss_set_neg_mechs");

    private static bool Has(string function) => s_library != 0 && NativeLibrary.TryGetExport(s_library, function, out _);

    // On Intel Macs the framework packs its structures in a way of its own.
    private static nint Load()
    {
        string[] names = OperatingSystem.IsWindows() ? []
            : !OperatingSystem.IsMacOS() ? s_unix
            : RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? s_apple : [];
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, typeof(GssLibrary).Assembly, DllImportSearchPath.System32, out nint library))
                return library;
        }
        return 0;
    }

    [LibraryImport(Library, EntryPoint = "gss_import_name")]
    public static partial uint ImportName(out uint minor, GssBuffer* text, GssOid* kind, out nint name);

    [LibraryImport(Library, EntryPoint = "gss_display_name")]
    public static partial uint DisplayName(out uint minor, GssName name, GssBuffer* text, GssOid** kind);

    [LibraryImport(Library, EntryPoint = "gss_compare_name")]
    public static partial uint CompareNames(out uint minor, GssName one, GssName other, out int equal);

    [LibraryImport(Library, EntryPoint = "gss_release_name")]
    public static partial uint ReleaseName(out uint minor, ref nint name);

    [LibraryImport(Library, EntryPoint = "gss_release_buffer")]
    public static partial uint ReleaseBuffer(out uint minor, GssBuffer* buffer);

    [LibraryImport(Library, EntryPoint = "gss_release_buffer_set")]
    public static partial uint ReleaseBuffers(out uint minor, GssBufferSet** buffers);

    [LibraryImport(Library, EntryPoint = "gss_display_status")]
    public static partial uint DisplayStatus(out uint minor, uint status, int kind, GssOid* mechanism, ref uint more, GssBuffer* text);

    [LibraryImport(Library, EntryPoint = "gss_acquire_cred")]
    public static partial uint AcquireCredential(
        out uint minor, nint name, uint seconds, GssOidSet* mechanisms, GssUsage usage, out nint credential, GssOidSet** actual, uint* lifetime);

    [LibraryImport(Library, EntryPoint = "gss_acquire_cred_from")]
    public static partial uint AcquireCredentialFrom(
        out uint minor, nint name, uint seconds, GssOidSet* mechanisms, GssUsage usage, GssKeyValueSet* store, out nint credential,
        GssOidSet** actual, uint* lifetime);

    [LibraryImport(Library, EntryPoint = "gss_inquire_cred")]
    public static partial uint InquireCredential(
        out uint minor, GssCredential credential, out nint name, out uint lifetime, int* usage, GssOidSet** mechanisms);

    [LibraryImport(Library, EntryPoint = "gss_set_neg_mechs")]
    public static partial uint LimitNegotiation(out uint minor, GssCredential credential, GssOidSet* mechanisms);

    [LibraryImport(Library, EntryPoint = "gss_set_cred_option")]
    public static partial uint SetCredentialOption(out uint minor, ref nint credential, GssOid* option, GssBuffer* value);

    [LibraryImport(Library, EntryPoint = "gss_store_cred_into")]
    public static partial uint StoreCredential(
        out uint minor, GssCredential credential, GssUsage usage, GssOid* mechanism, int overwrite, int isDefault, GssKeyValueSet* store,
        GssOidSet** stored, int* storedUsage);

    [LibraryImport(Library, EntryPoint = "gss_release_cred")]
    public static partial uint ReleaseCredential(out uint minor, ref nint credential);

    [LibraryImport(Library, EntryPoint = "gss_init_sec_context")]
    public static partial uint Initiate(
        out uint minor, nint credential, ref nint context, GssName target, GssOid* mechanism, GssFlags wanted, uint seconds, GssBindings* bindings,
        GssBuffer* input, GssOid** actual, GssBuffer* output, out GssFlags flags, uint* lifetime);

    [LibraryImport(Library, EntryPoint = "gss_accept_sec_context")]
    public static partial uint Accept(
        out uint minor, ref nint context, GssCredential credential, GssBuffer* input, GssBindings* bindings, out nint peer, GssOid** mechanism,
        GssBuffer* output, out GssFlags flags, uint* lifetime, out nint delegated);

    [LibraryImport(Library, EntryPoint = "gss_inquire_context")]
    public static partial uint InquireContext(
        out uint minor, nint context, nint* source, nint* target, uint* lifetime, out GssOid* mechanism, out GssFlags flags, int* local, int* open);

    [LibraryImport(Library, EntryPoint = "gss_inquire_sec_context_by_oid")]
    public static partial uint InquireContext(out uint minor, nint context, GssOid* question, GssBufferSet** answer);

    [LibraryImport(Library, EntryPoint = "gss_wrap_size_limit")]
    public static partial uint FindWrapLimit(out uint minor, nint context, int conceal, uint quality, uint sealedSize, out uint plainSize);

    [LibraryImport(Library, EntryPoint = "gss_wrap")]
    public static partial uint Wrap(out uint minor, nint context, int conceal, uint quality, GssBuffer* plain, out int concealed, GssBuffer* wrapped);

    [LibraryImport(Library, EntryPoint = "gss_unwrap")]
    public static partial uint Unwrap(out uint minor, nint context, GssBuffer* wrapped, GssBuffer* plain, out int concealed, out uint quality);

    [LibraryImport(Library, EntryPoint = "gss_delete_sec_context")]
    public static partial uint DeleteContext(out uint minor, ref nint context, GssBuffer* token);
}
