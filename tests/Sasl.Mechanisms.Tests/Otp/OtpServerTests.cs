using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>What a server keeps: each password once, one login at a time, and an end of every sequence.</summary>
public sealed class OtpServerTests
{
    [Theory]
    [InlineData(OtpAlgorithm.Md4)]
    [InlineData(OtpAlgorithm.Md5)]
    [InlineData(OtpAlgorithm.Sha1)]
    public async Task A_login_uses_a_password_up_and_the_next_one_needs_the_next(OtpAlgorithm algorithm)
    {
        using var parties = new OtpParties(algorithm: algorithm);

        Assert.Equal("alice", (await parties.LogInAsync())?.Authorized.ToString());
        Assert.Equal(Encoding.ASCII.GetString(OtpParties.Record(algorithm, 498, "ke1234")), await parties.StoredAsync());
        Assert.NotNull(await parties.LogInAsync());
        Assert.Equal(Encoding.ASCII.GetString(OtpParties.Record(algorithm, 497, "ke1234")), await parties.StoredAsync());
    }

    [Fact]
    public async Task The_record_is_Cyrus_SASLs_octet_by_octet()
    {
        using var parties = new OtpParties();
        await parties.LogInAsync();

        Assert.Matches(@"\Amd5\t0498\tke1234\t[0-9a-f]{16}\t0{20}\z", await parties.StoredAsync());
    }

    [Fact]
    public async Task While_a_login_is_under_way_no_other_begins()
    {
        using var parties = new OtpParties();
        (SaslServerSession first, SaslReply challenge) = await parties.BeginAsync();
        (SaslServerSession second, SaslReply refused) = await parties.BeginAsync();

        Assert.Equal(SaslError.TemporaryFailure, refused.Error);
        Assert.EndsWith($"\t{parties.Clock.GetUtcNow().ToUnixTimeSeconds() + 300:D20}", await parties.StoredAsync(), StringComparison.Ordinal);
        Assert.True((await first.StepAsync(OtpParties.Answer(challenge.Message!.Value))).IsSuccess);
        Assert.NotNull(await parties.LogInAsync());
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task An_abandoned_login_locks_for_five_minutes()
    {
        using var parties = new OtpParties();
        (SaslServerSession abandoned, _) = await parties.BeginAsync();
        abandoned.Dispose();

        parties.Clock.Advance(TimeSpan.FromSeconds(299));
        Assert.Null(await parties.LogInAsync());
        parties.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await parties.LogInAsync());
    }

    [Fact]
    public async Task A_wrong_answer_ends_the_lock_and_uses_nothing_up()
    {
        using var parties = new OtpParties();
        (SaslServerSession session, _) = await parties.BeginAsync();

        Assert.Equal(SaslError.InvalidCredentials, (await session.StepAsync("hex:0000000000000000"u8.ToArray())).Error);
        Assert.Equal(Encoding.ASCII.GetString(OtpParties.Record(OtpAlgorithm.Md5, 499, "ke1234")), await parties.StoredAsync());
        session.Dispose();
    }

