namespace Sasl.Benchmarks;

/// <summary>Who is compared with.</summary>
internal static class Peer
{
    public const string Cyrus = "libsasl2";
    public const string Gnu = "libgsasl";
    public const string MailKit = "MailKit";
    public const string Platform = ".NET";
    public const string GoSasl = "emersion/go-sasl (recorded)";
    public const string Saslauthd = "saslauthd";

    /// <summary>Whether a contest can have it as a contestant here and now.</summary>
    public static bool IsThere(string peer) => peer switch
    {
        Cyrus => Libsasl2.IsThere,
        Gnu => Libgsasl.IsThere,
        _ => true,
    };

    /// <summary>Says loudly what is missing.</summary>
    public static IEnumerable<string> Missing()
    {
        if (!Libsasl2.IsThere)
            yield return Libsasl2.Complaint;
        if (!Libgsasl.IsThere)
            yield return Libgsasl.Complaint;
        if (!SaslauthdLoad.IsPossible)
            yield return SaslauthdLoad.Complaint;
    }
}
