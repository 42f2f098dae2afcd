namespace Sasl.Testing.Peers;

/// <summary>A program that a test needs is not on this machine; the message names the package that has it.</summary>
public sealed class MissingPeerException : Exception
{
    /// <summary>Makes one from the text of <see cref="PeerPrograms.WhatIsMissing"/>.</summary>
    public MissingPeerException(string message)
        : base(message)
    {
    }
}
