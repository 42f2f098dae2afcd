using Xunit;

namespace Sasl.Sasldb.Tests;

/// <summary>A test on a file system of its own, for which root must be able to mount one; elsewhere it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    /// <summary>Asks once per run.</summary>
    public SmallDiskFactAttribute() => Skip = SmallDisk.IsPossible ? null : "root may not mount a tmpfs here";
}
