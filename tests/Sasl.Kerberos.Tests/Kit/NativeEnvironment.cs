using System.Runtime.InteropServices;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>The environment as C sees it, which .NET's own does not reach.</summary>
internal static partial class NativeEnvironment
{
    public static void Set(IReadOnlyDictionary<string, string> variables)
    {
        foreach ((string name, string value) in variables)
            Assert.Equal(0, Set(name, value, 1));
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Set(string name, string value, int overwrite);
}
