using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sasl.Saslauthd;

/// <summary>Memory for a C function that holds a secret: it does not move, and is erased before it is given back.</summary>
internal sealed unsafe class ErasedMemory : SafeHandle
{
    private readonly int _length;

    /// <summary>Takes so many octets, all zero.</summary>
    public ErasedMemory(int length)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        _length = length;
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)length));
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Where it begins; valid until disposal.</summary>
    public byte* Pointer => (byte*)handle;

    /// <summary>All of it; valid until disposal.</summary>
    public Span<byte> Octets => new(Pointer, _length);

    /// <summary>A copy of a secret as C has its strings, with a NUL behind it. The secret has none inside; see <see cref="CheckerInput"/>.</summary>
    public static ErasedMemory OfText(ReadOnlySpan<byte> secret)
    {
        var memory = new ErasedMemory(secret.Length + 1);
        secret.CopyTo(memory.Octets);
        return memory;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(Octets);
        NativeMemory.Free(Pointer);
        return true;
    }
}
