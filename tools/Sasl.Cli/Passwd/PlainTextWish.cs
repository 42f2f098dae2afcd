namespace Sasl.Cli;

/// <summary>Whether the password itself is stored beside what is derived from it.</summary>
internal enum PlainTextWish
{
    /// <summary>Where <c>mech_list</c> names a mechanism that cannot do without.</summary>
    WhereNeeded,

    /// <summary>Never.</summary>
    Never,

    /// <summary>Always.</summary>
    Always,
}
