using System.Numerics;
using System.Security.Cryptography;
using Xunit;

namespace Sasl.Core.Tests.Preparation;

/// <summary>The generated file is what the generator wrote, and its parts fit together.</summary>
public sealed class StringPrepTablesTests
{
    private const int CodePoints = 0x110000;

    [Fact]
    public void The_arrays_have_the_hash_that_the_generator_recorded()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, StringPrepTables.ClassStarts, sizeof(int));
        Append(hash, StringPrepTables.Classes, sizeof(ushort));
        Append(hash, StringPrepTables.CombiningStarts, sizeof(int));
        Append(hash, StringPrepTables.CombiningClasses, sizeof(byte));
        Append(hash, StringPrepTables.DecompositionStarts, sizeof(int));
        Append(hash, StringPrepTables.DecompositionEntries, sizeof(ushort));
        Append(hash, StringPrepTables.DecompositionOffsets, sizeof(ushort));
        Append(hash, StringPrepTables.DecompositionPool, sizeof(ushort));
        Append(hash, StringPrepTables.CompositionPairs, sizeof(int));
        Append(hash, StringPrepTables.Compositions, sizeof(ushort));
        Assert.Equal(StringPrepTables.Sha256, Convert.ToHexString(hash.GetHashAndReset()));
    }

    [Fact]
    public void Each_table_has_as_many_code_points_as_the_generator_counted()
    {
        int[] counts = new int[StringPrepTables.TableCounts.Length];
        for (int point = 0; point < CodePoints; point++)
            for (int tables = (int)CodePoint.TablesOf(point); tables != 0; tables &= tables - 1)
                counts[BitOperations.TrailingZeroCount(tables)]++;
        Assert.Equal(StringPrepTables.TableCounts.ToArray(), counts);
    }

    [Fact]
    public void The_enumeration_names_each_table_once()
    {
        StringPrepTable[] tables = [.. Enum.GetValues<StringPrepTable>().Where(static table => table != StringPrepTable.None)];
        Assert.Equal(StringPrepTables.TableCounts.Length, tables.Length);
        Assert.Equal(Enumerable.Range(0, tables.Length).Select(static bit => (StringPrepTable)(1 << bit)), tables);
    }

    [Fact]
    public void Every_run_is_sorted_and_has_its_value()
    {
        AssertSorted(StringPrepTables.ClassStarts);
        AssertSorted(StringPrepTables.CombiningStarts);
        AssertSorted(StringPrepTables.DecompositionStarts);
        AssertSorted(StringPrepTables.CompositionPairs);
        Assert.Equal(0, StringPrepTables.ClassStarts[0]);
        Assert.Equal(0, StringPrepTables.CombiningStarts[0]);
        Assert.Equal(StringPrepTables.ClassStarts.Length, StringPrepTables.Classes.Length);
        Assert.Equal(StringPrepTables.CombiningStarts.Length, StringPrepTables.CombiningClasses.Length);
        Assert.Equal(StringPrepTables.CompositionPairs.Length, StringPrepTables.Compositions.Length);
        Assert.Equal(StringPrepTables.DecompositionStarts.Length + 1, StringPrepTables.DecompositionEntries.Length);
        Assert.Equal(StringPrepTables.DecompositionEntries[^1] + 1, StringPrepTables.DecompositionOffsets.Length);
        Assert.Equal(StringPrepTables.DecompositionOffsets[^1], StringPrepTables.DecompositionPool.Length);
    }

    [Fact]
    public void No_profile_prohibits_printable_ASCII_as_the_fast_path_assumes()
    {
        StringPrepProfile[] profiles = [StringPrepProfile.Query, StringPrepProfile.Stored, StringPrepProfile.Trace];
        foreach (StringPrepProfile profile in profiles)
            for (int point = ' '; point <= '~'; point++)
                Assert.Equal(StringPrepTable.None, CodePoint.TablesOf(point) & profile.Prohibited);
    }

    private static void AssertSorted<T>(ReadOnlySpan<T> values)
        where T : IComparisonOperators<T, T, bool>
    {
        for (int i = 1; i < values.Length; i++)
            Assert.True(values[i - 1] < values[i]);
    }

    private static void Append<T>(IncrementalHash hash, ReadOnlySpan<T> values, int size)
        where T : unmanaged, IBinaryInteger<T>
    {
        byte[] element = new byte[size];
        foreach (T value in values)
        {
            value.WriteLittleEndian(element);
            hash.AppendData(element);
        }
    }
}
