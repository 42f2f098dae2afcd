using System.Buffers;
using System.Text;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Core.Tests.Preparation;

/// <summary>Compares with outcomes that tools/stringprep/generate.py computed, with the platform, and with itself.</summary>
public sealed class StringPrepReferenceTests(ITestOutputHelper log)
{
    private const int RandomStrings = 20_000;
    private const int ReportedMismatches = 20;

    [Fact]
    public void Every_code_point_alone_has_the_outcome_of_the_reference()
    {
        var mismatches = new List<string>();
        var output = new ArrayBufferWriter<byte>();
        int next = 0;
        foreach (string[] row in TextData.Rows("stringprep-points.txt"))
        {
            Assert.Equal(next, TextData.ParsePoint(row[0]));
            for (; next <= TextData.ParsePoint(row[1]); next++)
            {
                byte[] utf8 = Encode(next);
                string text = Rune.IsValid(next) ? char.ConvertFromUtf32(next) : ((char)next).ToString();
                Check(next, "stored", TextData.Expected(row[2], text), Run(SaslPrep.TryStored, utf8, output));
                Check(next, "query", TextData.Expected(row[3], text), Run(SaslPrep.TryQuery, utf8, output));
                Check(next, "trace", TextData.Expected(row[4], text), Prep.Trace(text));
            }
        }

        Assert.Equal(0x110000, next);
        Assert.Empty(mismatches);

        void Check(int point, string profile, string? expected, string? actual)
        {
            if (expected != actual && mismatches.Count < ReportedMismatches)
                mismatches.Add($"{point:X4} {profile}: {TextData.Show(expected)} expected, {TextData.Show(actual)} found");
        }
    }

    [Fact]
    public void Strings_of_several_code_points_have_the_outcome_of_the_reference()
    {
        int count = 0;
        foreach (string[] row in TextData.Rows("stringprep-strings.txt"))
        {
            string text = TextData.ParsePoints(row[0]);
            string expected = TextData.Show(TextData.Expected(row[1], text));
            Assert.Equal((row[0], expected), (row[0], TextData.Show(Prep.Stored(text))));
            Assert.Equal((row[0], expected), (row[0], TextData.Show(Prep.Query(text))));
            count++;
        }

        Assert.True(count > 1000);
    }

    [Fact]
    public void Normalisation_of_code_points_of_Unicode_3_2_agrees_with_the_platform()
    {
        Assert.True("\u2168".Normalize(NormalizationForm.FormKC) == "IX", "This test needs ICU: is the process in invariant mode?");

        // Corrigendum 4 changed these five after Unicode 3.2. Non-characters the platform refuses.
        const StringPrepTable Incomparable = StringPrepTable.A1 | StringPrepTable.C4;
        int[] corrected = [0x2F868, 0x2F874, 0x2F91F, 0x2F95F, 0x2F9BF];
        Random dice = Dice();
        for (int i = 0; i < RandomStrings; i++)
        {
            string text = RandomText(dice, point => (CodePoint.TablesOf(point) & Incomparable) == 0 && !corrected.Contains(point));
            Assert.Equal(
                (TextData.Show(text), TextData.Show(text.Normalize(NormalizationForm.FormKC))),
                (TextData.Show(text), TextData.Show(Normalize(text))));
        }
    }

    [Fact]
    public void Preparing_twice_is_preparing_once()
    {
        Random dice = Dice();
        int accepted = 0;
        for (int i = 0; i < RandomStrings; i++)
        {
            string text = RandomText(dice, static _ => true);
            Assert.Equal((text, Prep.Query(text)), (text, Prep.Query(text) is { } query ? Prep.Query(query) : null));
            Assert.Equal((text, Prep.Stored(text)), (text, Prep.Stored(text) is { } stored ? Prep.Stored(stored) : null));
            accepted += Prep.Query(text) is null ? 0 : 1;
        }

        log.WriteLine($"{accepted} of {RandomStrings} accepted");
        Assert.True(accepted > RandomStrings / 10);
    }

    [Fact]
    public void A_stored_string_is_a_query_without_unassigned_code_points()
    {
        Random dice = Dice();
        for (int i = 0; i < RandomStrings; i++)
        {
            string text = RandomText(dice, static _ => true);
            bool unassigned = text.EnumerateRunes().Any(static rune => (CodePoint.TablesOf(rune.Value) & StringPrepTable.A1) != 0);
            Assert.Equal(unassigned ? null : Prep.Query(text), Prep.Stored(text));
        }
    }

    [Fact]
    public void Random_octets_never_throw_and_a_refusal_writes_nothing()
    {
        Random dice = Dice();
        var output = new ArrayBufferWriter<byte>();
        for (int i = 0; i < RandomStrings; i++)
        {
            byte[] octets = new byte[dice.Next(1, 24)];
            dice.NextBytes(octets);
            octets.AsSpan(dice.Next(octets.Length)).Fill((byte)dice.Next(0x20, 0x7F));
            output.ResetWrittenCount();
            bool accepted = SaslPrep.TryQuery(octets, output);
            Assert.True(accepted || output.WrittenCount == 0);
        }
    }

    private Random Dice()
    {
        int seed = Random.Shared.Next();
        log.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    // One to eight code points, most of them from places where something happens.
    private static string RandomText(Random dice, Func<int, bool> allowed)
    {
        var text = new StringBuilder();
        for (int left = dice.Next(1, 9); left > 0; left--)
        {
            int point;
            do
            {
                point = dice.Next(10) switch
                {
                    0 => dice.Next(0x110000),
                    1 => dice.Next(0x3000, 0xFFFF),
                    2 => dice.Next(0xAC00, 0xD7A4),
                    3 => dice.Next(0x1100, 0x1200),
                    4 => dice.Next(0x0590, 0x0700),
                    5 or 6 => dice.Next(0x0300, 0x0370),
                    7 => dice.Next(0x0900, 0x1000),
                    8 => dice.Next(0x00A0, 0x0250),
                    _ => dice.Next(0x20, 0x7F),
                };
            }
            while (!Rune.IsValid(point) || !allowed(point));
            text.Append(char.ConvertFromUtf32(point));
        }

        return text.ToString();
    }

    private static string Normalize(string text)
    {
        long[] points = new long[18 * text.Length];
        var writer = new CodePointWriter(points);
        foreach (Rune rune in text.EnumerateRunes())
            Nfkc.Decompose(rune.Value, ref writer);
        int count = Nfkc.Finish(points.AsSpan(0, writer.Count));
        return string.Concat(points.Take(count).Select(static point => char.ConvertFromUtf32((int)point)));
    }

    private static string? Run(Func<ReadOnlySpan<byte>, IBufferWriter<byte>, bool> prepare, byte[] utf8, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        return prepare(utf8, output) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }

    // Surrogates too, in three octets, as a peer might send them.
    private static byte[] Encode(int point) => Rune.IsValid(point)
        ? Encoding.UTF8.GetBytes(char.ConvertFromUtf32(point))
        : [(byte)(0xE0 | point >> 12), (byte)(0x80 | (point >> 6 & 0x3F)), (byte)(0x80 | (point & 0x3F))];
}
