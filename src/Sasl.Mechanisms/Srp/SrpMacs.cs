namespace Sasl.Mechanisms;

/// <summary>How SRP's layer signs the second message of a direction and those behind it. Both sides have to do the same; the messages do not say which.</summary>
public enum SrpMacs
{
    /// <summary>As Cyrus SASL does, which never begins its HMAC anew: each MAC depends on those before it. Only with SHA-1.</summary>
    Cyrus,

    /// <summary>As the draft says (draft-burdis-cat-srp-sasl-08 section 5.4): one HMAC for each message.</summary>
    Draft,
}
