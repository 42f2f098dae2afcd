using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Sasl;

/// <summary>Asked of a store in one round trip, filled by it, read with types, erased when disposed.</summary>
/// <remarks>A property may have several values (LDAP keeps one <c>authPassword</c> per hash); all are kept. Not thread-safe.</remarks>
/// <param name="wanted">What is wanted.</param>
public sealed class PropertySet(ImmutableArray<SaslProperty> wanted) : IDisposable
{
    private const int Few = 2;

    private ErasedBuffer _octets;
    private FewFound _few;
    private Found[]? _more;    // instead, when they are not few

    /// <summary>Asks for a few properties.</summary>
    /// <param name="wanted">What is wanted.</param>
    public PropertySet(params ReadOnlySpan<SaslProperty> wanted)
        : this(ImmutableArray.Create(wanted))
    {
    }

    private readonly record struct Found(string Name, int Start, int Length);

    [InlineArray(Few)]
    private struct FewFound
    {
        private Found _first;
    }

    /// <summary>What is wanted, for the store. In a chain, later stores are asked only for what earlier ones did not have.</summary>
    public ImmutableArray<SaslProperty> Wanted { get; private set; } = wanted;

    /// <summary>How many values were found.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the store had nothing of what was wanted.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Called by a store for each value it has. What was not wanted is ignored.</summary>
    /// <param name="name">The property's name.</param>
    /// <param name="value">One value; copied.</param>
    public void Add(string name, ReadOnlySpan<byte> value)
    {
        if (!IsWanted(name))
            return;
        if (Count == Places.Length)
            Grow();
        Places[Count++] = new Found(name, _octets.Count, value.Length);
        _octets.Write(value);
    }

    /// <summary>Whether the store has given a value of this name.</summary>
    /// <param name="name">The property's name.</param>
    public bool Has(string name)
    {
        foreach (Found found in AllFound)
        {
            if (found.Name == name)
                return true;
        }
        return false;
    }

    /// <summary>The name one of the found values has.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1, in the order the values were found in.</param>
    public string NameAt(int index) => AllFound[index].Name;

    /// <summary>One of the found values.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1, in the order the values were found in.</param>
    /// <returns>The octets, valid until the set is filled further or disposed.</returns>
    public ReadOnlySpan<byte> ValueAt(int index) => ValueOf(AllFound[index]);

    /// <summary>Reads the first value of a property.</summary>
    /// <param name="property">The property.</param>
    /// <param name="value">The octets, valid until the set is filled further or disposed.</param>
    /// <returns>False when there is none.</returns>
    public bool TryGet(SaslProperty property, out ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(property);
        foreach (Found found in AllFound)
        {
            if (found.Name == property.Name)
            {
                value = ValueOf(found);
                return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>Reads the first value that is of the property's form; null when there is none.</summary>
    /// <typeparam name="T">The property's form.</typeparam>
    /// <param name="property">The property.</param>
    public T? Get<T>(SaslProperty<T> property)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(property);
        foreach (Found found in AllFound)
        {
            if (found.Name == property.Name && property.Decode(ValueOf(found)) is { } decoded)
                return decoded;
        }
        return null;
    }

    /// <summary>Erases and forgets every value.</summary>
    public void Dispose()
    {
        Count = 0;
        _octets.Dispose();
    }

    // For chains: the first store that knew the user, for the observer.
    internal string? AnsweredBy { get; set; }

    // For chains: a store that might have had more, or known the user, could not answer. Whatever is no success is then a temporary failure.
    internal SaslUnavailableException? Silence { get; set; }

    // For chains: the caller heeds Silence, also for an unknown user, whom it treats to the end like one who is known.
    internal bool HeedsSilence { get; set; }

    // For chains: the next store is asked only for what is still missing, so that what was found first stays.
    internal void WantOnlyMissing() => Wanted = Wanted.RemoveAll(property => Has(property.Name));

    internal void Want(ImmutableArray<SaslProperty> properties) => Wanted = properties;

    // For chains: forgets what a store gave before it failed. The octets are erased with the rest.
    internal void KeepFirst(int count) => Count = count;

    private ReadOnlySpan<byte> ValueOf(Found found) => _octets.Span.Slice(found.Start, found.Length);

    private Span<Found> Places => _more is null ? _few : _more;

    private Span<Found> AllFound => Places[..Count];

    private void Grow()
    {
        var more = new Found[2 * Count];
        AllFound.CopyTo(more);
        _more = more;
    }

    private bool IsWanted(string name)
    {
        foreach (SaslProperty property in Wanted)
        {
            if (property.Name == name)
                return true;
        }
        return false;
    }
}
