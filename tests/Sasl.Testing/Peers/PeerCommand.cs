namespace Sasl.Testing.Peers;

/// <summary>A program to start, with its arguments and surroundings.</summary>
/// <param name="Program">A name for <see cref="PeerPrograms.Find"/>, or a full path.</param>
/// <param name="Arguments">Its arguments, passed as they are: no shell is between.</param>
public sealed record PeerCommand(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// Environment variables for it. It inherits only PATH, TMPDIR and DOTNET_ROOT from the tests, gets LC_ALL=C.UTF-8 and a HOME that
    /// does not exist, so that nothing in a developer's home or environment changes a test.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The folder it starts in; the root folder where none is given.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>What it reads on standard input when run to its end; standard input is closed after that.</summary>
    public string Input { get; init; } = "";

    /// <summary>The user it runs as, when root runs the tests. Without root it runs as whoever runs the tests.</summary>
    public string? RunAs { get; init; }

    /// <summary>Make it flush standard output after each line, through stdbuf. For programs on the C library that forget to.</summary>
    public bool LineBuffered { get; init; }

    /// <summary>What to type when an unfinished line on standard error ends with the key: the prompts of getpass and their answers.</summary>
    public IReadOnlyDictionary<string, string> Answers { get; init; } = new Dictionary<string, string>();

    /// <summary>The signal that asks it to stop.</summary>
    public UnixSignal StopSignal { get; init; } = UnixSignal.Terminate;

    /// <summary>How long it has after <see cref="StopSignal"/> until it is killed with its children.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>It is killed when it lives longer than this.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The program's name without its folder, for messages.</summary>
    public string Name => Path.GetFileName(Program);
}
