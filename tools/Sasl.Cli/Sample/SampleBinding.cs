namespace Sasl.Cli.Sample;

/// <summary>The channel binding that Cyrus SASL's samples make up, because they have no TLS to bind to.</summary>
internal static class SampleBinding
{
    private const string Type = "sasl-sample";

    /// <summary>The data, with the NUL that ends it in C.</summary>
    private static readonly byte[] s_data = "this is a test of channel binding\0"u8.ToArray();

    /// <summary>The bindings of a channel.</summary>
    /// <param name="wanted">Whether -c or -C was given.</param>
    public static SaslChannelBindings? Of(bool wanted) => wanted ? SaslChannelBindings.Of((Type, s_data)) : null;
}
