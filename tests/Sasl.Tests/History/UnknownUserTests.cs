using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sasl.Mechanisms;
using Sasl.Mechanisms.Tests;
using Sasl.Smtp;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>What a stranger sees of a user who does not exist.</summary>
public sealed class UnknownUserTests
{
    private const string Wrong = "not the password";

    public enum Stored
    {
        PlainText,
        Keys,
    }

    public static TheoryData<string, Stored> Cases
    {
        get
        {
            var cases = new TheoryData<string, Stored>();
            foreach (string mechanism in World.WithPassword)
            {
                if (mechanism is not "OTP")    // nothing of it can be made from a password that is looked up
                    cases.Add(mechanism, Stored.PlainText);
                if (mechanism is not ("CRAM-MD5" or "DIGEST-MD5" or "NTLM"))    // which read passwords, and without a realm there is no digest to store
                    cases.Add(mechanism, Stored.Keys);
            }
            return cases;
        }
    }

    public static TheoryData<string, Stored> Counted =>
        new() { { "PLAIN", Stored.PlainText }, { "PLAIN", Stored.Keys }, { "LOGIN", Stored.PlainText }, { "LOGIN", Stored.Keys }, { "SCRAM-SHA-256", Stored.PlainText }, { "SCRAM-SHA-256", Stored.Keys } };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Unknown_user_and_wrong_password_have_one_shape(string mechanism, Stored stored)
    {
        SaslServer server = Server(stored, World.Cheap, [.. ScramMechanisms.PasswordForms, PlainTextForm.Instance]);
        Assert.Equal(235, (await TalkAsync(server, mechanism, World.User, World.Password)).Code);    // so that there is somebody to look like
        (int code, string shape) = await TalkAsync(server, mechanism, World.User, Wrong);
        Assert.Equal(535, code);
        foreach (string unknown in new[] { "carol", "mallo", "zzzzz" })
        {
            Assert.Equal((code, shape), await TalkAsync(server, mechanism, unknown, Wrong));
            Assert.Equal((code, shape), await TalkAsync(server, mechanism, unknown, World.Password));
        }
    }

    [Theory]
    [MemberData(nameof(Counted))]
    public async Task Unknown_user_and_wrong_password_cost_the_same_derivations(string mechanism, Stored stored)
    {
        var hash = new CountingHash();
        ImmutableArray<SaslMechanism> mechanisms = [ScramMechanisms.Create(hash, plus: false, ScramOptions.Default), SaslMechanisms.Plain, SaslMechanisms.Login];
        SaslServer server = Server(stored, mechanisms, [new ScramPasswordForm(hash, hash.Standard), PlainTextForm.Instance]);
        await TalkAsync(server, mechanism, World.User, World.Password);
        hash.TakeWork();
        await TalkAsync(server, mechanism, World.User, Wrong);
        (int Hash, int Hmac, int Hi, int Iterations) wrong = hash.TakeWork();
        bool derives = (mechanism is "SCRAM-SHA-256") != (stored is Stored.Keys);
        Assert.Equal(derives ? (1, 4096) : (0, 0), (wrong.Hi, wrong.Iterations));
        for (int i = 0; i < 3; i++)
        {
            await TalkAsync(server, mechanism, $"nobody{i}", Wrong);
            Assert.Equal(wrong, hash.TakeWork());
        }
    }

