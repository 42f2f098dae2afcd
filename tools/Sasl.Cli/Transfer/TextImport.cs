using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Stores the records of a text in a sasldb, over those that have the same keys: all of the text in one transaction, or nothing.</summary>
/// <param name="console">Where a text on standard input comes from, and where progress goes.</param>
/// <param name="store">The sasldb.</param>
internal sealed class TextImport(CliConsole console, SasldbStore store)
{
    private const string Standard = "-";

    /// <summary>Reads all of the text, then stores all of it.</summary>
    /// <param name="request">Which text, and whether it is only looked at.</param>
    /// <param name="cancellationToken">Stops; nothing was changed then.</param>
    /// <exception cref="SasldbTextException">A line is not what is expected there; nothing was changed.</exception>
    /// <exception cref="IOException">The text cannot be read, or the sasldb cannot be written; nothing was changed.</exception>
    public async Task RunAsync(PasswdRequest request, CancellationToken cancellationToken)
    {
        try
        {
            SasldbFormats.RequireNew(store, request.Format);
            if (request.Import == Standard)
            {
                await using var input = new WaitingInput(console.Input);
                await ImportAsync(input, request, cancellationToken);
                return;
            }
            await using FileStream file = Open(request.Import!);
            await ImportAsync(file, request, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await console.Error.WriteLineAsync("sasl passwd: stopped; nothing was imported");
            throw;
        }
    }

    // The first reading finds what is broken, so that no writer has to wait for a text that comes to nothing.
    private async Task ImportAsync(Stream source, PasswdRequest request, CancellationToken cancellationToken)
    {
        if (request.DryRun)
        {
            await console.Output.WriteLineAsync($"{await TextContents.CheckAsync(source, cancellationToken)} would be imported");
            return;
        }
        await using Stream text = source.CanSeek ? source : await TextSpool.FillAsync(source, store.Path, cancellationToken);
        TextContents contents = await TextContents.CheckAsync(text, cancellationToken);
        using var progress = new RecordProgress(console, "sasl passwd", "taken", request.Progress);
        await store.StoreEntriesAsync(new TextEntries(text), progress, cancellationToken);
        await console.Output.WriteLineAsync($"{contents} imported");
    }

    private static FileStream Open(string from)
    {
        if (from.Length == 0)
            throw new IOException("the name of the text is empty");
        return Directory.Exists(from)
            ? throw new IOException($"{from}: this is a directory")
            : new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
    }
}
