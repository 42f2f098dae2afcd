using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Stores the records of a text in a sasldb, over those that have the same keys: nothing of a text with a mistake anywhere.</summary>
/// <param name="console">Where a text on standard input comes from, and where progress goes.</param>
/// <param name="store">The sasldb.</param>
internal sealed class TextImport(CliConsole console, SasldbStore store)
{
    private const string Standard = "-";

    /// <summary>Reads all of the text, then stores all of it.</summary>
    /// <param name="request">Which text, and whether it is only looked at.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="SasldbTextException">A line is not what is expected there; nothing was changed.</exception>
    /// <exception cref="IOException">The text cannot be read, or the sasldb cannot be written.</exception>
    public async Task RunAsync(PasswdRequest request, CancellationToken cancellationToken)
    {
        SasldbFormats.RequireNew(store, request.Format);
        await using Stream text = await OpenAsync(request.Import!, cancellationToken);
        TextContents contents = await TextContents.CheckAsync(text, cancellationToken);
        string others = contents.Others == 0 ? "" : $", of them {contents.Others} that are no user's";
        if (request.DryRun)
        {
            await console.Output.WriteLineAsync($"{RecordCount.Of(contents.Records)}{others} would be imported");
            return;
        }
        text.Position = 0;
        await StoreAsync(text, contents.Records, request.Progress, cancellationToken);
        await console.Output.WriteLineAsync($"{RecordCount.Of(contents.Records)}{others} imported");
    }

    private async Task<Stream> OpenAsync(string from, CancellationToken cancellationToken)
    {
        if (from == Standard)
            return await TextSpool.FillAsync(console.Input, store.Path, cancellationToken);
        if (from.Length == 0)
            throw new IOException("the name of the text is empty");
        if (Directory.Exists(from))
            throw new IOException($"{from}: this is a directory");
        var file = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (file.CanSeek)
            return file;
        await using (file)
            return await TextSpool.FillAsync(file, store.Path, cancellationToken);
    }

    private async Task StoreAsync(Stream text, long all, bool lines, CancellationToken cancellationToken)
    {
        using var progress = new RecordProgress(console, "sasl passwd", "imported", lines);
        using var reader = new SasldbTextReader(text);
        long stored = 0;
        try
        {
            while (true)
            {
                using TextBatch batch = await TextBatch.ReadAsync(reader, cancellationToken);
                if (batch.IsEmpty && stored > 0)
                    return;
                stored += await store.StoreEntriesAsync(batch.Entries, cancellationToken);
                if (batch.IsLast)
                    return;
                progress.Report(stored);
            }
        }
        catch (SasldbException exception) when (stored > 0)
        {
            throw new IOException($"{exception.Message}; {stored} of {all} records are imported: import the text again", exception);
        }
        catch (OperationCanceledException) when (stored > 0)
        {
            await console.Error.WriteLineAsync($"stopped; {stored} of {all} records are imported: import the text again");
            throw;
        }
    }
}