    [Fact]
    public async Task An_answer_that_comes_too_late_is_used_up_and_refused()
    {
        using var parties = new OtpParties();
        (SaslServerSession session, SaslReply challenge) = await parties.BeginAsync();
        byte[] answer = OtpParties.Answer(challenge.Message!.Value);
        parties.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(SaslError.TemporaryFailure, (await session.StepAsync(answer)).Error);
        (SaslServerSession again, SaslReply next) = await parties.BeginAsync();
        Assert.StartsWith("otp-md5 497 ", Encoding.ASCII.GetString(next.Message!.Value.Span), StringComparison.Ordinal);
        Assert.False((await again.StepAsync(answer)).IsSuccess);
        session.Dispose();
        again.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task As_many_get_in_at_once_as_passwords_are_used_up(int lockMinutes)
    {
        using var parties = new OtpParties(new OtpOptions { LockTime = TimeSpan.FromMinutes(lockMinutes) });
        SaslServer[] servers = [.. Enumerable.Range(0, 16).Select(_ => parties.NewServer(parties.Store))];    // as on many machines

        bool[] let = await Task.WhenAll(servers.Select(server => Task.Run(async () =>
        {
            (SaslServerSession session, SaslReply reply) = await parties.BeginAsync(server: server);
            using (session)
            {
                if (reply.NeedsMore)
                    reply = await session.StepAsync(OtpParties.Answer(reply.Message!.Value));
                return reply.IsSuccess;
            }
        })));

        Assert.NotEqual(0, let.Count(static one => one));
        int used = 499 - int.Parse((await parties.StoredAsync())!.Split('\t')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(used, let.Count(static one => one));
    }

    [Fact]
    public async Task Two_logins_with_the_same_challenge_cannot_both_get_in()
    {
        using var parties = new OtpParties(new OtpOptions { LockTime = TimeSpan.Zero });
        (SaslServerSession first, SaslReply challenge) = await parties.BeginAsync();
        (SaslServerSession second, SaslReply same) = await parties.BeginAsync();
        Assert.Equal(challenge.Message!.Value.ToArray(), same.Message!.Value.ToArray());
        byte[] answer = OtpParties.Answer(challenge.Message.Value);

        Assert.True((await first.StepAsync(answer)).IsSuccess);
        Assert.Equal(SaslError.InvalidCredentials, (await second.StepAsync(answer)).Error);
        Assert.Null(second.Identity);
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task A_sequence_ends_with_a_clear_reason_and_a_new_password_begins_another()
    {
        using var parties = new OtpParties(new OtpOptions { RenewBelow = 0 }, sequence: 2);

        Assert.NotNull(await parties.LogInAsync());
        (SaslServerSession session, SaslReply refused) = await parties.BeginAsync();
        Assert.Equal(SaslError.PasswordExpired, refused.Error);
        await parties.Store.StoreAsync(OtpParties.Alice, SaslMechanisms.Otp.DeriveSecrets!(OtpParties.Alice, Encoding.ASCII.GetBytes(OtpParties.PassPhrase)), default);
        Assert.NotNull(await parties.LogInAsync());
        session.Dispose();
    }

    [Fact]
    public async Task A_client_begins_a_new_sequence_in_time()
    {
        using var parties = new OtpParties(sequence: 12);

        for (int i = 0; i < 4; i++)
            Assert.NotNull(await parties.LogInAsync());

        Assert.Matches(@"\Amd5\t0498\tsr[0-9]{4}\t", await parties.StoredAsync());
    }

    [Theory]
    [InlineData("init-hex:{0}:md5 499 ke1234:0011223344556677")]
    [InlineData("init-hex:{0}:md5 0 ke1235:0011223344556677")]
    [InlineData("init-hex:{0}:md5 499 ke1235:00112233445566")]
    public async Task A_password_that_came_with_a_bad_new_sequence_is_used_up(string answer)
    {
        using var parties = new OtpParties();
        (SaslServerSession session, SaslReply challenge) = await parties.BeginAsync();
        string right = Encoding.ASCII.GetString(OtpParties.Answer(challenge.Message!.Value))["hex:".Length..];

        SaslReply reply = await session.StepAsync(Encoding.ASCII.GetBytes(string.Format(System.Globalization.CultureInfo.InvariantCulture, answer, right)));

        Assert.Equal(SaslError.InvalidCredentials, reply.Error);
        Assert.Equal(Encoding.ASCII.GetString(OtpParties.Record(OtpAlgorithm.Md5, 498, "ke1234")), await parties.StoredAsync());
        session.Dispose();
    }

    [Fact]
    public async Task Somebody_unknown_gets_a_challenge_that_stays_the_same_and_no_entry_in_the_store()
    {
        using var parties = new OtpParties();
        (SaslServerSession first, SaslReply one) = await parties.BeginAsync("nobody");
        (SaslServerSession second, SaslReply other) = await parties.BeginAsync("nobody");

        Assert.Matches(@"\Aotp-md5 4[4-9][0-9] sr[0-9]{4} ext\z", Encoding.ASCII.GetString(one.Message!.Value.Span));
        Assert.Equal(one.Message.Value.ToArray(), other.Message!.Value.ToArray());
        Assert.Equal(SaslError.InvalidCredentials, (await first.StepAsync(OtpParties.Answer(one.Message.Value))).Error);
        using var found = new PropertySet(new SaslProperty(OtpParties.Property));
        Assert.False(await parties.Store.LookupAsync(new SaslUser("nobody", ""), found, default));
        first.Dispose();
        second.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("md5\t0499\tke1234\tf5d328982aebc078")]
    [InlineData("md6\t0499\tke1234\tf5d328982aebc078\t00000000000000000000")]
    [InlineData("md5\t10000\tke1234\tf5d328982aebc078\t00000000000000000000")]
    [InlineData("md5\t0499\tke-1234\tf5d328982aebc078\t00000000000000000000")]
    [InlineData("md5\t0499\tke1234\tf5d328982aebc07\t00000000000000000000")]
    [InlineData("md5\t0499\tke1234\tf5d328982aebc078\t99999999999999999999")]
    [InlineData("md5\t0499\tke1234\tf5d328982aebc078\t-1")]
    public void What_is_no_record_is_not_taken_for_one(string stored) => Assert.Null(OtpRecord.Parse(Encoding.ASCII.GetBytes(stored)));

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    public void The_older_binary_form_of_Cyrus_SASL_is_read(int sizeOfTime)
    {
        byte[] stored = [.. "md5\00499\0vm2207\0"u8, 0xf5, 0xd3, 0x00, 0x98, 0x2a, 0xeb, 0xc0, 0x78, .. new byte[sizeOfTime]];

        OtpRecord record = OtpRecord.Parse(stored)!;

        Assert.Equal("md5\t0499\tvm2207\tf5d300982aebc078\t00000000000000000000", Encoding.ASCII.GetString(record.ToOctets()));
        Assert.Null(OtpRecord.Parse(stored.AsSpan(0, stored.Length - 1)));
    }

    [Fact]
    public async Task A_sequence_of_OPIE_is_read_once_and_the_store_decides_from_then_on()
    {
        string file = Path.GetTempFileName();
        try
        {
            byte[] password = new byte[OtpHash.Length];
            OtpHash.Compute(OtpAlgorithm.Md5, Encoding.ASCII.GetBytes(OtpParties.PassPhrase), "ke1234", 300, password);
            string text = $"# comment\nbob 0400 ke1111 1111111111111111  Jan 01,2026 00:00:00\nalice 0300 ke1234 {OtpText.ToHex(password)}  Jan 01,2026 00:00:00\ncarol 0300 ke1234 ****************\n";
            File.WriteAllText(file, text);
            using var parties = new OtpParties(new OtpOptions { OpieKeys = file }, sequence: -1);

            Assert.NotNull(await parties.LogInAsync());
            Assert.StartsWith("md5\t0299\tke1234\t", await parties.StoredAsync(), StringComparison.Ordinal);
            Assert.NotNull(await parties.LogInAsync());
            Assert.StartsWith("md5\t0298\tke1234\t", await parties.StoredAsync(), StringComparison.Ordinal);
            Assert.Equal(text, File.ReadAllText(file));
            (SaslServerSession carol, SaslReply made) = await parties.BeginAsync("carol");
            Assert.Matches(" sr[0-9]{4} ext", Encoding.ASCII.GetString(made.Message!.Value.Span));
            carol.Dispose();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("/nowhere/opiekeys", true)]
    [InlineData("/", false)]
    public async Task A_file_of_OPIE_that_is_missing_has_nobody_and_one_that_cannot_be_read_is_an_outage(string path, bool isMissing)
    {
        using var parties = new OtpParties(new OtpOptions { OpieKeys = path }, sequence: -1);
        (SaslServerSession session, SaslReply reply) = await parties.BeginAsync();

        Assert.Equal(isMissing ? SaslError.None : SaslError.TemporaryFailure, reply.Error);
        session.Dispose();
    }

    [Fact]
    public async Task Somebody_without_a_pass_phrase_is_shown_the_challenge_and_types_the_answer()
    {
        using var parties = new OtpParties();
        string? shown = null;

        Assert.NotNull(await parties.LogInAsync(types: true, challenge =>
        {
            shown = challenge;
            return SaslSecret.FromText(Encoding.ASCII.GetString(OtpParties.Answer(Encoding.ASCII.GetBytes(challenge)))["hex:".Length..]);
        }));

        Assert.Equal("otp-md5 498 ke1234 ext", shown);
        Assert.Null(await parties.LogInAsync(types: true, static _ => SaslSecret.FromText("not six words")));
        parties.Clock.Advance(TimeSpan.FromMinutes(5));    // that login was given up
        Assert.Null(await parties.LogInAsync(types: true, static _ => null));
    }

    [Fact]
    public async Task A_client_with_nothing_to_answer_with_says_nothing()
    {
        using var parties = new OtpParties();

        Assert.Null(await parties.LogInAsync(types: true));
    }

    [Fact]
    public void A_new_secret_is_a_sequence_of_499_with_a_seed_of_its_own()
    {
        string[] secrets = [.. Enumerable.Range(0, 8).Select(static _ => Encoding.ASCII.GetString(
            Assert.Single(SaslMechanisms.Otp.DeriveSecrets!(OtpParties.Alice, "secret"u8)).Value!.Value.Span))];

        Assert.All(secrets, static secret => Assert.Matches(@"\Amd5\t0499\t[a-z0-9]{6}\t[0-9a-f]{16}\t0{20}\z", secret));
        Assert.NotEqual(1, secrets.Distinct().Count());
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(10_000, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 61)]
    public void Options_out_of_bounds_are_refused(int renewBelow, int lockMinutes) => Assert.ThrowsAny<ArgumentOutOfRangeException>(() =>
        SaslMechanisms.Create(new SaslMechanismOptions { Otp = new OtpOptions { RenewBelow = renewBelow, LockTime = TimeSpan.FromMinutes(lockMinutes) } }));
}
