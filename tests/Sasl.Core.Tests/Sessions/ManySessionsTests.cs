using Sasl.Core.Tests.Credentials;
using Xunit;
using static Sasl.Core.Tests.Sessions.Scripted;

namespace Sasl.Core.Tests.Sessions;

public sealed class ManySessionsTests
{
    private const int Sessions = 1_000;

    [Fact]
    public async Task A_thousand_sessions_at_once_on_one_server_do_not_mix_their_users()
    {
        using var store = new MemoryCredentialStore();
        using var work = new SaslWorkQueue();
        for (int i = 0; i < Sessions; i++)
            store.Add(new SaslUser($"user{i}", "example.com"), "userPassword", Ask.Octets($"secret{i}"));
        var allThere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int waiting = 0;
        var gathering = new GatheringVerifier(new StoredPasswordVerifier(store, [PlainTextForm.Instance], work), async () =>
        {
            if (Interlocked.Increment(ref waiting) == Sessions)
                allThere.SetResult();
            await allThere.Task;
        });
        var observer = new RecordingObserver();
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp", Realm = "example.com", Mechanisms = [Password], PasswordVerifier = gathering, Observer = observer,
        });

        // Every third one has a wrong password, every third one no initial response.
        string?[] results = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(i => Task.Run(() => LogInAsync(server, i))))
            .WaitAsync(TimeSpan.FromMinutes(2));
        for (int i = 0; i < Sessions; i++)
            Assert.Equal(i % 3 == 0 ? null : $"user{i}@example.com", results[i]);
        Assert.Equal(Sessions, observer.Events.Count(static what => what == "started"));
        Assert.Equal((Sessions + 2) / 3, observer.Events.Count(static what => what.StartsWith("failed", StringComparison.Ordinal)));
    }

    private static async Task<string?> LogInAsync(SaslServer server, int number)
    {
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        ReadOnlyMemory<byte> message = Octets($"user{number}|{(number % 3 == 0 ? "wrong" : "secret")}{number}");
        SaslReply reply = number % 3 == 1
            ? await session.StartAsync("PASSWORD", message)
            : await session.StartAsync("PASSWORD");
        if (reply.NeedsMore)
            reply = await session.StepAsync(message);
        Assert.Equal(reply.IsSuccess, session.Identity is not null);
        return session.Identity?.Authorized.ToString();
    }

    private sealed class GatheringVerifier(IPasswordVerifier inner, Func<Task> gather) : IPasswordVerifier
    {
        public async ValueTask<PasswordVerdict> VerifyAsync(
            SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
        {
            await gather();
            return await inner.VerifyAsync(user, password, service, cancellationToken);
        }
    }
}
