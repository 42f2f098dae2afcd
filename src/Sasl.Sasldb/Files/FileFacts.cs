namespace Sasl.Sasldb.Files;

/// <summary>What the system says about a path without opening it.</summary>
/// <param name="Identity">Which file it is.</param>
/// <param name="Mode">Type and permissions as Unix keeps them; 0 elsewhere.</param>
/// <param name="Owner">The owner's number; 0 where there is none.</param>
/// <param name="Group">The group's number; 0 where there is none.</param>
/// <param name="Links">How many names it has.</param>
internal readonly record struct FileFacts(FileIdentity Identity, int Mode, uint Owner, uint Group, uint Links)
{
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int ReadByOthers = 4;

    /// <summary>Whether it is a regular file; anything else, such as a pipe, could block whoever opens it.</summary>
    public bool IsRegularFile => (Mode & TypeMask) == RegularFile;

    /// <summary>Whether everybody on the machine may read it.</summary>
    public bool IsWorldReadable => (Mode & ReadByOthers) != 0;

    /// <summary>The permission bits.</summary>
    public UnixFileMode Permissions => (UnixFileMode)(Mode & 0xFFF);

    /// <summary>The permission bits, as <c>chmod</c> takes them.</summary>
    public string OctalMode => Convert.ToString(Mode & 0xFFF, 8).PadLeft(4, '0');
}
