namespace Sasl;

/// <summary>Where something stands in a configuration, in the form compilers use: <c>/etc/sasl2/smtpd.conf(3): mech_list</c>.</summary>
/// <param name="Source">The file's path, or a word for values that came from code.</param>
/// <param name="Line">The line, counted from 1; 0 where there are no lines.</param>
/// <param name="Key">The key; null when the place is not one key's.</param>
public readonly record struct SaslConfigurationPosition(string Source, int Line = 0, string? Key = null)
{
    /// <summary>The form that begins messages.</summary>
    public override string ToString() => (Line > 0 ? $"{Source}({Line})" : Source) + (Key is null ? "" : $": {Key}");
}
