using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>A test that needs the KDC, and perhaps more programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class KdcFactAttribute : FactAttribute
{
    public KdcFactAttribute(params string[] more) => Skip = new PeerFactAttribute([.. KdcFixture.Programs, .. more]).Skip;
}
