using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>What stores keep: written in one form, read in all that are around.</summary>
public sealed class ScramVerifierTests
{
    private const string Rfc7677 =
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    /// <summary>Dovecot 2.3 and its tests, GNU SASL 2.2.0, Cyrus SASL master.</summary>
    public static TheoryData<string, string> Foreign => new()
    {
        { "pencil", Rfc7677 },
        { "test", "{SCRAM-SHA-1}4096,GetyLXdBuHzf1FWf8SLz2Q==,NA/OqmF4hhrsrB9KR7po+dliTGM=,QBiURvQaE6H6qYTmeghDHLANBFQ=" },
        { "test", "{SCRAM-SHA-256}4096,LfNGSFqiFykEZ1xDAYlnKQ==,HACNf9CII7cMz3XjRy/Oh3Ae2LHApoDyNw74d3YtFws=,AQH0j7Hf8J12g8eNBadvzlNB2am3PxgNwFCFd3RxEaw=" },
        { "pencil", "{SCRAM-SHA-1}4096,mQZZZDZsVcRDOnD5h0+9fQ==,T0GsWewlMCPycIzCRD15doqe9a8=,YkPiuXq64z+y3fsgpdupHXQcURI=" },
        { "pencil", "{SCRAM-SHA-1}4096,LP0jZBPBTbxhyPZc,xXLJpQDNOqu4GARxRYUgS4bHTgE=,jwIK93UZKRQgpWhL+GfKyQTb8UU=" },
        { "pencil", "SCRAM-SHA-1$4096:SBFud+iTyhqDzjKgBANh9Q==$KQpvYCOu8yER9x9Zn9La7sF8o6c=:xBYC2zVFmg70R1As1xc+4+K6A/s=" },
    };

    public static TheoryData<string> Hashes => [.. ScramHash.All.Select(static hash => hash.Name)];

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Values_that_others_wrote_are_read(string password, string stored)
    {
        Assert.True(ScramVerifier.TryParse(Encoding.ASCII.GetBytes(stored), out ScramVerifier? read));
        using ScramVerifier derived = ScramVerifier.Derive(read.Hash, Encoding.ASCII.GetBytes(password), read.Salt.Span, read.Iterations);
        Assert.Equal(derived.Format(), read.Format());
    }

    [Theory]
    [InlineData("SCRAM-SHA-256 $ 4096:W22ZaJ0SNY7soEsUEjb6gQ== $ WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU= ")]
    [InlineData("scram-sha-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("{scram-sha-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    public void Blanks_and_case_do_not_matter_where_they_do_not(string stored)
    {
        Assert.True(ScramVerifier.TryParse(Encoding.ASCII.GetBytes(stored), out ScramVerifier? read));
        Assert.Equal(Rfc7677, Encoding.ASCII.GetString(read.Format()));
    }

    [Fact]
    public void The_salted_password_that_GNU_SASL_appends_is_not_kept()
    {
        byte[] stored = Encoding.ASCII.GetBytes("{SCRAM-SHA-256}4096,wAHKDaTXLfjOrBuM,eBGj6uGk76aDA7yJ5lFjJvmVbKE/JbpHMCcIkRlM8nw=,"
            + "6BazISHpPGdDsXIdKnakxNgZOlrYSJ0y0vFOzWGBcwE=,ecfbac10eda1c746f3c2d09959eee99e000d96d643c1c1c8495b5b6603d38e35");
        Assert.True(ScramVerifier.TryParse(stored, out ScramVerifier? read));
        Assert.Equal("SCRAM-SHA-256$4096:wAHKDaTXLfjOrBuM$eBGj6uGk76aDA7yJ5lFjJvmVbKE/JbpHMCcIkRlM8nw=:6BazISHpPGdDsXIdKnakxNgZOlrYSJ0y0vFOzWGBcwE=",
            Encoding.ASCII.GetString(read.Format()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pencil")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-256$")]
    [InlineData("SCRAM-SHA-256$4096")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:")]
    [InlineData("SCRAM-SHA-256$4096:$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256$4096:====$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256x$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256-PLUS$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-1$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-512$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=:x")]
    [InlineData("{SCRAM-SHA-256}")]
    [InlineData("{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=")]
    [InlineData("{SCRAM-SHA-256 4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    public void Values_of_another_form_are_not(string stored) =>
        Assert.False(ScramVerifier.TryParse(Encoding.ASCII.GetBytes(stored), out _));

    [Theory]
    [InlineData("1", true)]
    [InlineData("10000000", true)]
    [InlineData("10000001", false)]
    [InlineData("0", false)]
    [InlineData("-4096", false)]
    [InlineData("+4096", false)]
    [InlineData("04096", false)]
    [InlineData("4096 ", false)]
    [InlineData("4294971392", false)]
    [InlineData("99999999999999999999999", false)]
    [InlineData("", false)]
    public void Iteration_counts_have_bounds(string iterations, bool accepted) =>
        Assert.Equal(accepted, ScramVerifier.TryParse(Encoding.ASCII.GetBytes(Rfc7677.Replace("4096", iterations, StringComparison.Ordinal)), out _));

    [Theory]
    [InlineData(1, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    [InlineData(100_000, false)]
    public void Salts_have_bounds(int length, bool accepted)
    {
        string stored = Rfc7677.Replace("W22ZaJ0SNY7soEsUEjb6gQ==", Convert.ToBase64String(new byte[length]), StringComparison.Ordinal);
        Assert.Equal(accepted, ScramVerifier.TryParse(Encoding.ASCII.GetBytes(stored), out _));
    }

    [Theory]
    [MemberData(nameof(Hashes))]
    public void What_is_written_is_read(string name)
    {
        ScramHash hash = ScramHash.All.Single(hash => hash.Name == name);
        using ScramVerifier derived = ScramVerifier.Derive(hash, "pencil"u8, "a salt"u8, 3);
        Assert.True(ScramVerifier.TryParse(derived.Format(), out ScramVerifier? read));
        Assert.Same(hash, read.Hash);
        Assert.Equal(3, read.Iterations);
        Assert.True(read.Salt.Span.SequenceEqual("a salt"u8));
        Assert.Equal(derived.Format(), read.Format());
    }

    [Fact]
    public void Any_octets_may_be_stored_and_none_make_it_throw()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] good = Encoding.ASCII.GetBytes(Rfc7677);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bad = [.. good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            Exception? thrown = Record.Exception(() => ScramVerifier.TryParse(bad.AsSpan(..random.Next(bad.Length + 1)), out _));
            Assert.True(thrown is null, $"seed {seed}: {thrown}");
        }
    }

    [Fact]
    public void A_disposed_verifier_is_erased()
    {
        ScramVerifier verifier = ScramVerifier.Derive(ScramHash.Sha256, "pencil"u8, "a salt"u8, 1);
        verifier.Dispose();
        Assert.DoesNotContain(verifier.StoredKey.ToArray().Concat(verifier.ServerKey.ToArray()), static octet => octet != 0);
    }

    [Fact]
    public void The_keys_are_never_printed() =>
        Assert.Equal("SCRAM-SHA-256", ScramVerifier.Derive(ScramHash.Sha256, "pencil"u8, "a salt"u8, 1).ToString());

    [Theory]
    [InlineData(0, 16)]
    [InlineData(-1, 16)]
    [InlineData(10_000_001, 16)]
    [InlineData(1, 0)]
    [InlineData(1, 1025)]
    public void Deriving_out_of_bounds_is_a_mistake_of_the_caller(int iterations, int saltLength) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ScramVerifier.Derive(ScramHash.Sha256, "pencil"u8, new byte[saltLength], iterations));
}
