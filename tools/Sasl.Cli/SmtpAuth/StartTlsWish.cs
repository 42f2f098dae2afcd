namespace Sasl.Cli;

/// <summary>Whether to encrypt a connection that begins without TLS.</summary>
internal enum StartTlsWish
{
    /// <summary>When the server offers it.</summary>
    Auto,

    /// <summary>Or give up.</summary>
    Require,

    /// <summary>Not even when the server offers it.</summary>
    Never,
}
