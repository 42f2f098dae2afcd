namespace Sasl.Mechanisms;

/// <summary>With which responses NTLM logs in, and which ones a server accepts.</summary>
public sealed record NtlmOptions
{
    /// <summary>The defaults.</summary>
    public static NtlmOptions Default { get; } = new();

    /// <summary>The response that a client sends: exactly one. Cyrus SASL's <c>ntlm_v2</c>, which is off there and on here.</summary>
    /// <remarks>A client that is to send <see cref="NtlmVersions.V1"/> does not log in where the server knows only the LM response; Cyrus SASL's would.</remarks>
    public NtlmVersions Response { get; init; } = NtlmVersions.V2;

    /// <summary>The responses that a server accepts. Cyrus SASL accepts the LM response, too, which lets in whoever knows the password but for its case.</summary>
    public NtlmVersions Accepted { get; init; } = NtlmVersions.V1 | NtlmVersions.V2;

    internal void ThrowIfInvalid()
    {
        if (Response is not (NtlmVersions.Lm or NtlmVersions.V1 or NtlmVersions.V2))
            throw new ArgumentOutOfRangeException(nameof(Response), Response, "A client sends one kind of response.");
        ArgumentOutOfRangeException.ThrowIfNotEqual((int)(Accepted & ~NtlmVersions.All), 0, nameof(Accepted));
        ArgumentOutOfRangeException.ThrowIfEqual((int)Accepted, 0, nameof(Accepted));
    }
}
