namespace Sasl.Kerberos;

/// <summary>Passes sentences to the administrator, and the same one not twice in a row.</summary>
internal sealed class WarnOnce(Action<string> warn)
{
    private string? _last;

    /// <summary>Passes a sentence on, unless it is the last one again.</summary>
    public void Say(string sentence)
    {
        if (Interlocked.Exchange(ref _last, sentence) != sentence)
            warn(sentence);
    }
}
