using System.Buffers;
using System.Text;

namespace Sasl.Core.Tests.Sessions;

/// <summary>One step of a scripted exchange.</summary>
internal delegate ValueTask<SaslStep> Move(string input, IBufferWriter<byte> output, CancellationToken cancellationToken);

/// <summary>An exchange that does what a test says, step by step, and notes what happens to it.</summary>
internal sealed class ScriptedExchange(params Move[] moves) : SaslExchange
{
    public List<string> Inputs { get; } = [];

    public int Erased { get; private set; }

    public SaslSecurityLayer? Layer { get; init; }

    public override SaslSecurityLayer? SecurityLayer => Layer;

    public override ValueTask<SaslStep> StepAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        string text = Encoding.UTF8.GetString(input.Span);
        Inputs.Add(text);
        return moves[Inputs.Count - 1](text, output, cancellationToken);
    }

    protected override void Erase() => Erased++;
}

/// <summary>Moves and mechanisms for scripts.</summary>
internal static class Scripted
{
    public static readonly SaslUser Alice = new("alice", "example.com");

    public static Move Says(string text, SaslStep step) => (_, output, _) =>
    {
        output.Write(Encoding.UTF8.GetBytes(text));
        return new(step);
    };

    public static Move Asks(string text) => Says(text, SaslStep.Continue);

    public static Move Succeeds(string data = "", string? authorizationId = null, string? channelBinding = null) =>
        Says(data, SaslStep.Authenticated(Alice, authorizationId, channelBinding));

    public static Move Finishes(string text = "") => Says(text, SaslStep.Finished);

    public static Move Fails(SaslError error = SaslError.InvalidCredentials, string output = "") => Says(output, SaslStep.Fail(error, "scripted failure"));

    public static Move Throws(Exception exception) => (_, _, _) => throw exception;

    public static Move Waits(Task<SaslStep> until) => async (_, _, cancellationToken) => await until.WaitAsync(cancellationToken);

    /// <summary>A mechanism whose every exchange plays the script anew.</summary>
    public static SaslMechanism Server(string name, params Move[] moves) => ServerOf(name, () => new ScriptedExchange(moves));

    public static SaslMechanism ServerOf(string name, Func<ScriptedExchange> exchange) =>
        new(name) { Security = SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.NoPlaintext, Server = _ => exchange() };

    public static SaslMechanism Client(string name, params Move[] moves) => ClientOf(name, () => new ScriptedExchange(moves));

    public static SaslMechanism ClientOf(string name, Func<ScriptedExchange> exchange) =>
        new(name) { Security = SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.NoPlaintext, Client = _ => exchange() };

    /// <summary>Asks the canonicalizer and then the password verifier: <c>name password [authzid]</c>.</summary>
    public static SaslMechanism Password { get; } = new("PASSWORD")
    {
        Security = SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.NoPlaintext,
        AllowsProxy = true,
        ServerNeeds = SaslServerNeeds.PasswordVerifier,
        Server = static context => new PasswordExchange(context),
    };

    public static ReadOnlyMemory<byte> Octets(string text) => Encoding.UTF8.GetBytes(text);

    public static string? Text(this SaslReply reply) => reply.Message is { } message ? Encoding.UTF8.GetString(message.Span) : null;

    private sealed class PasswordExchange(SaslServerContext context) : SaslExchange
    {
        public override async ValueTask<SaslStep> StepAsync(
            ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
        {
            string[] parts = Encoding.UTF8.GetString(input.Span).Split('|');
            SaslUser? user = await context.ResolveUserAsync(parts[0], cancellationToken);
            if (user is null)
                return SaslStep.Fail(SaslError.InvalidCredentials, "nobody's name");
            PasswordVerdict verdict = await context.VerifyPasswordAsync(user, Octets(parts[1]), cancellationToken);
            return SaslStep.From(verdict, user, parts.Length > 2 ? parts[2] : null);
        }
    }
}