    private static SaslServer Server(Stored stored, ImmutableArray<SaslMechanism> mechanisms, ImmutableArray<PasswordForm> forms)
    {
        var store = new MemoryCredentialStore();
        var alice = new SaslUser(World.User, "");
        if (stored is Stored.PlainText)
        {
            store.Add(alice, "userPassword", Encoding.UTF8.GetBytes(World.Password));
        }
        else
        {
            foreach (SaslPropertyValue value in mechanisms.Where(static mechanism => mechanism.DeriveSecrets is not null)
                .SelectMany(mechanism => mechanism.DeriveSecrets!(alice, Encoding.UTF8.GetBytes(World.Password))))
            {
                if (value.Value is { } secret)
                    store.Add(alice, value.Name, secret.Span);
            }
        }
        return new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = mechanisms,
            Policy = World.Everything(mechanisms),
            CredentialStore = store,
            PasswordVerifier = new StoredPasswordVerifier(store, forms, new SaslWorkQueue()),
            Nonces = new Fixed(),
            Clock = new Stopped(),
        });
    }

    // The replies of one AUTH command, with every salt replaced by its length, and so a one-time password's number and seed: nothing else may differ.
    private static async Task<(int Code, string Shape)> TalkAsync(SaslServer server, string mechanism, string user, string password)
    {
        using SaslSecret secret = SaslSecret.FromText(password);
        using var account = new SaslClient(new SaslClientOptions
        {
            Service = "smtp", ServerName = "mail.example.com", Mechanisms = World.Cheap, Policy = World.Everything(World.Cheap),
            UserName = user, Password = secret, Nonces = new Fixed(),
        });
        // The server's count is checked as it comes; where it is a real one, a client with real bounds is needed.
        using var real = new SaslClient(new SaslClientOptions
        {
            Service = "smtp", ServerName = "mail.example.com", Mechanisms = SaslMechanisms.Standard, Policy = World.Everything(SaslMechanisms.Standard),
            UserName = user, Password = secret, Nonces = new Fixed(),
        });
        bool cheap = server.Explain(World.Tls).Entries.Length == World.Cheap.Length;
        using SaslClientSession client = (cheap ? account : real).CreateSession(World.ChannelFor(mechanism));
        using var smtp = new SmtpAuthServer(server.CreateSession(World.Tls));
        SaslReply said = await client.StartAsync([mechanism]);
        string initial = said.Message is { } message ? " " + Convert.ToBase64String(message.Span) : "";
        SmtpAuthReply reply = await smtp.BeginAsync(Encoding.ASCII.GetBytes($" {mechanism}{initial}"));
        var shape = new StringBuilder();
        while (reply.Code == 334)
        {
            byte[] challenge = Convert.FromBase64String(Encoding.ASCII.GetString(reply.Line.Span[4..]));
            shape.AppendLine(CultureInfo.InvariantCulture, $"334 {ShapeOf(mechanism, challenge)}");
            said = await client.StepAsync(challenge);
            reply = await smtp.ContinueAsync(Encoding.ASCII.GetBytes(Convert.ToBase64String(said.Message!.Value.Span)));
        }
        shape.Append(Encoding.ASCII.GetString(reply.Line.Span));
        return (reply.Code, shape.ToString());
    }

    private static string ShapeOf(string mechanism, byte[] challenge)
    {
        switch (mechanism)
        {
            case "SRP":    // a public key of the verifier, and a salt
                var srp = new SrpReader(challenge);
                srp.ReadOctet();
                (string group, int salt) = ($"{srp.ReadNumber()} {srp.ReadNumber()}", srp.ReadOctets().Length);
                srp.ReadNumber();
                return $"{group} {salt} {Encoding.ASCII.GetString(srp.ReadText())} {srp.IsWhole}";
            case "PASSDSS-3DES-1":    // ends with a signature over the name
                var passdss = new PassdssReader(challenge);
                return $"{Convert.ToHexString(passdss.ReadString())} {passdss.ReadNumber()} {Convert.ToHexString(passdss.Take(PassdssProtection.Length))}";
            default:
                return $"{challenge.Length} {WithoutSalt(challenge)}";
        }
    }

    private static string WithoutSalt(byte[] challenge) => challenge.AsSpan().StartsWith("otp-"u8)
        ? string.Join(' ', Encoding.ASCII.GetString(challenge).Split(' ').Select(static (word, place) => place is 1 or 2 ? $"{word.Length} characters" : word))
        : string.Join(',', Encoding.ASCII.GetString(challenge).Split(',')
        .Select(static part => part.StartsWith("s=", StringComparison.Ordinal) ? $"s={Convert.FromBase64String(part[2..]).Length} octets" : part));

    private sealed class Fixed : SaslNonceSource
    {
        public override void Fill(Span<byte> destination) => destination.Fill(0x5A);
    }

    private sealed class Stopped : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
