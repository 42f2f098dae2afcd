using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>All that needs the KDC runs one after the other: the Kerberos library's configuration is the process's.</summary>
[CollectionDefinition(Name)]
public sealed class KdcCollection : ICollectionFixture<KdcFixture>
{
    public const string Name = "KDC";
}
