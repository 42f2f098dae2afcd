namespace Sasl;

/// <summary>The work of checking one user's password.</summary>
/// <param name="Form">The form that does it.</param>
/// <param name="Cost">What <see cref="PasswordForm.CostOf"/> says of the stored value.</param>
internal sealed record PasswordEffort(PasswordForm Form, int Cost);
