using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>A context of OpenSSL.</summary>
internal sealed class OpenSslHashContext : SafeHandle, IHashContext
{
    private readonly LibCrypto _library;
    private readonly nint _function;
    private readonly int _size;

    /// <summary>Makes one.</summary>
    /// <param name="library">OpenSSL.</param>
    /// <param name="function">The hash function, as <see cref="LibCrypto.Fetch"/> gives it.</param>
    /// <param name="size">The size of its hashes, in octets.</param>
    public OpenSslHashContext(LibCrypto library, nint function, int size) : base(0, ownsHandle: true)
    {
        (_library, _function, _size) = (library, function, size);
        SetHandle(library.Make());
        if (IsInvalid)
            throw new CryptographicException("OpenSSL has no memory for a hash.");
        _library.Begin(handle, _function);
    }

    public override bool IsInvalid => handle == 0;

    public void Append(ReadOnlySpan<byte> octets)
    {
        ThrowIfClosed();
        _library.Append(handle, octets);
        GC.KeepAlive(this);
    }

    public void Finish(Span<byte> hash)
    {
        End(hash);
        _library.Begin(handle, _function);
        GC.KeepAlive(this);
    }

    /// <summary>Gives the hash and leaves the context to be copied over or disposed.</summary>
    public void End(Span<byte> hash)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfLessThan(hash.Length, _size, nameof(hash));
        _library.End(handle, hash);
        GC.KeepAlive(this);
    }

    /// <summary>Takes over the state of another context of the same function, which keeps it.</summary>
    public void CopyFrom(OpenSslHashContext other)
    {
        ThrowIfClosed();
        other.ThrowIfClosed();
        _library.Copy(handle, other.handle);
        GC.KeepAlive(this);
        GC.KeepAlive(other);
    }

    /// <summary>Frees the context, which OpenSSL erases.</summary>
    protected override bool ReleaseHandle()
    {
        _library.Free(handle);
        return true;
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(IsClosed, this);
}
