using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>Linux-PAM's library: the calls of pam(3) that say yes or no.</summary>
internal static unsafe partial class PamLibrary
{
    private const string Library = "libpam.so.0";

    /// <summary>Modules are asked to say nothing: <c>PAM_SILENT</c>.</summary>
    public const int Silent = 0x8000;

    /// <summary>Why this machine has no PAM, as a clause; null when it has one.</summary>
    public static string? WhyMissing { get; } = !OperatingSystem.IsLinux() ? "it needs Linux-PAM" : Load() == 0 ? $"there is no {Library} (Debian: libpam0g)" : null;

    /// <summary>Whether the library can read services from another folder than /etc/pam.d: since Linux-PAM 1.4.</summary>
    public static bool HasConfigurationDirectory => Load() is var library and not 0 && NativeLibrary.TryGetExport(library, "pam_start_confdir", out _);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_start", StringMarshalling = StringMarshalling.Utf8)]
    public static partial PamStatus Start(string service, string user, in PamCallback callback, out nint handle);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_start_confdir", StringMarshalling = StringMarshalling.Utf8)]
    public static partial PamStatus StartIn(string service, string user, in PamCallback callback, string directory, out nint handle);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_set_item", StringMarshalling = StringMarshalling.Utf8)]
    public static partial PamStatus SetText(PamHandle handle, PamItem item, string value);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_set_item")]
    public static partial PamStatus SetFunction(PamHandle handle, PamItem item, delegate* unmanaged[Cdecl]<int, uint, nint, void> value);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_get_item")]
    public static partial PamStatus GetItem(nint handle, PamItem item, out byte* value);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_authenticate")]
    public static partial PamStatus Authenticate(PamHandle handle, int flags);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_acct_mgmt")]
    public static partial PamStatus CheckAccount(PamHandle handle, int flags);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_end")]
    public static partial PamStatus End(nint handle, PamStatus status);

    /// <summary>The library's words for a status.</summary>
    public static string Describe(PamStatus status) => NativeText.Read(GetErrorText(0, status));

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport(Library, EntryPoint = "pam_strerror")]
    private static partial byte* GetErrorText(nint handle, PamStatus status);

    private static nint Load() =>
        NativeLibrary.TryLoad(Library, typeof(PamLibrary).Assembly, DllImportSearchPath.System32, out nint library) ? library : 0;
}
