namespace Sasl.Kerberos;

/// <summary>The layer of GSS-SPNEGO, about which nothing is said: both sides look at what the conversation promises (Cyrus SASL: <c>gssapi.c</c>).</summary>
internal static class SpnegoLayer
{
    /// <summary>Makes the layer.</summary>
    /// <param name="limits">What this side's policy allows. Without any layer in it the promise is not taken up: Windows makes it always.</param>
    /// <param name="context">The conversation.</param>
    /// <param name="layer">The layer; null when there is none.</param>
    /// <returns>Why the login must fail; null when it need not.</returns>
    public static string? TryMake(SaslLayerLimits limits, KerberosContext context, out KerberosLayer? layer)
    {
        const GssFlags Ordered = GssFlags.Mutual | GssFlags.Sequence | GssFlags.Integrity;
        layer = null;
        bool promised = limits.MaxSsf > 0 && limits.MaxBuffer > 0 && (context.Flags & Ordered) == Ordered;
        bool conceals = promised && context.Flags.HasFlag(GssFlags.Confidentiality);
        int strength = conceals ? context.Strength : promised ? 1 : 0;
        if (strength < limits.MinSsf)
            return "the conversation promises less than the policy wants";
        if (strength > limits.MaxSsf)
            return "the conversation promises more than the policy allows";
        // Nobody announces a size, so that both have to take their own for the other's (Cyrus SASL does the same).
        if (promised)
            layer = KerberosLayer.Make(context, conceals, limits.MaxBuffer, limits.MaxBuffer);
        return promised && layer is null ? "the buffer is too small for a layer" : null;
    }
}
