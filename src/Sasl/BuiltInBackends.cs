namespace Sasl;

/// <summary>The back ends that every builder knows, by Cyrus SASL's names for them.</summary>
internal static class BuiltInBackends
{
    public static void Register(SaslServerBuilder builder)
    {
        builder.Canonicalizers[SaslServerBuilder.InternalCanonicalizer] = static _ => DefaultCanonicalizer.Instance;
    }
}
