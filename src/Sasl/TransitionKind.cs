namespace Sasl;

/// <summary>The values of <c>auto_transition</c>.</summary>
internal enum TransitionKind
{
    /// <summary>Passwords that other verifiers found right are not stored.</summary>
    Off,

    /// <summary>They are stored, in plain text and as what each mechanism derives.</summary>
    Everything,

    /// <summary>Only what each mechanism derives is stored.</summary>
    WithoutPlainText,
}
