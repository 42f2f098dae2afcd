using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Forms;

/// <summary>One state of a file, for reading. What was read through it means something only if nobody wrote meanwhile.</summary>
internal interface ISasldbSnapshot
{
    /// <summary>What the system said about the file before it was read.</summary>
    FileIdentity Identity { get; }

    /// <summary>Whether the system need only say the same again for this to be the file's state still.</summary>
    bool IsSettled { get; }

    /// <summary>Whether it is believed only when another reading gives the same, because a writer may be at it whom nothing shows.</summary>
    bool IsDoubtful { get; }

    /// <summary>Of everything that was read through it, by which two readings of a doubtful state are compared.</summary>
    ulong Fingerprint { get; }

    /// <summary>What the file says about its state, as its form has it; for <see cref="SasldbState"/>.</summary>
    ulong Version { get; }

    /// <summary>How much room a lookup needs, in octets.</summary>
    int Room { get; }

    /// <summary>How much of the beginning of that room is erased after a lookup; there are no secrets in the rest.</summary>
    int SecretRoom { get; }
}
