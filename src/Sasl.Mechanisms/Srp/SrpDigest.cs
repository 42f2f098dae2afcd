using System.Collections.Immutable;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>One hash function of SRP, with its name in options and stored secrets.</summary>
internal sealed record SrpDigest(SrpHash Hash, string Name, int Size)
{
    private const string HmacPrefix = "HMAC-";

    /// <summary>All of them, in Cyrus SASL's order: clients take the first that is offered.</summary>
    public static ImmutableArray<SrpDigest> All { get; } =
        [new(SrpHash.Sha1, "SHA-1", 20), new(SrpHash.RipeMd160, "RIPEMD-160", 20), new(SrpHash.Md5, "MD5", 16)];

    /// <summary>The name of an HMAC made of it.</summary>
    public string HmacName => HmacPrefix + Name;

    /// <summary>The one that an option of the application names.</summary>
    public static SrpDigest Of(SrpHash hash) => All.First(digest => digest.Hash == hash);

    /// <summary>Finds one by its name, in any case; null when unknown.</summary>
    public static SrpDigest? Find(ReadOnlySpan<byte> name)
    {
        foreach (SrpDigest digest in All)
        {
            if (Ascii.EqualsIgnoreCase(name, digest.Name))
                return digest;
        }
        return null;
    }

    /// <summary>Finds one by the name of its HMAC, in any case; null when unknown.</summary>
    public static SrpDigest? FindHmac(ReadOnlySpan<byte> name) =>
        name.Length > HmacPrefix.Length && Ascii.EqualsIgnoreCase(name[..HmacPrefix.Length], HmacPrefix) ? Find(name[HmacPrefix.Length..]) : null;

    /// <summary>A new computation.</summary>
    public IDigest Start() => Hash switch
    {
        SrpHash.Sha1 => new Sha1Digest(),
        SrpHash.RipeMd160 => new RipeMD160Digest(),
        SrpHash.Md5 => new MD5Digest(),
    };

    /// <summary>The hash of some parts, one behind the other.</summary>
    public byte[] Compute(params ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        IDigest digest = Start();
        foreach (ReadOnlyMemory<byte> part in parts)
            digest.BlockUpdate(part.Span);
        byte[] result = new byte[Size];
        digest.DoFinal(result);
        return result;
    }

    /// <summary>The octets of a number as messages and hashes have it: no sign, no zeros before it.</summary>
    public static byte[] Octets(BigInteger number) => number.ToByteArrayUnsigned();
}
