namespace Sasl;

/// <summary>Hangul syllables, which decompose and compose by arithmetic (The Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    private const int FirstSyllable = 0xAC00;
    private const int FirstLeading = 0x1100;
    private const int FirstVowel = 0x1161;

    // The trailing consonant before the first: "none" counts as one of the 28.
    private const int NoTrailing = 0x11A7;
    private const int Leadings = 19;
    private const int Vowels = 21;
    private const int Trailings = 28;
    private const int Syllables = Leadings * Vowels * Trailings;

    /// <summary>Appends the two or three letters of a syllable; false, and nothing appended, for any other code point.</summary>
    public static bool TryDecompose(int point, ref CodePointWriter output)
    {
        int syllable = point - FirstSyllable;
        if (!IsBelow(syllable, Syllables))
            return false;
        output.Append(FirstLeading + syllable / (Vowels * Trailings));
        output.Append(FirstVowel + syllable / Trailings % Vowels);
        if (syllable % Trailings is not 0 and int trailing)
            output.Append(NoTrailing + trailing);
        return true;
    }

    /// <summary>Joins a leading consonant with a vowel, or a syllable that has no trailing consonant with one.</summary>
    public static bool TryCompose(int first, int second, out int composite)
    {
        int leading = first - FirstLeading;
        int vowel = second - FirstVowel;
        int syllable = first - FirstSyllable;
        int trailing = second - NoTrailing;
        if (IsBelow(leading, Leadings) && IsBelow(vowel, Vowels))
            composite = FirstSyllable + (leading * Vowels + vowel) * Trailings;
        else if (IsBelow(syllable, Syllables) && syllable % Trailings == 0 && trailing != 0 && IsBelow(trailing, Trailings))
            composite = first + trailing;
        else
            composite = 0;
        return composite != 0;
    }

    private static bool IsBelow(int index, int count) => (uint)index < (uint)count;
}
