namespace Sasl.Saslauthd;

/// <summary>How much a sentence of the daemon matters.</summary>
public enum SaslauthdNoteLevel
{
    /// <summary>What an administrator who looks for a fault wants to see.</summary>
    Debug,

    /// <summary>Starting, reloading, stopping.</summary>
    Information,

    /// <summary>Something that should be put right; the daemon goes on.</summary>
    Warning,

    /// <summary>Something that the daemon could not do.</summary>
    Error,
}
