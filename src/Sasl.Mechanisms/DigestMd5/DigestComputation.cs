using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;

#pragma warning disable CA5351 // RFC 2831 is MD5 and nothing else; the mechanism is offered only where a list names it.

namespace Sasl.Mechanisms;

/// <summary>The hashes of RFC 2831 section 2.1.2.1. Not thread-safe; one for each exchange.</summary>
/// <remarks>Bouncy Castle's MD5, because the messages are short, and a platform call costs more than the hash.</remarks>
internal sealed class DigestComputation
{
    /// <summary>The length of an MD5 hash, in octets.</summary>
    public const int HashLength = MD5.HashSizeInBytes;

    /// <summary>The length of a hash in hex digits.</summary>
    public const int HexLength = 2 * HashLength;

    private readonly MD5Digest _md5 = new();

    /// <summary>H(user ":" realm ":" password): what Cyrus SASL keeps as <c>cmusaslsecretDIGEST-MD5</c>.</summary>
    public void HashSecret(ReadOnlySpan<byte> user, ReadOnlySpan<byte> realm, ReadOnlySpan<byte> password, Span<byte> secret)
    {
        _md5.BlockUpdate(user);
        _md5.Update((byte)':');
        _md5.BlockUpdate(realm);
        _md5.Update((byte)':');
        _md5.BlockUpdate(password);
        _md5.DoFinal(secret);
    }

    /// <summary>H(A1) of <c>md5-sess</c>: the session's key.</summary>
    /// <param name="secret">H(user ":" realm ":" password).</param>
    /// <param name="nonce">The server's nonce.</param>
    /// <param name="clientNonce">The client's nonce.</param>
    /// <param name="authorizationId">The authzid if it is sent, even if it is empty; null if it is not.</param>
    /// <param name="key">Receives 16 octets.</param>
    public void HashSession(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> clientNonce, ReadOnlyMemory<byte>? authorizationId, Span<byte> key)
    {
        _md5.BlockUpdate(secret);
        _md5.Update((byte)':');
        _md5.BlockUpdate(nonce);
        _md5.Update((byte)':');
        _md5.BlockUpdate(clientNonce);
        if (authorizationId is { } name)
        {
            _md5.Update((byte)':');
            _md5.BlockUpdate(name.Span);
        }
        _md5.DoFinal(key);
    }

    /// <summary>The proof of one side.</summary>
    /// <param name="key">H(A1).</param>
    /// <param name="nonce">The server's nonce.</param>
    /// <param name="clientNonce">The client's nonce.</param>
    /// <param name="count">The nonce count.</param>
    /// <param name="qop">The quality of protection.</param>
    /// <param name="uri">The digest-uri.</param>
    /// <param name="ofServer">Whether it is the server's <c>rspauth</c> and not the client's <c>response</c>.</param>
    /// <param name="hex">Receives 32 lower-case hex digits.</param>
    public void Prove(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> clientNonce, uint count, DigestQop qop, ReadOnlySpan<byte> uri,
        bool ofServer, Span<byte> hex)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        Span<byte> hexOfA2 = stackalloc byte[HexLength];
        HashA2(qop, uri, ofServer, hash);
        Convert.TryToHexStringLower(hash, hexOfA2, out _);

        Convert.TryToHexStringLower(key, hex, out _);
        _md5.BlockUpdate(hex[..HexLength]);
        _md5.Update((byte)':');
        _md5.BlockUpdate(nonce);
        _md5.Update((byte)':');
        WriteCount(count, hex);
        _md5.BlockUpdate(hex[..DigestNumber.CountDigits]);
        _md5.Update((byte)':');
        _md5.BlockUpdate(clientNonce);
        _md5.Update((byte)':');
        _md5.BlockUpdate(DigestProtection.NameOf(qop));
        _md5.Update((byte)':');
        _md5.BlockUpdate(hexOfA2);
        _md5.DoFinal(hash);
        Convert.TryToHexStringLower(hash, hex, out _);
    }

    /// <summary>The keys of a layer: MD5 of (some of) the session's key and a constant (RFC 2831 sections 2.3 and 2.4).</summary>
    public void DeriveKey(ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> constant, Span<byte> key)
    {
        _md5.BlockUpdate(sessionKey);
        _md5.BlockUpdate(constant);
        _md5.DoFinal(key);
    }

    /// <summary>Writes a nonce count as eight hex digits.</summary>
    public static void WriteCount(uint count, Span<byte> hex)
    {
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(octets, count);
        Convert.TryToHexStringLower(octets, hex, out _);
    }

    private void HashA2(DigestQop qop, ReadOnlySpan<byte> uri, bool ofServer, Span<byte> hash)
    {
        if (!ofServer)
            _md5.BlockUpdate("AUTHENTICATE"u8);
        _md5.Update((byte)':');
        _md5.BlockUpdate(uri);
        if (qop is not DigestQop.Auth)
            _md5.BlockUpdate(":00000000000000000000000000000000"u8);
        _md5.DoFinal(hash);
    }
}
