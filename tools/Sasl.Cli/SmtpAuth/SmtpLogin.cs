using System.Collections.Immutable;
using Sasl.Mechanisms;
using Sasl.Smtp;

namespace Sasl.Cli;

/// <summary>One login: connect, encrypt, authenticate, say how it went.</summary>
internal sealed class SmtpLogin(CliConsole console, SmtpAuthRequest request)
{
    private const string ServiceName = "smtp";

    /// <returns>The exit code.</returns>
    /// <exception cref="SmtpToolException">It did not come to an authentication.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using SmtpTls tls = SmtpTls.Load(request);
        using SaslSecret? given = PasswordSource.Given(request.PasswordFile, request.PasswordVariable);
        using SaslSecret? token = PasswordSource.Given(request.TokenFile, request.TokenVariable, "--token");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(request.Timeout);
        bool connected = false;
        try
        {
            await using SmtpConnection connection = await SmtpConnection.OpenAsync(request.Server, console.Output, limit.Token);
            connected = true;
            await PrepareAsync(connection, tls, limit.Token);

            SaslChannel channel = ChannelOf(connection, tls);
            ImmutableArray<string> offered = SmtpAuthClient.MechanismsIn(connection.Capabilities);
            if (offered.IsEmpty)
                throw new SmtpToolException(ExitCode.Protocol, "the server does not offer AUTH" + (connection.Tls is null && connection.OffersStartTls ? "; perhaps after STARTTLS" : ""));
            SaslClientOptions account = Account(token);
            using SaslSecret? asked = given is null && token is null && PasswordQuestion.IsNeeded(account, channel, offered) ? await AskAsync(limit, cancellationToken) : null;
            return await AuthenticateAsync(connection, channel, account with { Password = given ?? asked }, offered, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmtpToolException(connected ? ExitCode.Temporary : ExitCode.Unavailable, $"{request.Server} took longer than {request.Timeout.TotalSeconds} seconds");
        }
        catch (IOException exception)
        {
            throw new SmtpToolException(ExitCode.Temporary, exception.Message);
        }
    }

    private async Task PrepareAsync(SmtpConnection connection, SmtpTls tls, CancellationToken cancellationToken)
    {
        if (request.ImplicitTls)
            await connection.BeginTlsAsync(tls, cancellationToken);
        await connection.GreetingAsync(cancellationToken);
        await connection.EhloAsync(cancellationToken);
        if (request.ImplicitTls || request.StartTls is StartTlsWish.Never)
            return;
        if (connection.OffersStartTls)
        {
            await connection.StartTlsAsync(tls, cancellationToken);
            await connection.EhloAsync(cancellationToken);
        }
        else if (request.StartTls is StartTlsWish.Require)
        {
            throw new SmtpToolException(ExitCode.Unavailable, "the server does not offer STARTTLS");
        }
    }

    private SaslChannel ChannelOf(SmtpConnection connection, SmtpTls tls)
    {
        if (connection.Tls is null)
            return new SaslChannel { Local = connection.Local, Remote = connection.Remote };
        SaslChannel channel = SaslChannel.FromTls(connection.Tls, local: connection.Local, remote: connection.Remote);
        return tls.ClientName is null ? channel : channel with { ExternalIdentity = request.User ?? tls.ClientName };
    }

    private SaslClientOptions Account(SaslSecret? token)
    {
        SaslSecurityFlags required = request.AllowPlaintext ? SaslSecurityFlags.NoAnonymous : SaslPolicy.Default.Require;
        // Who names ANONYMOUS wants it.
        if (request.Mechanism == SaslMechanisms.Anonymous.Name)
            required &= ~SaslSecurityFlags.NoAnonymous;
        return new SaslClientOptions
        {
            Service = ServiceName,
            ServerName = request.Server.Host,
            Mechanisms = request.Mechanism is null ? SaslMechanisms.Standard : [.. SaslCatalogue.All.Where(mechanism => mechanism.Name == request.Mechanism)],
            Policy = new SaslPolicy
            {
                Require = required,
                Binding = request.Binding,
                Allow = request.Mechanism is null ? [] : [request.Mechanism],
            },
            UserName = request.User,
            AuthorizationId = request.ActAs is { Length: > 0 } other ? other : null,
            AccessToken = token is null ? null : (_, _) => new(SaslSecret.FromOctets(token.Span)),
        };
    }

    private async Task<int> AuthenticateAsync(
        SmtpConnection connection, SaslChannel channel, SaslClientOptions account, ImmutableArray<string> offered, CancellationToken cancellationToken)
    {
        using var client = new SaslClient(account);
        using var auth = new SmtpAuthClient(client.CreateSession(channel), new SmtpAuthClientOptions { TryNextMechanism = request.Mechanism is null });
        SmtpAuthResult result = await auth.RunAsync(offered, connection.WriteLineAsync, connection.ReadLineAsync, cancellationToken);
        if (!result.MustDisconnect)
            await connection.QuitAsync(cancellationToken);
        await ReportAsync(result, connection, channel);
        return ExitCodeOf(result.Error);
    }

    private async Task ReportAsync(SmtpAuthResult result, SmtpConnection connection, SaslChannel channel)
    {
        TextWriter output = console.Output;
        await output.WriteLineAsync();
        if (result.Selection is not null)
            await output.WriteLineAsync(result.Selection.ToString());
        await output.WriteLineAsync($"Outcome: {result}{(result.ServerText.Length > 0 ? $" - the server said: {Printable.Of(result.ServerText)}" : "")}");
        await output.WriteLineAsync($"Mechanism: {result.Mechanism ?? "none"}");
        await output.WriteLineAsync($"TLS: {(connection.Tls is null ? "none" : $"{connection.Tls.SslProtocol}, {connection.Tls.NegotiatedCipherSuite}")}");
        bool isBound = result.Mechanism?.EndsWith("-PLUS", StringComparison.Ordinal) is true;
        await output.WriteLineAsync($"Channel binding: {(isBound ? channel.Bindings!.Types[0] : "none")}");
    }

    private static int ExitCodeOf(SaslError error) => error switch
    {
        SaslError.None => ExitCode.Success,
        SaslError.InvalidCredentials or SaslError.NotAuthorized or SaslError.AccountDisabled or SaslError.PasswordExpired => ExitCode.Failure,
        SaslError.TemporaryFailure => ExitCode.Temporary,
        SaslError.Malformed or SaslError.MessageTooLong or SaslError.MechanismUnavailable or SaslError.MechanismTooWeak
            or SaslError.EncryptionRequired or SaslError.TransitionNeeded or SaslError.ChannelBindingMismatch
            or SaslError.ServerNotAuthentic or SaslError.Aborted => ExitCode.Protocol,
    };

    private async Task<SaslSecret> AskAsync(CancellationTokenSource limit, CancellationToken cancellationToken)
    {
        limit.CancelAfter(Timeout.InfiniteTimeSpan);    // whoever types takes the time it takes
        SaslSecret password = await PasswordQuestion.AskAsync(console, cancellationToken);
        limit.CancelAfter(request.Timeout);
        return password;
    }
}
