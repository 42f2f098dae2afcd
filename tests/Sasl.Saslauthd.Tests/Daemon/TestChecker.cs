using System.Collections.Concurrent;
using System.Text;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>A checker whose only password is <see cref="Password"/>, for every name; tests decide what else it does.</summary>
internal sealed class TestChecker : IPasswordVerifier
{
    public const string Password = "secret";

    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public ConcurrentQueue<(SaslUser User, SaslServiceInfo Service)> Seen { get; } = new();

    /// <summary>What to answer instead; null answers by the password.</summary>
    public Func<SaslUser, string, CancellationToken, Task<PasswordVerdict>?> Instead { get; set; } = static (_, _, _) => null;

    public ValueTask<PasswordVerdict> VerifyAsync(SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        Seen.Enqueue((user, service));
        string given = Encoding.UTF8.GetString(password.Span);
        return Instead(user, given, cancellationToken) is { } other
            ? new ValueTask<PasswordVerdict>(other)
            : new ValueTask<PasswordVerdict>(given == Password ? PasswordOutcome.Match : PasswordOutcome.Mismatch);
    }
}
