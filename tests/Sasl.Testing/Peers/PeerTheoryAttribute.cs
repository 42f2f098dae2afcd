using Xunit;

namespace Sasl.Testing.Peers;

/// <summary>A theory that needs external programs; see <see cref="PeerFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the programs that the test starts, as they are called in a shell.</summary>
    public PeerTheoryAttribute(params string[] programs) => Skip = PeerPrograms.SkipReason(programs, PeerPrograms.MissingIsFailure);
}
