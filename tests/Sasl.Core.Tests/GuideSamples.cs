using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace Sasl.Core.Tests;

#region Mechanism
/// <summary>X-TOKEN, an example: the client sends a token, and the token is a user's password.</summary>
public static class TokenMechanism
{
    public static readonly SaslMechanism Token = new("X-TOKEN")
    {
        Security = SaslSecurityFlags.NoAnonymous,
        FirstMove = SaslFirstMove.Client,
        ServerNeeds = SaslServerNeeds.PasswordVerifier,
        ClientNeeds = SaslClientNeeds.Password,
        Server = static context => new TokenServer(context),
        Client = static context => new TokenClient(context),
    };
}
#endregion

#region Server
public sealed class TokenServer(SaslServerContext context) : SaslExchange
{
    public override async ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        int colon = input.Span.IndexOf((byte)':');
        if (colon <= 0 || !Ascii.IsValid(input.Span[..colon]))
            return SaslStep.Fail(SaslError.Malformed, "not name, colon, token");

        string name = Encoding.ASCII.GetString(input.Span[..colon]);
        SaslUser? user = await context.ResolveUserAsync(name, cancellationToken).ConfigureAwait(false);
        if (user is null)
            return SaslStep.Fail(SaslError.InvalidCredentials, "the name cannot be anyone's");

        PasswordVerdict verdict = await context.VerifyPasswordAsync(user, input[(colon + 1)..], cancellationToken).ConfigureAwait(false);
        return SaslStep.From(verdict, user, authorizationId: null);
    }
}
#endregion

#region Client
public sealed class TokenClient(SaslClientContext context) : SaslExchange
{
    public override ValueTask<SaslStep> StepAsync(
        ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        Encoding.ASCII.GetBytes(context.UserName!, output);
        output.Write(":"u8);
        output.Write(context.Password!.Span);
        return new(SaslStep.Finished);
    }
}
#endregion

#region Store
/// <summary>Users in a dictionary. A real store asks its database here, in one round trip, and awaits it.</summary>
public sealed class DictionaryStore(ConcurrentDictionary<SaslUser, byte[]> passwords) : ICredentialStore
{
    public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        if (!passwords.TryGetValue(user, out byte[]? password))
            return new(false);
        properties.Add(SaslProperty.UserPassword.Name, password);    // what was not wanted is ignored
        return new(true);
    }
}
#endregion

#region Verifier
/// <summary>Asks somebody else whether a password is right. What it throws becomes a temporary failure, never "wrong password".</summary>
public sealed class RemoteVerifier(Func<string, ReadOnlyMemory<byte>, CancellationToken, Task<bool?>> ask) : IPasswordVerifier
{
    public async ValueTask<PasswordVerdict> VerifyAsync(
        SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
    {
        bool? answer = await ask(user.ToString(), password, cancellationToken).ConfigureAwait(false);
        return answer switch
        {
            true => PasswordOutcome.Match,
            false => PasswordOutcome.Mismatch,
            null => PasswordOutcome.UnknownUser,
        };
    }
}
#endregion
