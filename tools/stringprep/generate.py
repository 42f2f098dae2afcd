#!/usr/bin/env python3
"""Writes the stringprep tables of Sasl.Core and the reference data of their tests.

    python3 tools/stringprep/generate.py           writes the files
    python3 tools/stringprep/generate.py --check   exits 1 when a file is not what would be written

Everything comes from Python's standard library: the module "stringprep" (the tables of RFC 3454) and
"unicodedata.ucd_3_2_0" (Unicode 3.2, the version RFC 3454 section 4 requires for normalisation).
The C# tables are runs of code points; the reference data are outcomes, computed here by following
RFC 4013 and RFC 4505 word by word, so that the two share data but no algorithm.
"""

import hashlib
import pathlib
import random
import stringprep
import struct
import sys
from unicodedata import ucd_3_2_0 as ucd

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ROOT / "src/Sasl.Core/Text/StringPrepTables.cs"
POINTS = ROOT / "tests/Sasl.Core.Tests/Text/data/stringprep-points.txt"
STRINGS = ROOT / "tests/Sasl.Core.Tests/Text/data/stringprep-strings.txt"

LAST = 0x10FFFF
SURROGATES = range(0xD800, 0xE000)
HANGUL_SYLLABLES = range(0xAC00, 0xD7A4)

# The order is the order of the bits in StringPrepTable.cs.
TABLES = {
    "A1": stringprep.in_table_a1, "B1": stringprep.in_table_b1, "C12": stringprep.in_table_c12,
    "C21": stringprep.in_table_c21, "C22": stringprep.in_table_c22, "C3": stringprep.in_table_c3,
    "C4": stringprep.in_table_c4, "C5": stringprep.in_table_c5, "C6": stringprep.in_table_c6,
    "C7": stringprep.in_table_c7, "C8": stringprep.in_table_c8, "C9": stringprep.in_table_c9,
    "D1": stringprep.in_table_d1, "D2": stringprep.in_table_d2,
}
SASLPREP_PROHIBITS = ["C12", "C21", "C22", "C3", "C4", "C5", "C6", "C7", "C8", "C9"]
TRACE_PROHIBITS = ["C21", "C22", "C3", "C4", "C5", "C6", "C8", "C9"]


# ---------------------------------------------------------------- the tables of the library

def runs(value_of):
    """(first code point, value) wherever the value changes."""
    result = []
    for point in range(LAST + 1):
        value = value_of(point)
        if not result or result[-1][1] != value:
            result.append((point, value))
    return result


def bits(point):
    return sum(1 << bit for bit, inside in enumerate(TABLES.values()) if inside(chr(point)))


def decompositions():
    """Full compatibility decomposition of every code point that has one; Hangul is arithmetic."""
    result = {}
    for point in range(LAST + 1):
        if point in SURROGATES or point in HANGUL_SYLLABLES:
            continue
        text = ucd.normalize("NFKD", chr(point))
        if text != chr(point):
            assert ucd.category(chr(point)) != "Cn", "an unassigned code point has a decomposition"
            assert all(ucd.category(c) != "Cn" and not stringprep.in_table_b1(c) and not stringprep.in_table_c12(c) for c in text), \
                "preparing twice would not be the same as preparing once"
            result[point] = text
    return result


