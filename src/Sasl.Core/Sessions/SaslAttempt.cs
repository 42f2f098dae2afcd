using System.Globalization;
using System.Text;

namespace Sasl;

/// <summary>One server exchange as an observer sees it: who, how, from where. Typed fields, never a text with a peer's words in it.</summary>
public sealed class SaslAttempt
{
    /// <summary>The longest name kept, in characters; longer ones are cut and end in an ellipsis.</summary>
    public const int MaxNameLength = 256;

    private string? _sentName;
    private SaslUser? _user;

    internal SaslAttempt(SaslMechanism? mechanism, SaslServiceInfo service)
    {
        Mechanism = mechanism;
        Service = service;
    }

    /// <summary>The mechanism; null when the client named one that does not exist.</summary>
    public SaslMechanism? Mechanism { get; }

    /// <summary>The service, the realm, and the connection with the peer's address.</summary>
    public SaslServiceInfo Service { get; }

    /// <summary>The peer tried to be this user: the canonical name with its realm where it is known, otherwise the name as it was sent,
    /// cut and with control characters escaped; null before a name was sent.</summary>
    public string? UserName => _user?.ToString() ?? (_sentName is null ? null : Escape(_sentName));

    /// <summary>The password verifier or store that decided; null when none did.</summary>
    public string? DecidedBy { get; internal set; }

    /// <summary>Why, in the words of the password verifier that decided, such as <c>PAM auth error</c>; null when it gave no reason. For the
    /// administrator: what a daemon says may contain what a client sent.</summary>
    public string? Reason { get; internal set; }

    internal void Name(string sent, SaslUser? user)
    {
        _sentName = sent;
        _user = user;
    }

    private static string Escape(string name)
    {
        bool cut = name.Length > MaxNameLength;
        var text = new StringBuilder();
        foreach (char character in cut ? name.AsSpan(0, MaxNameLength) : name)
        {
            if (char.IsControl(character) || char.IsSurrogate(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                text.Append(character);
            }
        }
        return cut ? text.Append('…').ToString() : text.ToString();
    }
}
