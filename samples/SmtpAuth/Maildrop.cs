namespace SmtpAuth;

/// <summary>A folder that accepted mail is kept in, one file a message.</summary>
internal sealed class Maildrop(string folder)
{
    private int _count;

    public async Task<string> KeepAsync(MemoryStream message, CancellationToken cancellationToken)
    {
        string name = $"{Interlocked.Increment(ref _count):d4}.eml";
        await File.WriteAllBytesAsync(Path.Combine(folder, name), message.ToArray(), cancellationToken);
        return name;
    }
}
