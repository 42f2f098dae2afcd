using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Makes a sasldb of another form out of one.</summary>
internal static class Conversion
{
    /// <summary>Makes it where the request says.</summary>
    /// <exception cref="IOException">One of the two cannot be read or written.</exception>
    public static async Task RunAsync(CliConsole console, SasldbStore store, UsersRequest request, CancellationToken cancellationToken)
    {
        if (request.Convert is not { Length: > 0 } place)
            throw new IOException("the name of the new file is empty");
        string path = Path.GetFullPath(place);
        if (!request.Force && Path.Exists(path))
            throw new IOException($"{path}: there is a file already; --force replaces it");
        string from = SasldbFormats.NameOf(store.DetectFormat() ?? throw new IOException($"{store.Path}: there is no such file, or it is empty"));
        using var progress = new RecordProgress(console, "sasl users", "copied", request.Progress);
        var options = new SasldbOptions
        {
            Path = path,
            CreateFormat = request.Format,
            Warning = message => console.Error.WriteLine($"warning: {message}"),
        };
        long count = await store.CopyToNewFileAsync(options, request.Force, progress, cancellationToken);
        await console.Output.WriteLineAsync($"{RecordCount.Of(count)} copied from {store.Path} ({from}) to {path} ({SasldbFormats.NameOf(request.Format)})");
    }
}
