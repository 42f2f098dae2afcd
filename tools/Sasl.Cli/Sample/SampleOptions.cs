using System.CommandLine;

namespace Sasl.Cli.Sample;

/// <summary>The options that both sample programs have.</summary>
internal sealed class SampleOptions
{
    /// <summary>The application whose configuration file is read: <c>sample.conf</c>.</summary>
    public const string Application = "sample";

    private readonly Option<string?> _strength = new("-b") { Description = "The strength wanted of the security layer, in bits.", HelpName = "min=N,max=N" };
    private readonly Option<string?> _external = new("-e") { Description = "What the channel below already gives.", HelpName = "ssf=N,id=ID" };
    private readonly Option<string?> _mechanism = new("-m") { Description = "Use this mechanism and no other.", HelpName = "MECH" };
    private readonly Option<string?> _flags = new("-f")
    {
        Description = "What the mechanism must promise: noplain, noactive, nodict, forwardsec, noanonymous, passcred, maximum.",
        HelpName = "FLAGS",
    };
    private readonly Option<string?> _addresses = new("-i") { Description = "The two ends of the connection.", HelpName = "local=IP;PORT,remote=IP;PORT" };
    private readonly Option<string?> _path = new("-p") { Description = "Accepted; there are no plug-in files.", HelpName = "PATH" };
    private readonly Option<string> _service = new("-s") { Description = "The service's registered name.", HelpName = "NAME", DefaultValueFactory = static _ => "rcmd" };
    private readonly Option<bool> _sendLast = new("-l") { Description = "The server's last data comes with its success (server-send-last). Both sides must agree." };
    private readonly Option<bool> _verbose = new("-v") { Description = "Say more." };
    private readonly Option<bool> _binding = new("-c") { Description = "Offer channel binding, of the type that Cyrus SASL's socket samples make up." };
    private readonly Option<bool> _mustBind = new("-C") { Description = "Insist on channel binding." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_strength, _external, _mechanism, _flags, _addresses, _path, _service, _sendLast, _verbose, _binding, _mustBind])
            command.Options.Add(option);
    }

    public string Service(ParseResult parsed) => parsed.GetValue(_service)!;

    public bool ServerSendsLast(ParseResult parsed) => parsed.GetValue(_sendLast);

    public bool IsVerbose(ParseResult parsed) => parsed.GetValue(_verbose);

    /// <summary>The mechanism of -m, or null.</summary>
    public string? Mechanism(ParseResult parsed) => parsed.GetValue(_mechanism);

    /// <exception cref="SampleException">A flag's argument is wrong.</exception>
    public SaslPolicy Policy(ParseResult parsed) =>
        SampleArguments.Policy(parsed.GetValue(_strength), parsed.GetValue(_flags), parsed.GetValue(_mechanism)) with
        {
            Binding = parsed.GetValue(_mustBind) ? SaslBindingPolicy.Require : SaslBindingPolicy.Prefer,
        };

    /// <exception cref="SampleException">A flag's argument is wrong.</exception>
    public SaslChannel Channel(ParseResult parsed) => SampleArguments.Channel(
        parsed.GetValue(_external), parsed.GetValue(_addresses), SampleBinding.Of(parsed.GetValue(_binding) || parsed.GetValue(_mustBind)));
}
