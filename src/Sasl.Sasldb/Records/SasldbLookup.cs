using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Sasl.Sasldb.Records;

/// <summary>One user's lookup: which records are wanted, and what was found, kept here until a form is sure of it.</summary>
/// <remarks>
/// A form may have to begin again when a writer came between, so values go to the caller's <see cref="PropertySet"/> only at the end,
/// and all of one state of the file. Lives on the stack: a lookup that finds short values allocates nothing here.
/// </remarks>
internal ref struct SasldbLookup
{
    private readonly ImmutableArray<SaslProperty> _wanted;
    private readonly int _userLength;
    private readonly Span<byte> _key;
    private Span<byte> _found;
    private byte[]? _rented;
    private int _length;
    private int _index;

    /// <summary>Starts with room on the caller's stack.</summary>
    /// <param name="wanted">The properties.</param>
    /// <param name="key">The user's part of the key, in room for a whole key.</param>
    /// <param name="userLength">How long that part is.</param>
    /// <param name="found">Room for what is found; more is rented when it does not suffice.</param>
    public SasldbLookup(ImmutableArray<SaslProperty> wanted, Span<byte> key, int userLength, Span<byte> found)
    {
        _wanted = wanted;
        _key = key;
        _userLength = userLength;
        _found = found;
    }

    /// <summary>The part of the key that all of the user's records begin with.</summary>
    public readonly ReadOnlySpan<byte> User => _key[.._userLength];

    /// <summary>Whether a record was found, or the form saw another of the same user.</summary>
    public bool UserExists { get; set; }

    /// <summary>Moves to the next wanted record.</summary>
    /// <param name="key">Its key, valid until the next call.</param>
    /// <returns>False when there are no more.</returns>
    public bool TryNext(out ReadOnlySpan<byte> key)
    {
        while (_index < _wanted.Length)
        {
            int length = _userLength;
            string name = _wanted[_index++].Name;
            // Cyrus asks for "*name" when it means the authenticated user's; no store keeps such names.
            if (!name.StartsWith('*') && SasldbKey.TryAppendProperty(name, _key, ref length))
            {
                key = _key[..length];
                return true;
            }
        }
        key = default;
        return false;
    }

    /// <summary>Called for the record that <see cref="TryNext"/> gave the key of, when it is there.</summary>
    /// <param name="length">How long its value is.</param>
    /// <returns>Where to put the value.</returns>
    public Span<byte> Found(int length)
    {
        const int Heading = 2 * sizeof(int);
        Reserve(Heading + length);
        Span<byte> place = _found[_length..];
        BitConverter.TryWriteBytes(place, _index - 1);
        BitConverter.TryWriteBytes(place[sizeof(int)..], length);
        _length += Heading + length;
        UserExists = true;
        return place.Slice(Heading, length);
    }

    /// <summary>Forgets everything, to begin again on another state of the file.</summary>
    public void Restart()
    {
        CryptographicOperations.ZeroMemory(_found[.._length]);
        _length = 0;
        _index = 0;
        UserExists = false;
    }

    /// <summary>Hands over what was found.</summary>
    /// <param name="properties">The caller's.</param>
    public readonly void Deliver(PropertySet properties)
    {
        ReadOnlySpan<byte> rest = _found[.._length];
        while (!rest.IsEmpty)
        {
            string name = _wanted[BitConverter.ToInt32(rest)].Name;
            ReadOnlySpan<byte> record = rest.Slice(2 * sizeof(int), BitConverter.ToInt32(rest[sizeof(int)..]));
            rest = rest[((2 * sizeof(int)) + record.Length)..];
            properties.Add(name, record);
        }
    }

    /// <summary>Erases what was found.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_found[.._length]);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
        _length = 0;
    }

    private void Reserve(int more)
    {
        if (_found.Length - _length >= more)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _found.Length, _length + more));
        _found[.._length].CopyTo(larger);
        CryptographicOperations.ZeroMemory(_found[.._length]);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
        _found = larger;
    }
}
