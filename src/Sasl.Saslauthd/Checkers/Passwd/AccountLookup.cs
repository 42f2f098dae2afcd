using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>What the system has about one account, in memory that is erased on disposal.</summary>
internal sealed unsafe partial class AccountLookup : IDisposable
{
    // Lines that fit nowhere are found by doubling; a group of names cannot make a line of passwd longer than this.
    private const int FirstLength = 1024;
    private const int MaxLength = 1 << 20;

    private readonly ErasedMemory? _memory;

    private AccountLookup(int error, ErasedMemory? memory = null)
    {
        Error = error;
        _memory = memory;
    }

    private delegate int Search(byte* entry, byte* buffer, nuint length, out byte* found);

    /// <summary>Why nothing can be said, a number of errno; 0 when the system answered.</summary>
    public int Error { get; }

    /// <summary>Whether the system answered and knows the account.</summary>
    public bool IsFound => _memory is not null;

    /// <summary>The account's line of passwd; valid until disposal, where the look-up was by <see cref="InPasswd"/> and found it.</summary>
    public ref readonly PasswdEntry Passwd => ref *(PasswdEntry*)_memory!.Pointer;

    /// <summary>The account's line of shadow; valid until disposal, where the look-up was by <see cref="InShadow"/> and found it.</summary>
    public ref readonly ShadowEntry Shadow => ref *(ShadowEntry*)_memory!.Pointer;

    /// <summary>The number in words.</summary>
    public string ErrorText => Marshal.GetPInvokeErrorMessage(Error);

    /// <summary>Looks a name up with getpwnam(3): in /etc/passwd and wherever nsswitch.conf says.</summary>
    public static AccountLookup InPasswd(string name) =>
        Find(sizeof(PasswdEntry), (entry, buffer, length, out found) => FindPasswd(name, entry, buffer, length, out found));

    /// <summary>Looks a name up with getspnam(3): in /etc/shadow and wherever nsswitch.conf says.</summary>
    public static AccountLookup InShadow(string name) =>
        Find(sizeof(ShadowEntry), (entry, buffer, length, out found) => FindShadow(name, entry, buffer, length, out found));

    /// <inheritdoc/>
    public void Dispose() => _memory?.Dispose();

    private static AccountLookup Find(int entryLength, Search search)
    {
        for (int length = FirstLength; length <= MaxLength; length *= 2)
        {
            var memory = new ErasedMemory(entryLength + length);
            int error = search(memory.Pointer, memory.Pointer + entryLength, (nuint)length, out byte* found);
            if (error == 0 && found is not null)
                return new AccountLookup(0, memory);
            memory.Dispose();
            if (error != AccountStatus.BufferTooSmall)
                return new AccountLookup(error is AccountStatus.NoSuchFile or AccountStatus.NoSuchProcess ? 0 : error);
        }
        return new AccountLookup(AccountStatus.BufferTooSmall);
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FindPasswd(string name, byte* entry, byte* buffer, nuint length, out byte* found);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "getspnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FindShadow(string name, byte* entry, byte* buffer, nuint length, out byte* found);
}
