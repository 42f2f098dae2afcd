using System.Buffers;
using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Preparation;

public sealed class SaslPrepTests
{
    [Theory]
    [InlineData("I\u00ADX", "IX")]
    [InlineData("user", "user")]
    [InlineData("USER", "USER")]
    [InlineData("\u00AA", "a")]
    [InlineData("\u2168", "IX")]
    [InlineData("\u0007", null)]
    [InlineData("\u0627\u0031", null)]
    public void The_examples_of_RFC_4013_section_3_hold(string input, string? expected)
    {
        Assert.Equal(expected, Prep.Stored(input));
        Assert.Equal(expected, Prep.Query(input));
    }

    [Theory]
    [InlineData("\u00BD", "1\u20442")] // NFC would leave it
    [InlineData("\u00B4", " \u0301")]
    [InlineData("aA\u030Ab", "a\u00C5b")]
    [InlineData("\u1E9B\u0323", "\u1E69")]
    [InlineData("a\u0315\u0300\u05AE\u0062", "\u00E0\u05AE\u0315b")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\uAC01\u11A8", "\uAC01\u11A8")]
    [InlineData("\uFF21\uFF22", "AB")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\u212B", "\u00C5")]
    public void Compatibility_forms_are_decomposed_ordered_and_composed(string input, string expected) =>
        Assert.Equal(expected, Prep.Stored(input));

    [Theory]
    [InlineData("\u0B47\u0300\u0B3E")]
    [InlineData("\u1100\u0300\u1161")]
    public void A_mark_between_two_starters_keeps_them_apart(string input) => Assert.Equal(input, Prep.Stored(input));

    [Theory]
    [InlineData("\uAC00\u11A7")]
    [InlineData("\uAC00\u11C3")]
    [InlineData("\u1100\u1176")]
    [InlineData("\u1113\u1161")]
    public void Letters_beside_the_modern_Hangul_alphabet_do_not_compose(string input) => Assert.Equal(input, Prep.Query(input));

    [Theory]
    [InlineData("A\u0300", "\u00C0")]
    [InlineData("A\U00010300", "A\U00010300")] // the same lower 16 bits as U+0300
    [InlineData("\U00010041\u0300", "\U00010041\u0300")] // the same lower 16 bits as "A"
    public void Only_the_whole_code_point_decides_what_composes(string input, string expected) => Assert.Equal(expected, Prep.Query(input));

    [Fact]
    public void Normalisation_is_that_of_Unicode_3_2_and_not_the_platforms()
    {
        // Corrected in Unicode 4.0.
        Assert.Equal("\U0002136A", Prep.Stored("\U0002F868"));

        // Balinese came with Unicode 5.0 and composes there.
        Assert.Equal("\u1B05\u1B35", Prep.Query("\u1B05\u1B35"));
    }

    [Theory]
    [InlineData("a\u1680b", "a b")]
    [InlineData("a\u00A0b", "a b")]
    [InlineData("a\u3000b", "a b")]
    [InlineData("a\u200Bb", "a b")] // in both tables; the spaces come first
    [InlineData("a\u200Cb\u200Dc", "abc")]
    [InlineData("a\u2060b\uFEFFc", "abc")]
    [InlineData("a\u034Fb\uFE0Fc\u180Bd\u1806e", "abcde")]
    [InlineData("\u00AD", "")]
    [InlineData("e\u00AD\u0301", "\u00E9")] // mapping comes before normalisation
    public void Spaces_become_SPACE_and_invisible_characters_vanish(string input, string expected) =>
        Assert.Equal(expected, Prep.Stored(input));

    [Theory]
    [InlineData("\u0080")]
    [InlineData("\u06DD")]
    [InlineData("\u180E")]
    [InlineData("\u2028")]
    [InlineData("\u2063")]
    [InlineData("\u200E")]
    [InlineData("\u202E")]
    [InlineData("\u206A")]
    [InlineData("\u2FF0")]
    [InlineData("\uE000")]
    [InlineData("\uFDD0")]
    [InlineData("\uFFFD")]
    [InlineData("\uFFFF")]
    [InlineData("\U0001D173")]
    [InlineData("\U000F0000")]
    [InlineData("\U0010FFFF")]
    [InlineData("\U000E0001")]
    [InlineData("\U000E0020")]
    [InlineData("\U000E0041")]
    [InlineData("\U000E007F")]
    public void Prohibited_characters_are_refused_wherever_they_stand(string character)
    {
        foreach (string text in new[] { character, "a" + character, character + "b", "\u00E9" + character + "\u00E9" })
        {
            Assert.Null(Prep.Stored(text));
            Assert.Null(Prep.Query(text));
        }
    }

    [Fact]
    public void Prohibition_concerns_the_result_so_deprecated_tone_marks_pass_as_what_they_become()
    {
        // C.8 holds U+0340 and U+0341, but NFKC runs first (RFC 3454 section 2).
        Assert.Equal("\u0300\u0301", Prep.Stored("\u0340\u0341"));
        Assert.Null(Prep.Trace("\u0340"));
    }

    [Theory]
    [InlineData("\u0627\u0031\u0628", true)]
    [InlineData("\u0627\u0031", false)]
    [InlineData("\u0031\u0627", false)]
    [InlineData("\u0627", true)]
    [InlineData("\u0627a\u0628", false)]
    [InlineData("a\u0627", false)]
    [InlineData("\u05D0 \u05D1", true)]
    [InlineData("\u05D0\u0301", false)] // a mark is not RandALCat, so the string ends in none
    [InlineData("\u05D0\u00AD\u05D1", true)]
    [InlineData("\u05D0\u05D1\u00AD", true)] // what vanishes does not count as the last character
    [InlineData("123", true)]
    public void Right_to_left_text_stands_alone_and_at_both_ends(string input, bool accepted)
    {
        Assert.Equal(accepted, Prep.Stored(input) is not null);
        Assert.Equal(accepted, Prep.Query(input) is not null);
    }

    [Theory]
    [InlineData("\u0221")]
    [InlineData("a\u0221b")]
    [InlineData("\U0001F600")]
    public void Unassigned_code_points_pass_a_query_and_not_a_stored_string(string input)
    {
        Assert.Equal(input, Prep.Query(input));
        Assert.Null(Prep.Stored(input));
    }

    [Fact]
    public void An_empty_string_is_prepared_as_an_empty_string()
    {
        Assert.Equal("", Prep.Stored(""));
        Assert.Equal("", Prep.Query(""));
        Assert.Equal("", Prep.Trace(""));
    }

    [Theory]
    [InlineData("80")]
    [InlineData("C3")]
    [InlineData("61C328")]
    [InlineData("C080")] // an overlong NUL
    [InlineData("E09FBF")]
    [InlineData("EDA080")] // an encoded surrogate
    [InlineData("EDA080EDB080")]
    [InlineData("F4908080")]
    [InlineData("FF")]
    [InlineData("C3A9C3")]
    public void Octets_that_are_not_UTF_8_are_refused(string hexadecimal)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.False(SaslPrep.TryQuery(Convert.FromHexString(hexadecimal), output));
        Assert.False(SaslPrep.TryStored(Convert.FromHexString(hexadecimal), output));
        Assert.Equal(0, output.WrittenCount);
    }

    [Theory]
    [InlineData(0xD800)]
    [InlineData(0xDC00)]
    public void A_lone_surrogate_is_refused(int unit)
    {
        string text = "a" + (char)unit;
        Assert.False(SaslPrep.TryQuery(text, out string? query));
        Assert.False(SaslPrep.TryStored(text, out string? stored));
        Assert.False(SaslPrep.TryTrace(text, out string? trace));
        Assert.Null(query ?? stored ?? trace);
    }

    [Fact]
    public void Every_octet_of_ASCII_passes_when_it_is_printable_and_only_then()
    {
        for (int octet = 0; octet < 0x80; octet++)
        {
            string text = "a" + (char)octet + "b";
            string? expected = octet is >= 0x20 and < 0x7F ? text : null;
            Assert.Equal(expected, Prep.Stored(text));
            Assert.Equal(expected, Prep.Query(text));
            Assert.Equal(expected, Prep.Trace(text));

            // The same beside a character that leaves the fast path.
            Assert.Equal(expected is null ? null : expected + "\u00E9", Prep.Query(text + "\u00E9"));
            Assert.Equal(expected is null ? null : "\u00E9" + expected, Prep.Query("\u00E9" + text));
        }
    }

    [Theory]
    [InlineData("a", 1)]
    [InlineData("\u00E9", 2)]
    [InlineData("\u3042", 3)]
    public void Texts_up_to_64_KiB_of_UTF_8_are_prepared_and_longer_ones_refused(string character, int octets)
    {
        (int times, int rest) = Math.DivRem(SaslPrep.MaxOctets, octets);
        string longest = new string('x', rest) + string.Concat(Enumerable.Repeat(character, times));
        Assert.Equal(SaslPrep.MaxOctets, Encoding.UTF8.GetByteCount(longest));
        Assert.Equal(longest, Prep.Stored(longest));
        Assert.Equal(longest, Prep.Trace(longest));
        Assert.Null(Prep.Stored("x" + longest));
        Assert.Null(Prep.Query("x" + longest));
        Assert.Null(Prep.Trace("x" + longest));
    }

    [Fact]
    public void The_longest_text_may_grow_elevenfold()
    {
        string ligatures = string.Concat(Enumerable.Repeat("\uFDFA", SaslPrep.MaxOctets / 3));
        string? prepared = Prep.Stored(ligatures);
        Assert.NotNull(prepared);
        Assert.Equal(11 * 3 * ligatures.Length, Encoding.UTF8.GetByteCount(prepared));
    }

    [Fact]
    public void Tens_of_thousands_of_marks_in_the_worst_order_are_sorted_stably()
    {
        // Classes 230 and 220 in turn: every second mark has to move. U+0300 and U+0301 share a class and must keep their order.
        const int Rounds = 10_000;
        string marks = "x" + string.Concat(Enumerable.Repeat("\u0300\u0323\u0301", Rounds));
        string? prepared = Prep.Stored(marks);
        Assert.Equal("x" + new string('\u0323', Rounds) + string.Concat(Enumerable.Repeat("\u0300\u0301", Rounds)), prepared);
    }

    [Fact]
    public void Output_is_appended_to_what_the_writer_holds()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(SaslPrep.TryQuery("a\u00AD"u8, output));
        Assert.True(SaslPrep.TryQuery("b"u8, output));
        Assert.True(SaslPrep.TryStored("\u00AA"u8, output));
        Assert.Equal("aba", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void A_missing_argument_is_the_callers_fault()
    {
        Assert.Throws<ArgumentNullException>(() => SaslPrep.TryQuery(null!, out _));
        Assert.Throws<ArgumentNullException>(() => SaslPrep.TryStored(null!, out _));
        Assert.Throws<ArgumentNullException>(() => SaslPrep.TryTrace(null!, out _));
        Assert.Throws<ArgumentNullException>(() => SaslPrep.TryQuery("a"u8, null!));
        Assert.Throws<ArgumentNullException>(() => SaslPrep.TryStored("a"u8, null!));
    }

    [Theory]
    [InlineData("sirhc", true)]
    [InlineData("a b", true)]
    [InlineData("\u00AA\u00AD\u00A0\u2168\u2FF0", true)] // neither mapped nor normalised; spaces and C.7 are not prohibited
    [InlineData("\u0221", true)]
    [InlineData("\u0627\u0031", false)]
    [InlineData("\u200E", false)]
    [InlineData("\u2028", false)]
    [InlineData("\uE000", false)]
    [InlineData("\uFFFD", false)]
    [InlineData("\uFFFE", false)]
    [InlineData("\U000E0041", false)]
    [InlineData("a\u0000", false)]
    public void A_trace_is_refused_or_unchanged(string input, bool accepted) => Assert.Equal(accepted ? input : null, Prep.Trace(input));
}
