using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>What the daemon answers, in the original's words where it has some (saslauthd/saslauthd-main.c, ipc_unix.c).</summary>
internal static class ReplyText
{
    public const string Ok = "OK";

    /// <summary>A string was longer than any may be.</summary>
    public const string TooLong = "NO ";

    public const string NoLogin = "NO NULL login received";

    public const string NoPassword = "NO NULL password received";

    public const string CannotCheck = "NO internal mechanism failure";

    public const string ContainsNul = "NO a string contains NUL";

    public const string BadName = "NO a name contains control characters or is not UTF-8";

    private static readonly byte[] s_ok = Encode(Ok);
    private static readonly byte[] s_no = Encode("NO");

    /// <summary>The answer to a verdict. A reason goes along as from the original; whoever may use the socket is no stranger.</summary>
    public static byte[] Of(in PasswordVerdict verdict) => verdict.Outcome switch
    {
        PasswordOutcome.Match => s_ok,
        PasswordOutcome.Unavailable => Encode(CannotCheck),
        PasswordOutcome.Mismatch or PasswordOutcome.UnknownUser or PasswordOutcome.Disabled or PasswordOutcome.Expired =>
            string.IsNullOrEmpty(verdict.Reason) ? s_no : Encode($"NO {Clean(verdict.Reason)}"),
    };

    /// <summary>A text with its count.</summary>
    public static byte[] Encode(string text)
    {
        Span<byte> reply = stackalloc byte[SaslauthdReply.MaxLength];
        int length = SaslauthdReply.Write(Encoding.UTF8.GetBytes(text), reply);
        return reply[..length].ToArray();
    }

    /// <summary>Sends an answer in one piece and closes. What the peer does with it is its own affair.</summary>
    public static void SendAndClose(Socket peer, byte[] reply, bool drain)
    {
        try
        {
            peer.Send(reply, SocketFlags.None, out _);    // fits into the socket's buffer, which is empty: never waits
            if (drain)
                Drain(peer);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has gone.
        }
        peer.Dispose();
    }

    // Closing a socket with unread octets makes the peer's next call fail, perhaps before it has read the answer. Bounded: an endless request is none of our business.
    private static void Drain(Socket peer)
    {
        const int MaxReads = 16;
        Span<byte> rest = stackalloc byte[4096];
        for (int i = 0; i < MaxReads && peer.Available > 0; i++)
        {
            if (peer.Receive(rest, SocketFlags.None, out SocketError error) <= 0 || error is not SocketError.Success)
                break;
        }
        rest.Clear();    // there may be a password in it
    }

    private static string Clean(string reason) =>
        string.Concat(reason.Select(static character => char.IsControl(character) ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}") : character.ToString()));
}
