using System.Runtime.InteropServices;

namespace Sasl;

/// <summary>Whose rights the process has. The calls cannot fail and are the same on every Unix.</summary>
/// <remarks>The search path of the imports keeps a library beside the program from standing in for the system's.</remarks>
internal static partial class UnixProcess
{
    /// <summary>Whether the process got rights from its file (set-user-ID, set-group-ID), so that its environment is not to be trusted.</summary>
    public static bool HasForeignRights =>
        !OperatingSystem.IsWindows() && (GetUserId() != GetEffectiveUserId() || GetGroupId() != GetEffectiveGroupId());

    /// <summary>The number of the user whose rights the process has.</summary>
    public static uint EffectiveUser => GetEffectiveUserId();

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "getuid")]
    private static partial uint GetUserId();

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "getgid")]
    private static partial uint GetGroupId();

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroupId();
}
