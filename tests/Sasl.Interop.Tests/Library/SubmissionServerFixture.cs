using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>One submission server of ours, for all clients.</summary>
public sealed class SubmissionServerFixture : IAsyncLifetime
{
    public TestAuthority Authority { get; } = TestAuthority.Create();

    internal SubmissionServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await SubmissionServer.StartAsync(Authority);

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
    }
}
