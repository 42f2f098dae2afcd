using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;

namespace Sasl.Saslauthd;

/// <summary>What saslauthd is asked, except for the password.</summary>
/// <param name="Login">Who logs in, without the realm.</param>
/// <param name="Service">The service's registered name.</param>
/// <param name="Realm">The realm; may be empty.</param>
/// <param name="Client">The client's address and port, as <c>192.0.2.1;40000</c>, or empty; null sends four strings and not five.</param>
internal sealed record SaslauthdRequest(string Login, string Service, string Realm, string? Client)
{
    /// <summary>Writes the request.</summary>
    /// <param name="password">The password.</param>
    /// <param name="output">Takes the octets, secrets among them.</param>
    /// <returns>Why it cannot be sent, as a clause for the administrator; null when it can. What was written is of no use then.</returns>
    public string? Write(ReadOnlySpan<byte> password, SecureBufferWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return Login.Length == 0 ? "the login name is empty"
            : password.IsEmpty ? "the password is empty"
            : WriteText(SaslauthdField.Login, Login, output)
            ?? WriteOctets(SaslauthdField.Password, password, output)
            ?? WriteText(SaslauthdField.Service, Service, output)
            ?? WriteText(SaslauthdField.Realm, Realm, output)
            ?? (Client is null ? null : WriteText(SaslauthdField.Client, Client, output));
    }

    /// <summary>Writes a request that every saslauthd refuses by itself, without asking whoever it asks: one with an empty login.</summary>
    /// <param name="withClient">Whether there is a fifth string.</param>
    /// <param name="output">Takes the octets.</param>
    public static void WriteImpossible(bool withClient, SecureBufferWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        WriteOctets(SaslauthdField.Login, default, output);
        WriteOctets(SaslauthdField.Password, "none"u8, output);
        WriteOctets(SaslauthdField.Service, "health"u8, output);
        WriteOctets(SaslauthdField.Realm, default, output);
        if (withClient)
            WriteOctets(SaslauthdField.Client, default, output);
    }

    private static string? WriteText(SaslauthdField field, string text, SecureBufferWriter output)
    {
        Span<byte> octets = stackalloc byte[SaslauthdWire.MaxFieldLength];
        return Utf8.FromUtf16(text, octets, out _, out int length, replaceInvalidSequences: false) switch
        {
            OperationStatus.Done => WriteOctets(field, octets[..length], output),
            OperationStatus.DestinationTooSmall => TooLong(field),
            OperationStatus.InvalidData or OperationStatus.NeedMoreData => $"{NameOf(field)} is not Unicode text",
        };
    }

    private static string? WriteOctets(SaslauthdField field, ReadOnlySpan<byte> octets, SecureBufferWriter output)
    {
        if (octets.Length > SaslauthdWire.MaxFieldLength)
            return TooLong(field);

        // The daemon's C strings end there: "alice" NUL "anything" would log in as alice.
        if (octets.Contains((byte)0))
            return $"{NameOf(field)} contains a NUL";
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(SaslauthdWire.CountLength), (ushort)octets.Length);
        output.Advance(SaslauthdWire.CountLength);
        output.Write(octets);
        return null;
    }

    private static string TooLong(SaslauthdField field) => string.Create(
        CultureInfo.InvariantCulture, $"{NameOf(field)} is longer than the {SaslauthdWire.MaxFieldLength} octets that saslauthd takes");

    private static string NameOf(SaslauthdField field) => field switch
    {
        SaslauthdField.Login => "the login name",
        SaslauthdField.Password => "the password",
        SaslauthdField.Service => "the service name",
        SaslauthdField.Realm => "the realm",
        SaslauthdField.Client => "the client's address",
    };
}
