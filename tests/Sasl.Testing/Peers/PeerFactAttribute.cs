using Xunit;

namespace Sasl.Testing.Peers;

/// <summary>
/// A test that needs external programs: <c>[PeerFact("swaks", "postfix")]</c>. Where one is missing the test is skipped and says which
/// package to install; with CI=true in the environment it runs, and fails when the peer is started.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerFactAttribute : FactAttribute
{
    /// <summary>Names the programs that the test starts, as they are called in a shell.</summary>
    public PeerFactAttribute(params string[] programs) => Skip = PeerPrograms.SkipReason(programs, PeerPrograms.MissingIsFailure);
}
