using System.Runtime.InteropServices;
using System.Text;

namespace Sasl.Kerberos;

/// <summary>A name as the library has it.</summary>
internal sealed unsafe class GssName : SafeHandle
{
    /// <summary>Takes a name that the library gave.</summary>
    public GssName(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Reads a name.</summary>
    /// <param name="text">The name.</param>
    /// <param name="kind">Of which kind it is.</param>
    /// <exception cref="GssException">It is no such name.</exception>
    public static GssName Import(string text, GssOid* kind)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        fixed (byte* value = octets)
        {
            var buffer = new GssBuffer { Length = (nuint)octets.Length, Value = value };
            GssException.ThrowIfError(GssLibrary.ImportName(out uint minor, &buffer, kind, out nint name), minor, isLocal: true);
            return new GssName(name);
        }
    }

    /// <summary>Reads the name of a service: <c>service@host</c>, or a Kerberos principal, which has a slash.</summary>
    /// <exception cref="GssException">It is no such name.</exception>
    public static GssName ImportService(string text) =>
        Import(text, text.Contains('/', StringComparison.Ordinal) ? GssOid.Principal : GssOid.HostBasedService);

    /// <summary>Writes it: of a principal, its name with the realm, in which special characters have a backslash before them.</summary>
    /// <exception cref="GssException">The library cannot.</exception>
    public string Display()
    {
        GssBuffer text = default;
        GssException.ThrowIfError(GssLibrary.DisplayName(out uint minor, this, &text, null), minor, isLocal: false);
        string name = Encoding.UTF8.GetString(text.Octets);
        _ = GssLibrary.ReleaseBuffer(out _, &text);
        return name;
    }

    /// <summary>Whether both are names of the same.</summary>
    public bool IsSameAs(GssName other) =>
        !new GssStatus(GssLibrary.CompareNames(out uint minor, this, other, out int equal), minor).IsError && equal != 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _ = GssLibrary.ReleaseName(out _, ref handle);
        return true;
    }
}
