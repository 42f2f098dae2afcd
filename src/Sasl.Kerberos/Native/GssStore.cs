using System.Runtime.InteropServices;

namespace Sasl.Kerberos;

/// <summary>Where credentials come from or go to, as the library wants to be told; the system's own places where nothing is named.</summary>
internal sealed unsafe class GssStore : IDisposable
{
    private const int MostPlaces = 4;

    private readonly GssKeyValue* _elements = (GssKeyValue*)NativeMemory.AllocZeroed(MostPlaces, (nuint)sizeof(GssKeyValue));
    private readonly GssKeyValueSet* _set = (GssKeyValueSet*)NativeMemory.AllocZeroed((nuint)sizeof(GssKeyValueSet));

    /// <summary>Names places.</summary>
    /// <param name="places">Kinds, such as <c>keytab</c>, and names; those without a name are left out.</param>
    public GssStore(params ReadOnlySpan<(string Kind, string? Name)> places)
    {
        _set->Elements = _elements;
        foreach ((string kind, string? name) in places)
        {
            if (name is null)
                continue;
            _elements[_set->Count].Key = (byte*)Marshal.StringToCoTaskMemUTF8(kind);
            _elements[_set->Count].Value = (byte*)Marshal.StringToCoTaskMemUTF8(name);
            _set->Count++;
        }
    }

    /// <summary>Whether nothing is named.</summary>
    public bool IsEmpty => _set->Count == 0;

    /// <summary>As the library wants it; valid until disposal.</summary>
    public GssKeyValueSet* Pointer => _set;

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _set->Count; i++)
        {
            Marshal.FreeCoTaskMem((nint)_elements[i].Key);
            Marshal.FreeCoTaskMem((nint)_elements[i].Value);
        }
        NativeMemory.Free(_elements);
        NativeMemory.Free(_set);
    }
}
