using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>The tests that share the expensive peers. They run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class PeersCollection : ICollectionFixture<SharedPeers>
{
    /// <summary>For <c>[Collection(PeersCollection.Name)]</c>.</summary>
    public const string Name = "Peers";
}
