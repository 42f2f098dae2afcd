using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>A theory that needs the KDC, and perhaps more programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KdcTheoryAttribute : TheoryAttribute
{
    public KdcTheoryAttribute(params string[] more) => Skip = new PeerFactAttribute([.. KdcFixture.Programs, .. more]).Skip;
}
