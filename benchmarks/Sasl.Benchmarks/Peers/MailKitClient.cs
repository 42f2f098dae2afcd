using System.Net;
using MailKit.Security;
using MailKitMechanism = MailKit.Security.SaslMechanism;

namespace Sasl.Benchmarks;

/// <summary>A client's mechanism of MailKit. Its messages are in base64, as SMTP sends them; turning them into octets is in the figure.</summary>
internal sealed class MailKitClient(string mechanism) : Side
{
    private readonly NetworkCredential _account = new(Account.User, Account.Password);
    private MailKitMechanism? _mechanism;
    private byte[] _message = [];

    /// <summary>The version of the package.</summary>
    public static string Version => typeof(MailKitMechanism).Assembly.GetName().Version!.ToString(3);

    public override ReadOnlySpan<byte> Output => _message;

    public override void Open()
    {
        IsDone = false;
        _mechanism = mechanism switch
        {
            "PLAIN" => new SaslMechanismPlain(_account),
            "LOGIN" => new SaslMechanismLogin(_account),
            "ANONYMOUS" => new SaslMechanismAnonymous(_account),
            "CRAM-MD5" => new SaslMechanismCramMd5(_account),
            "SCRAM-SHA-1" => new SaslMechanismScramSha1(_account),
            "SCRAM-SHA-256" => new SaslMechanismScramSha256(_account),
            "SCRAM-SHA-512" => new SaslMechanismScramSha512(_account),
            _ => throw new ArgumentException("MailKit has no such mechanism.", nameof(mechanism)),
        };
    }

    public override void Start(bool hasInput, ReadOnlySpan<byte> input)
    {
        HasOutput = _mechanism!.SupportsInitialResponse;
        _message = HasOutput ? Convert.FromBase64String(_mechanism.Challenge(null)) : [];
    }

    public override void Step(ReadOnlySpan<byte> input)
    {
        string? answer = _mechanism!.Challenge(Convert.ToBase64String(input));
        _message = answer is null ? [] : Convert.FromBase64String(answer);
        HasOutput = true;
    }

    public override void Conclude()
    {
    }

    public override void Close() => _mechanism = null;
}
