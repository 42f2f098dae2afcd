namespace Sasl.Saslauthd;

/// <summary>Where the daemon's log goes. Called by one thread at a time, in order, and not by those that serve peers: it may wait.</summary>
/// <remarks>What it throws is lost with the line; the daemon goes on.</remarks>
public abstract class SaslauthdLog
{
    /// <summary>A request was answered.</summary>
    /// <param name="record">The request and its answer.</param>
    public abstract void Write(SaslauthdRequestRecord record);

    /// <summary>Something happened to the daemon itself.</summary>
    /// <param name="level">How much it matters.</param>
    /// <param name="text">A sentence for the administrator.</param>
    public abstract void Note(SaslauthdNoteLevel level, string text);
}
