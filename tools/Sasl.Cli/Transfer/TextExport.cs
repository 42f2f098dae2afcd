using System.Text;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Writes a sasldb as text that loses nothing.</summary>
internal static class TextExport
{
    private const string Standard = "-";
    private const string LockSuffix = "-lock";
    private const int MostTries = 5;

    /// <summary>Writes it where the request says.</summary>
    /// <exception cref="IOException">The sasldb cannot be read, or the text cannot be written.</exception>
    public static async Task RunAsync(CliConsole console, SasldbStore store, UsersRequest request, CancellationToken cancellationToken)
    {
        if (request.Export == Standard)
        {
            if (console.OutputIsTerminal)
                throw new IOException("the secrets of all users would be shown on the terminal; name a file, or pipe them somewhere");
            await using var output = new TextOutput(console.Output);
            await WriteAsync(console, store, request, output, cancellationToken);
            return;
        }
        if (Followed(request.Export!) is var place && (place == Followed(store.Path) || place == Followed(store.Path + LockSuffix)))
            throw new IOException($"{store.Path}: is the sasldb itself, or its lock file; name another file for the text");
        long count = await WriteFileAsync(console, store, request, cancellationToken);
        await console.Output.WriteLineAsync($"{RecordCount.Of(count)} exported to {request.Export}");
    }

    // Where a path leads in the end, whether by links of its own or of the folders before it.
    private static string Followed(string path)
    {
        string full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is { } folder && Directory.Exists(folder))
            full = Path.Combine(Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder, Path.GetFileName(full));
        return Path.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
    }

    // What is written into a file can be begun again when somebody came between; what is on standard output cannot be taken back.
    private static async Task<long> WriteFileAsync(CliConsole console, SasldbStore store, UsersRequest request, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            await using NewFile file = NewFile.Create(request.Export!, request.Force);
            try
            {
                long count = await WriteAsync(console, store, request, file.Stream, cancellationToken);
                await file.CommitAsync(cancellationToken);
                return count;
            }
            catch (SasldbException exception) when (exception.Fault is SasldbFault.Changed && tries < MostTries && file.CanBeginAgain)
            {
                // with another file
            }
        }
    }

    private static async Task<long> WriteAsync(
        CliConsole console, SasldbStore store, UsersRequest request, Stream stream, CancellationToken cancellationToken)
    {
        byte[]? realm = request.Realm is null ? null : Encoding.UTF8.GetBytes(request.Realm);
        using var progress = new RecordProgress(console, "sasl users", "exported", request.Progress);
        using var writer = new SasldbTextWriter(stream);
        await foreach (SasldbEntry entry in store.ReadEntriesAsync(cancellationToken))
        {
            if (realm is not null && !(entry.TrySplit(out _, out ReadOnlyMemory<byte> its, out _) && its.Span.SequenceEqual(realm)))
                continue;
            await writer.WriteAsync(entry.Key, entry.Value, cancellationToken);
            progress.Report(writer.Count);
        }
        await writer.CompleteAsync(cancellationToken);
        return writer.Count;
    }
}
