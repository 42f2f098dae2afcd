namespace Sasl.Mechanisms;

/// <summary>What a server says when it refuses (RFC 5802 section 7, server-error-value).</summary>
internal static class ScramServerError
{
    /// <summary>Turns it into this library's errors. What is unknown is treated as other-error, as the RFC asks: it may pass.</summary>
    public static SaslStep ToStep(ReadOnlySpan<byte> value) =>
        value.SequenceEqual("invalid-proof"u8) ? Fail(SaslError.InvalidCredentials, "the server says: invalid-proof")
        : value.SequenceEqual("unknown-user"u8) ? Fail(SaslError.InvalidCredentials, "the server says: unknown-user")
        : value.SequenceEqual("invalid-username-encoding"u8) ? Fail(SaslError.InvalidCredentials, "the server says: invalid-username-encoding")
        : value.SequenceEqual("channel-bindings-dont-match"u8)
            ? Fail(SaslError.ChannelBindingMismatch, "the server says: channel-bindings-dont-match")
        : value.SequenceEqual("server-does-support-channel-binding"u8)
            ? Fail(SaslError.ChannelBindingMismatch, "the server says: server-does-support-channel-binding")
        : value.SequenceEqual("channel-binding-not-supported"u8)
            ? Fail(SaslError.ChannelBindingMismatch, "the server says: channel-binding-not-supported")
        : value.SequenceEqual("unsupported-channel-binding-type"u8)
            ? Fail(SaslError.ChannelBindingMismatch, "the server says: unsupported-channel-binding-type")
        : value.SequenceEqual("invalid-encoding"u8) ? Fail(SaslError.Malformed, "the server says: invalid-encoding")
        : value.SequenceEqual("extensions-not-supported"u8) ? Fail(SaslError.Malformed, "the server says: extensions-not-supported")
        : value.SequenceEqual("no-resources"u8) ? Fail(SaslError.TemporaryFailure, "the server says: no-resources")
        : Fail(SaslError.TemporaryFailure, "the server says: other-error");

    private static SaslStep Fail(SaslError error, string diagnostic) => SaslStep.Fail(error, diagnostic);
}
