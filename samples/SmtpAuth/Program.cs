using System.Net;
using Microsoft.AspNetCore.Connections;
using Sasl;
using Sasl.Mechanisms;
using Sasl.Sasldb;
using SmtpAuth;

// dotnet run --project samples/SmtpAuth             authenticates with every mechanism and ends
// dotnet run --project samples/SmtpAuth -- --serve  stays up and says how to try it with swaks, curl and msmtp
const int Port = 2587;
const string UserName = "alice";
const string Password = "sample-password";

bool serve = args is ["--serve"];
if (args.Length > 0 && !serve)
{
    Console.Error.WriteLine("usage: SmtpAuth [--serve]");
    return 64;
}

using var directory = new PrivateDirectory();
using SaslSecret password = SaslSecret.FromText(Password);
await AddUserAsync(directory.Sasldb, new SaslUser(UserName, "localhost"), password);

using SaslServerSetup sasl = new SaslServerBuilder
{
    ServerName = "localhost",
    Realm = "localhost",
    Finder = new SaslConfigurationFinder { Directories = [directory.Configuration] },
    Log = static (level, line) => Console.WriteLine($"  log {level}: {line}"),
}.Build(service: "smtp", application: "smtpd");
Console.WriteLine(sasl.Explanation);

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.Services.AddSingleton(new SubmissionHandler(sasl.Server, directory.Certificate, new Maildrop(directory.Mail)));
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listen => listen.UseConnectionHandler<SubmissionHandler>()));
await using WebApplication server = builder.Build();
try
{
    await server.StartAsync();
}
catch (IOException)
{
    Console.Error.WriteLine($"Port {Port} on 127.0.0.1 is in use.");
    return 69;
}
Console.WriteLine($"\nA submission server listens on 127.0.0.1:{Port}.");

if (serve)
{
    Usage.Print(Console.Out, Port, UserName, Password, directory);
    await server.WaitForShutdownAsync();    // Ctrl-C
    return 0;
}

bool asExpected = await new Demonstration(new IPEndPoint(IPAddress.Loopback, Port), directory.Certificate, UserName, password, Console.Out).RunAsync();
await server.StopAsync();
Console.WriteLine(asExpected ? "\nEvery login ended as it should." : "\nA login did not end as it should.");
return asExpected ? 0 : 1;

// What `sasl passwd` does: SCRAM keys for every hash, and no plain text.
static async Task AddUserAsync(string sasldb, SaslUser user, SaslSecret password)
{
    using var store = new SasldbStore(sasldb);
    SaslPropertyValue[] values = [.. SaslMechanisms.Standard
        .Where(static mechanism => mechanism.DeriveSecrets is not null)
        .SelectMany(mechanism => mechanism.DeriveSecrets!(user, password.Span))];
    await store.StoreAsync(user, values, default);
}
