namespace Sasl.Smtp;

/// <summary>Sees to it that nothing a client sent before TLS is taken for something sent inside it, and that no response precedes its challenge.</summary>
/// <remarks>
/// One for each connection. Whoever sits between client and server can append lines to the client's STARTTLS; a server that read them into
/// its buffer and looks at them after the handshake takes them for the client's (the fault that RFC 7457 section 2.2 describes).
/// The host asks <see cref="TryStartTls"/> at STARTTLS, and makes a new <see cref="SmtpAuthServer"/> afterwards: old ones refuse to work.
/// Between the answer and the handshake the host reads nothing outside TLS.
/// </remarks>
/// <param name="unreadOctets">How many octets have arrived from the client behind the line now being handled.</param>
public sealed class SmtpPipelineGuard(Func<long> unreadOctets)
{
    /// <summary>Whether nothing is waiting behind the line now being handled.</summary>
    public bool IsSynchronized => unreadOctets() == 0;

    internal int Generation { get; private set; }

    /// <summary>Asks whether STARTTLS may be answered with 220. Every <see cref="SmtpAuthServer"/> made before is then out of use.</summary>
    /// <param name="reply">The line to send: 220, or the refusal after which the connection is closed.</param>
    /// <returns>False when something was sent behind STARTTLS.</returns>
    public bool TryStartTls(out ReadOnlyMemory<byte> reply)
    {
        bool synchronized = IsSynchronized;
        reply = synchronized ? SmtpReplies.ReadyForTls : SmtpReplies.TalkedBeforeTls;
        Generation++;
        return synchronized;
    }
}
