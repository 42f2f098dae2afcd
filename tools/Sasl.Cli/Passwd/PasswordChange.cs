using Sasl.Mechanisms;

namespace Sasl.Cli;

/// <summary>One change of one account: all of it in one transaction, or nothing.</summary>
internal sealed class PasswordChange(CliConsole console, SaslServerSetup setup, PasswdRequest request)
{
    private const string MechanismList = "mech_list";

    // What this library or Cyrus SASL may have stored of an older password. It would still let its owner in.
    private static readonly string[] s_olderSecrets =
    [
        SaslProperty.UserPassword.Name,
        "authPassword",
        .. ScramHash.All.Select(static hash => $"cmusaslsecret{hash.Name}"),
        "cmusaslsecretPLAIN", "cmusaslsecretCRAM-MD5", "cmusaslsecretDIGEST-MD5", "cmusaslsecretOTP", "cmusaslsecretSRP",
    ];

    // Cyrus SASL's mechanisms that work from the password itself and are not among those here.
    private static readonly string[] s_othersThatNeedPlainText = ["NTLM", "APOP", "PASSDSS-3DES-1"];

    private IEnumerable<IWritableCredentialStore> WritableStores => setup.Stores.Select(static link => link.Store).OfType<IWritableCredentialStore>();

    /// <summary>Asks for the password and stores what is wanted of it, or deletes the account.</summary>
    /// <exception cref="PasswordRefusedException">The name or the password cannot be stored.</exception>
    /// <exception cref="IOException">The accounts cannot be written.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        SaslUser user = await UserAsync(cancellationToken);
        if (!WritableStores.Any())
            throw new IOException("no credential store that can be written is configured (auxprop_plugin)");
        if (request.Format is not null)
            SasldbFormats.RequireNew(AccountStores.Sasldb(setup), request.Format);
        if (request.Delete)
        {
            bool removed = false;
            foreach (IWritableCredentialStore store in WritableStores)
                removed |= await store.RemoveAsync(user, cancellationToken);
            // The exit code stays 0, as saslpasswd2's does.
            if (!removed)
                await console.Error.WriteLineAsync($"warning: {Printable.Of(user.ToString())}: there was no such user, and nothing was removed");
            return;
        }
        using SaslSecret typed = request.FromPipe
            ? await NewPassword.FromPipeAsync(console.Input, cancellationToken)
            : await NewPassword.FromTerminalAsync(console, cancellationToken);
        using var prepared = new SecureBufferWriter();
        Prepare(typed, prepared);
        await WritableStores.First().StoreAsync(user, ValuesOf(user, prepared.WrittenMemory), cancellationToken);
    }

    private static void Prepare(SaslSecret typed, SecureBufferWriter prepared)
    {
        if (typed.Span.IsEmpty)
            throw new PasswordRefusedException("the password is empty");
        if (typed.Span.Contains((byte)0))
            throw new PasswordRefusedException("the password contains NUL");
        if (!SaslPrep.TryStored(typed.Span, prepared) || prepared.WrittenCount == 0)
        {
            throw new PasswordRefusedException(
                "the password cannot be used: it is not UTF-8, or has control characters, unassigned characters or mixed directions (SASLprep, RFC 4013)");
        }
    }

    private async Task<SaslUser> UserAsync(CancellationToken cancellationToken)
    {
        // As the server will make it of what the client sends; the realm in a name comes before the one of -u.
        string realm = request.Realm ?? setup.Explanation.ServerName;
        var service = new SaslServiceInfo(setup.Explanation.Service, setup.Explanation.ServerName, realm, SaslChannel.Plaintext);
        SaslUser? user = SaslPrep.TryStored(request.UserId, out _)
            ? await DefaultCanonicalizer.Instance.CanonicalizeAsync(request.UserId, service, cancellationToken)
            : null;
        if (user is null)
            throw new PasswordRefusedException("the userid is empty, too long, or has characters that no name can have");
        return request.Realm is null || user.Realm == request.Realm
            ? user
            : throw new PasswordRefusedException("the userid has another realm than -u names");
    }

    private List<SaslPropertyValue> ValuesOf(SaslUser user, ReadOnlyMemory<byte> password)
    {
        List<SaslPropertyValue> values = [.. setup.SecretDerivers.SelectMany(derive => derive(user, password.Span))];
        if (StoresPlainText)
            values.Add(new SaslPropertyValue(SaslProperty.UserPassword.Name, password));
        if (!values.Exists(static value => value.Value is not null))
            throw new IOException("nothing would be stored: scram_secret_generate is off, and plain text is not wanted");
        values.AddRange(s_olderSecrets.Except(values.Select(static value => value.Name)).Select(static name => new SaslPropertyValue(name, null)));
        return values;
    }

    private bool StoresPlainText => request.PlainText switch
    {
        PlainTextWish.Never => false,
        PlainTextWish.Always => true,
        PlainTextWish.WhereNeeded => setup.Explanation.Configuration.Words(MechanismList).Any(NeedsPlainText),
    };

    private static bool NeedsPlainText(string name) =>
        s_othersThatNeedPlainText.Contains(name, StringComparer.OrdinalIgnoreCase)
        || SaslMechanisms.Standard.Any(mechanism => name.Equals(mechanism.Name, StringComparison.OrdinalIgnoreCase)
            && mechanism.ServerNeeds.HasFlag(SaslServerNeeds.CredentialStore)
            && !SaslMechanisms.Standard.Any(other => other.BaseName == mechanism.BaseName && other.DeriveSecrets is not null));
}
