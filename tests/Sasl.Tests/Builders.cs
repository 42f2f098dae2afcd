using System.Text;

namespace Sasl.Tests;

/// <summary>Builders with one memory store, in which alice has the password pencil, and what tests do with what they build.</summary>
internal static class Builders
{
    public static readonly SaslChannel Tls = new() { ExternalSsf = 256 };

    public static SaslServerBuilder Memory(MemoryCredentialStore? store = null)
    {
        store ??= new MemoryCredentialStore();
        store.Add(new SaslUser("alice", "example.com"), "userPassword", "pencil"u8);
        var builder = new SaslServerBuilder { ServerName = "mail.example.com", Realm = "example.com" };
        builder.Stores["memory"] = _ => new Borrowed(store);
        return builder;
    }

    public static SaslConfiguration Conf(string text) => SaslConfiguration.Parse(text, "smtpd.conf");

    public static string[] Offer(this SaslServerSetup setup, SaslChannel channel)
    {
        using SaslServerSession session = setup.Server.CreateSession(channel);
        return [.. session.Mechanisms.Select(static mechanism => mechanism.Name)];
    }

    public static async Task<SaslReply> LogInAsync(this SaslServerSetup setup, string user, string password)
    {
        using SaslServerSession session = setup.Server.CreateSession(Tls);
        return await session.StartAsync("PLAIN", Encoding.UTF8.GetBytes($"\0{user}\0{password}"));
    }
}
