namespace Sasl.Kerberos;

/// <summary>Who does the Kerberos: the system's GSS library, or the framework's NegotiateAuthentication where there is none (decision 0028).</summary>
internal abstract class KerberosBackend
{
    /// <summary>This machine's.</summary>
    public static KerberosBackend Current { get; } = GssLibrary.WhyMissing is null ? GssBackend.Instance
        : OperatingSystem.IsWindows() ? NegotiateBackend.Instance
        : MissingBackend.Instance;

    /// <summary>Whether it can do sequence protection and channel binding on both sides, which GS2 needs.</summary>
    public abstract string? WhyNoGs2 { get; }

    /// <summary>Why it cannot be used at all, as a clause; null when it can.</summary>
    public virtual string? WhyMissing => null;

    /// <summary>Begins as the client. May wait for files and the network.</summary>
    /// <exception cref="GssException">There are no tickets, or the service can have no such name.</exception>
    public abstract KerberosContext OpenClient(KerberosRequest request);

    /// <summary>Begins as the server. May wait for files and the network.</summary>
    /// <exception cref="GssException">There are no keys.</exception>
    public abstract KerberosContext OpenServer(KerberosRequest request);

    /// <summary>Looks whether a client has tickets.</summary>
    public abstract KerberosSupport ProbeClient(KerberosOptions options);

    /// <summary>Looks whether a server has keys.</summary>
    public abstract KerberosSupport ProbeServer(KerberosRequest request);
}
