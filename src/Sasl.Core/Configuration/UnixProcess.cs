using System.Runtime.InteropServices;

namespace Sasl;

/// <summary>Whose rights the process has. The calls cannot fail and are the same on every Unix.</summary>
internal static partial class UnixProcess
{
    /// <summary>Whether the process got rights from its file (set-user-ID, set-group-ID), so that its environment is not to be trusted.</summary>
    public static bool HasForeignRights =>
        !OperatingSystem.IsWindows() && (GetUserId() != GetEffectiveUserId() || GetGroupId() != GetEffectiveGroupId());

    /// <summary>The number of the user whose rights the process has.</summary>
    public static uint EffectiveUser => GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getuid")]
    private static partial uint GetUserId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getgid")]
    private static partial uint GetGroupId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroupId();
}