def compositions():
    """Primary composites: what canonical composition makes of two code points."""
    result = {}
    for point in range(LAST + 1):
        parts = ucd.decomposition(chr(point)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            first, second = (int(part, 16) for part in parts)
            if ucd.normalize("NFC", chr(first) + chr(second)) == chr(point):
                result[first << 16 | second] = point
                assert first <= 0x7FFF and second <= 0x7FFF and point <= 0xFFFF
    return result


def arrays():
    """Every array of the generated class: name, element type, what it is, values."""
    classes = runs(bits)
    combining = runs(lambda point: ucd.combining(chr(point)))
    decomposed = decompositions()
    starts, entries, offsets, pool = [], [], [], []
    previous = None
    for point in sorted(decomposed):
        if previous is None or point != previous + 1:
            starts.append(point)
            entries.append(len(offsets))
        offsets.append(len(pool))
        pool += struct.unpack("<%dH" % (len(decomposed[point].encode("utf-16-le")) // 2), decomposed[point].encode("utf-16-le"))
        previous = point
    entries.append(len(offsets))
    offsets.append(len(pool))
    composed = sorted(compositions().items())
    return [
        ("ClassStarts", "int", "First code point of each run whose members stand in the same tables of RFC 3454.", [p for p, _ in classes]),
        ("Classes", "ushort", "The tables of each run, as bits of <see cref=\"StringPrepTable\"/>.", [v for _, v in classes]),
        ("CombiningStarts", "int", "First code point of each run with the same canonical combining class.", [p for p, _ in combining]),
        ("CombiningClasses", "byte", "The canonical combining class of each run.", [v for _, v in combining]),
        ("DecompositionStarts", "int", "First code point of each run of neighbours that all have a decomposition.", starts),
        ("DecompositionEntries", "ushort", "Index in <see cref=\"DecompositionOffsets\"/> of each run's first member; one more closes the last run.", entries),
        ("DecompositionOffsets", "ushort", "Where in <see cref=\"DecompositionPool\"/> a decomposition begins; the next one is where it ends.", offsets),
        ("DecompositionPool", "ushort", "Full compatibility decompositions, canonically ordered, as UTF-16.", pool),
        ("CompositionPairs", "int", "Pairs that compose: the first code point in the upper 16 bits, the second in the lower.", [k for k, _ in composed]),
        ("Compositions", "ushort", "The primary composite of each pair.", [v for _, v in composed]),
    ]


# Of each element type: its letter in the module "struct", and its hexadecimal digits in the source.
ELEMENTS = {"byte": ("B", 2), "ushort": ("H", 4), "int": ("i", 6)}


def wrapped(values, digits):
    """Values in lines of at most 140 columns."""
    words = ["0x%0*X," % (digits, value) for value in values]
    per_line = (140 - 8 + 1) // (max(map(len, words)) + 1)
    return "\n".join("        " + " ".join(words[i:i + per_line]) for i in range(0, len(words), per_line))


def code():
    tables = arrays()
    digest = hashlib.sha256()
    for _, element, _, values in tables:
        digest.update(struct.pack("<%d%s" % (len(values), ELEMENTS[element][0]), *values))
    counts = {name: sum(inside(chr(point)) for point in range(LAST + 1)) for name, inside in TABLES.items()}
    parts = [HEADER]
    parts.append("    /// <summary>SHA-256 over the arrays below, in their order, every element little-endian.</summary>")
    parts.append('    public const string Sha256 = "%s";\n' % digest.hexdigest().upper())
    parts.append("    /// <summary>How many code points each table of RFC 3454 has, in the order of the bits of <see cref=\"StringPrepTable\"/>.</summary>")
    parts.append("    public static ReadOnlySpan<int> TableCounts =>\n    [\n        %s\n    ];" % " ".join("%d," % n for n in counts.values()))
    for name, element, summary, values in tables:
        parts.append("\n    /// <summary>%s</summary>" % summary)
        parts.append("    public static ReadOnlySpan<%s> %s =>\n    [\n%s\n    ];" % (element, name, wrapped(values, ELEMENTS[element][1])))
    return "\n".join(parts) + "\n}\n"


HEADER = """\
// <auto-generated>
// Written by tools/stringprep/generate.py; regenerate with "python3 tools/stringprep/generate.py" and never edit by hand.
// Sources: Python's module "stringprep" (RFC 3454, appendices A to D) and unicodedata.ucd_3_2_0 (Unicode 3.2).
// </auto-generated>
namespace Sasl;

/// <summary>The tables of RFC 3454 and of normalisation in Unicode 3.2, as sorted runs; <see cref="CodePoint"/> reads them.</summary>
internal static class StringPrepTables
{"""


# ---------------------------------------------------------------- the reference of the tests

def saslprep(text, stored):
    """RFC 4013; None when refused."""
    mapped = ""
    for character in text:
        if stringprep.in_table_c12(character):
            mapped += " "
        elif not stringprep.in_table_b1(character):
            mapped += character
    result = ucd.normalize("NFKC", mapped)
    return result if allowed(result, SASLPREP_PROHIBITS + (["A1"] if stored else [])) else None


def trace(text):
    """RFC 4505 section 3; None when refused."""
    return text if allowed(text, TRACE_PROHIBITS) else None


def allowed(text, prohibited):
    if any(TABLES[name](character) for name in prohibited for character in text):
        return False
    if not any(stringprep.in_table_d1(character) for character in text):
        return True
    return (not any(stringprep.in_table_d2(character) for character in text)
            and stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1]))


def hexadecimal(text):
    return ".".join("%04X" % ord(character) for character in text) or "~"


def outcome(result, text):
    return "-" if result is None else "=" if result == text else hexadecimal(result)


def points():
    lines = ["# Written by tools/stringprep/generate.py: the outcome for each code point as a string of its own.",
             "# first last stored query trace; - refused, = unchanged, ~ empty, else the code points of the result."]
    def outcomes(point):
        text = chr(point)
        return " ".join([outcome(saslprep(text, True), text), outcome(saslprep(text, False), text), outcome(trace(text), text)])
    found = runs(outcomes)
    for index, (first, value) in enumerate(found):
        last = found[index + 1][0] - 1 if index + 1 < len(found) else LAST
        lines.append("%04X %04X %s" % (first, last, value))
    return "\n".join(lines) + "\n"


def strings():
    """Strings of several code points, mostly such as decompose, reorder, compose or have a direction."""
    dice = random.Random(4013)
    assigned = [p for p in range(LAST + 1) if p not in SURROGATES and ucd.category(chr(p)) not in ("Cn", "Co", "Cc")]
    marks = [p for p in assigned if ucd.combining(chr(p))]
    decomposable = sorted(decompositions())
    pairs = sorted(compositions())
    right_to_left = [p for p in assigned if stringprep.in_table_d1(chr(p))]
    neutral = [p for p in assigned if not stringprep.in_table_d1(chr(p)) and not stringprep.in_table_d2(chr(p))]
    def letter():
        kind = dice.randrange(9)
        if kind == 0: return chr(dice.choice(assigned))
        if kind <= 2: return chr(dice.choice(marks))
        if kind == 3: return chr(dice.choice(decomposable))
        if kind == 4: return chr(dice.choice(HANGUL_SYLLABLES))
        if kind == 5: return chr(dice.randrange(0x1100, 0x1113)) + chr(dice.randrange(0x1161, 0x1176)) + chr(dice.randrange(0x11A8, 0x11C3))
        if kind == 6: return chr(dice.choice(neutral))
        pair = dice.choice(pairs)
        between = chr(dice.choice(marks)) if dice.randrange(2) else ""
        return chr(pair >> 16) + between + chr(pair & 0xFFFF)
    def right():
        return chr(dice.choice(right_to_left)) if dice.randrange(4) else chr(dice.choice(neutral))
    texts = ["\u0B47\u0300\u0B3E", "\u1100\u0300\u1161", "\uFDFA", "\u0627\u0031\u0628", "\u0627\u0031", "\u0340\u0341", "a\u0315\u0300\u05AE\u0062"]
    texts += ["".join(letter() for _ in range(dice.randrange(1, 7))) for _ in range(900)]
    texts += ["".join(right() for _ in range(dice.randrange(1, 6))) for _ in range(200)]
    lines = ["# Written by tools/stringprep/generate.py: strings of several code points, all assigned in Unicode 3.2.",
             "# input, SASLprep outcome; - refused, = unchanged, ~ empty, else the code points of the result."]
    lines += ["%s %s" % (hexadecimal(text), outcome(saslprep(text, True), text)) for text in texts]
    return "\n".join(lines) + "\n"


def main():
    assert ucd.unidata_version == "3.2.0"
    stale = False
    for path, content in ((CODE, code()), (POINTS, points()), (STRINGS, strings())):
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text("utf-8") != content:
                print("not current: %s" % path.relative_to(ROOT))
                stale = True
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8", newline="\n")
            print("%8d octets  %s" % (len(content.encode()), path.relative_to(ROOT)))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
