using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The hashes of RFC 2831 section 2.1.2.1.</summary>
internal static class DigestComputation
{
    /// <summary>The length of an MD5 hash, in octets.</summary>
    public const int HashLength = ShortMd5.HashLength;

    /// <summary>The length of a hash in hex digits.</summary>
    public const int HexLength = 2 * HashLength;

    private const int Usual = 256;    // what is hashed in one piece

    /// <summary>H(user ":" realm ":" password): what Cyrus SASL keeps as <c>cmusaslsecretDIGEST-MD5</c>.</summary>
    public static void HashSecret(ReadOnlySpan<byte> user, ReadOnlySpan<byte> realm, ReadOnlySpan<byte> password, Span<byte> secret)
    {
        var hash = new ShortMd5(stackalloc byte[Usual]);
        hash.Add(user);
        hash.Add(":"u8);
        hash.Add(realm);
        hash.Add(":"u8);
        hash.Add(password);
        hash.Finish(secret);
    }

    /// <summary>The same, of what ISO 8859-1 can express in it (RFC 2831 section 2.1.2.1).</summary>
    public static void HashFoldedSecret(ReadOnlySpan<byte> user, ReadOnlySpan<byte> realm, ReadOnlySpan<byte> password, Span<byte> secret)
    {
        if (Ascii.IsValid(user) && Ascii.IsValid(realm) && Ascii.IsValid(password))
        {
            HashSecret(user, realm, password, secret);
            return;
        }
        byte[] folded = DigestText.Fold(password);
        HashSecret(DigestText.Fold(user), DigestText.Fold(realm), folded, secret);
        CryptographicOperations.ZeroMemory(folded);
    }

    /// <summary>H(A1) of <c>md5-sess</c>: the session's key.</summary>
    /// <param name="secret">H(user ":" realm ":" password).</param>
    /// <param name="nonce">The server's nonce.</param>
    /// <param name="clientNonce">The client's nonce.</param>
    /// <param name="authorizationId">The authzid if it is sent, even if it is empty; null if it is not.</param>
    /// <param name="key">Receives 16 octets.</param>
    public static void HashSession(
        ReadOnlySpan<byte> secret, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> clientNonce, ReadOnlyMemory<byte>? authorizationId, Span<byte> key)
    {
        var hash = new ShortMd5(stackalloc byte[Usual]);
        hash.Add(secret);
        hash.Add(":"u8);
        hash.Add(nonce);
        hash.Add(":"u8);
        hash.Add(clientNonce);
        if (authorizationId is { } name)
        {
            hash.Add(":"u8);
            hash.Add(name.Span);
        }
        hash.Finish(key);
    }

    /// <summary>Both proofs: the client's <c>response</c> and the server's <c>rspauth</c>. They begin alike, so that both cost little more than one.</summary>
    /// <param name="key">H(A1).</param>
    /// <param name="nonce">The server's nonce.</param>
    /// <param name="clientNonce">The client's nonce.</param>
    /// <param name="count">The nonce count.</param>
    /// <param name="qop">The quality of protection.</param>
    /// <param name="uri">The digest-uri.</param>
    /// <param name="ofClient">Receives 16 octets, which are sent as hex digits in lower case.</param>
    /// <param name="ofServer">Receives 16 octets, likewise.</param>
    public static void Prove(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> clientNonce, uint count, DigestQop qop, ReadOnlySpan<byte> uri,
        Span<byte> ofClient, Span<byte> ofServer)
    {
        Span<byte> clientA2 = stackalloc byte[HashLength];
        Span<byte> serverA2 = stackalloc byte[HashLength];
        HashA2("AUTHENTICATE:"u8, uri, qop, clientA2);
        HashA2(":"u8, uri, qop, serverA2);

        Span<byte> octets = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(octets, count);
        var hash = new ShortMd5(stackalloc byte[Usual]);
        hash.AddHex(key);
        hash.Add(":"u8);
        hash.Add(nonce);
        hash.Add(":"u8);
        hash.AddHex(octets);
        hash.Add(":"u8);
        hash.Add(clientNonce);
        hash.Add(":"u8);
        hash.Add(DigestProtection.NameOf(qop));
        hash.Add(":"u8);
        hash.FinishBoth(clientA2, serverA2, ofClient, ofServer);
    }

    /// <summary>The keys of a layer: MD5 of (some of) the session's key and a constant (RFC 2831 sections 2.3 and 2.4).</summary>
    public static void DeriveKey(ReadOnlySpan<byte> sessionKey, ReadOnlySpan<byte> constant, Span<byte> key)
    {
        var hash = new ShortMd5(stackalloc byte[Usual]);
        hash.Add(sessionKey);
        hash.Add(constant);
        hash.Finish(key);
    }

    private static void HashA2(ReadOnlySpan<byte> method, ReadOnlySpan<byte> uri, DigestQop qop, Span<byte> digest)
    {
        var hash = new ShortMd5(stackalloc byte[Usual]);
        hash.Add(method);
        hash.Add(uri);
        if (qop is not DigestQop.Auth)
            hash.Add(":00000000000000000000000000000000"u8);
        hash.Finish(digest);
    }
}
