using System.Buffers;

namespace Sasl.Smtp;

/// <summary>The AUTH command taken apart (RFC 4954 section 8).</summary>
/// <remarks><code>
/// "AUTH" SP sasl-mech [SP initial-response]      initial-response = base64 / "="
/// "AUTH=" sasl-mech [SP initial-response]        as old Microsoft clients send it
/// </code></remarks>
internal readonly ref struct SmtpAuthCommand
{
    private SmtpAuthCommand(ReadOnlySpan<byte> mechanism, ReadOnlySpan<byte> initialResponse, bool hasInitialResponse, bool isBrokenForm)
    {
        Mechanism = mechanism;
        InitialResponse = initialResponse;
        HasInitialResponse = hasInitialResponse;
        IsBrokenForm = isBrokenForm;
    }

    public ReadOnlySpan<byte> Mechanism { get; }

    /// <summary>Still in base64, or "=".</summary>
    public ReadOnlySpan<byte> InitialResponse { get; }

    public bool HasInitialResponse { get; }

    public bool IsBrokenForm { get; }

    /// <summary>Takes apart what follows the four letters AUTH.</summary>
    public static bool TryParse(ReadOnlySpan<byte> argument, out SmtpAuthCommand command)
    {
        command = default;
        if (argument.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return false;

        ReadOnlySpan<byte> rest = argument.Trim((byte)' ');
        bool broken = rest.StartsWith("="u8);
        if (broken)
            rest = rest[1..].TrimStart((byte)' ');

        int end = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> mechanism = end < 0 ? rest : rest[..end];
        ReadOnlySpan<byte> initial = end < 0 ? default : rest[end..].TrimStart((byte)' ');
        if (mechanism.IsEmpty || initial.Contains((byte)' '))
            return false;
        command = new SmtpAuthCommand(mechanism, initial, hasInitialResponse: end >= 0, broken);
        return true;
    }
}
