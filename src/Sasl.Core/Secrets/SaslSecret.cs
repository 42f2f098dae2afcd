using System.Security.Cryptography;
using System.Text;

namespace Sasl;

/// <summary>A secret that lives longer than one message, such as a client's password.</summary>
/// <remarks>The octets are pinned, so that the garbage collector leaves no copies, and erased when the secret is disposed.</remarks>
public sealed class SaslSecret : IDisposable
{
    private readonly byte[] _octets;
    private bool _disposed;

    private SaslSecret(int length) => _octets = GC.AllocateUninitializedArray<byte>(length, pinned: true);

    /// <summary>The octets, as they go to a mechanism.</summary>
    /// <exception cref="ObjectDisposedException">The secret has been erased.</exception>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>The octets, for use across an await.</summary>
    /// <exception cref="ObjectDisposedException">The secret has been erased.</exception>
    public ReadOnlyMemory<byte> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _octets;
        }
    }

    /// <summary>Copies octets into a new secret. The caller erases its own copy.</summary>
    /// <param name="octets">Any octets, none included.</param>
    public static SaslSecret FromOctets(ReadOnlySpan<byte> octets)
    {
        var secret = new SaslSecret(octets.Length);
        octets.CopyTo(secret._octets);
        return secret;
    }

    /// <summary>Makes a secret of a text, as UTF-8. The text itself cannot be erased; prefer octets where there is a choice.</summary>
    /// <param name="text">The password as a user types it.</param>
    public static SaslSecret FromText(ReadOnlySpan<char> text)
    {
        var secret = new SaslSecret(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, secret._octets);
        return secret;
    }

    /// <summary>Erases the octets.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_octets);
    }

    /// <summary>Never the secret itself.</summary>
    public override string ToString() => "<secret>";
}
