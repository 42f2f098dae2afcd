using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The numbers that are the same in all conversations: the group of the key agreement, and the one in which servers make their signing keys.</summary>
internal static class PassdssGroup
{
    /// <summary>The prime of the key agreement, with generator 2: the second Oakley group (RFC 2409 section 6.2), 1024 bits.</summary>
    public static BigInteger Prime { get; } = new(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
        + "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
        16);

    /// <summary>Made once with "openssl genpkey -genparam -algorithm DSA", 1024 and 160 bits. Cyrus SASL makes new ones for every login, which takes long and is of no use: they are no secret.</summary>
    public static DsaParameters Signing { get; } = new(
        new BigInteger(
            "D39F3679A27CCE880BC47CA6E381AAF3B36E9EC715D06F28D3AE4A8CE6C7D3FBD4209C7CD70E1D38E22DC4E31383C7AF913A82F3FF6CECA58E070C34"
            + "F5F14F3D2284888AA9C695DCC50B9F986FCFFDF4EA1AD392649EC9CF5D89E88E896DFFB740B5E5FAE3C716F9DB9A71961580D469F66D1C1AC1ECEC1D"
            + "F08FD2E8CE9EDF37",
            16),
        new BigInteger("F65635F13F06B32E361C52995CC3E50AA314E3FD", 16),
        new BigInteger(
            "A434A51877EA833242A64D31AAD73B16B7B1A9406A5348899763BFFDA5833F7B9B0A6C4B2F29114D693955EC008D15F1B75E82EA006F63028CCD489D"
            + "437E02BEE09358C466949D33E3D60907021E73B58A72D72B4CA0048BA5157B56FCC9407F9C6D8CE4BB5F504431BFA6F4A4427125D6837F8B8F7A577B"
            + "2F52EE9592A3FF7F",
            16));

    /// <summary>2 to the power of a private key.</summary>
    public static BigInteger Raise(BigInteger privateKey) => BigInteger.Two.ModPow(privateKey, Prime);

    /// <summary>Whether a peer's public key is between 1 and p - 1, neither included: with the others everybody knows the shared secret.</summary>
    public static bool IsPublicKey(BigInteger key) => key.CompareTo(BigInteger.One) > 0 && key.CompareTo(Prime.Subtract(BigInteger.One)) < 0;
}
