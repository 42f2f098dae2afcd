using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>The values of MS-NLMP section 4.2: User, Domain, Password.</summary>
public sealed class NtlmComputationTests
{
    private static readonly byte[] s_challenge = Convert.FromHexString("0123456789abcdef");
    private static readonly byte[] s_clientChallenge = Convert.FromHexString("aaaaaaaaaaaaaaaa");
    private static readonly byte[] s_targetInfo = Convert.FromHexString("02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000");

    [Fact]
    public void The_hash_and_the_response_of_the_first_version_are_those_of_the_specification()
    {
        byte[] hash = new byte[16];
        byte[] response = new byte[24];
        NtlmComputation.HashPassword("Password"u8, hash);
        NtlmComputation.Respond(hash, s_challenge, response);
        Assert.Equal("a4f49c406510bdcab6824ee7c30fd852", Convert.ToHexStringLower(hash));
        Assert.Equal("67c43011f30298a2ad35ece64f16331c44bdbed927841f94", Convert.ToHexStringLower(response));
    }

    [Theory]
    [InlineData("Password")]
    [InlineData("pASSWORD")]
    public void The_LM_hash_and_response_are_those_of_the_specification_whatever_the_case(string password)
    {
        byte[] hash = new byte[16];
        byte[] response = new byte[24];
        NtlmComputation.HashPasswordForLm(Encoding.ASCII.GetBytes(password), hash);
        NtlmComputation.Respond(hash, s_challenge, response);
        Assert.Equal("e52cac67419a9a224a3b108f3fa6cb6d", Convert.ToHexStringLower(hash));
        Assert.Equal("98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13", Convert.ToHexStringLower(response));
    }

    [Fact]
    public void The_hash_and_the_proofs_of_the_second_version_are_those_of_the_specification()
    {
        byte[] hash = new byte[16];
        byte[] proof = new byte[16];
        NtlmComputation.HashPassword("Password"u8, hash);
        NtlmComputation.HashPasswordForV2(hash, "User", "Domain", hash);
        Assert.Equal("0c868a403bfd7a93a3001ef22ef02e3f", Convert.ToHexStringLower(hash));
        NtlmComputation.Prove(hash, s_challenge, s_clientChallenge, proof);
        Assert.Equal("86c35097ac9cec102554764a57cccc19", Convert.ToHexStringLower(proof));
        NtlmComputation.Prove(hash, s_challenge, [1, 1, .. new byte[14], .. s_clientChallenge, 0, 0, 0, 0, .. s_targetInfo, 0, 0, 0, 0], proof);
        Assert.Equal("68cd0ab851e51c96aabc927bebef6a1c", Convert.ToHexStringLower(proof));
    }

    [Theory]
    [InlineData("zoë", "7a006f00eb00")]
    [InlineData("\ud83d\ude00", "3dd800de")]
    public void A_password_is_hashed_as_UTF_16(string password, string wide) =>
        Assert.Equal(wide, Convert.ToHexStringLower(NtlmText.Widen(Encoding.UTF8.GetBytes(password))));

    [Fact]
    public void A_password_that_is_not_UTF_8_is_widened_octet_by_octet_as_Cyrus_SASL_does() =>
        Assert.Equal("7a00ff00", Convert.ToHexStringLower(NtlmText.Widen([0x7a, 0xff])));
}
