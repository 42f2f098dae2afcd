namespace Sasl.Mechanisms;

/// <summary>How the server refused the last token; all exchanges of one client share it.</summary>
internal sealed class OAuthLastRefusal
{
    private SaslTokenRefusal? _refusal;

    /// <summary>Remembers a refusal until somebody is told of it.</summary>
    public void Put(SaslTokenRefusal refusal) => Volatile.Write(ref _refusal, refusal);

    /// <summary>The refusal, once.</summary>
    public SaslTokenRefusal? Take() => Interlocked.Exchange(ref _refusal, null);
}
