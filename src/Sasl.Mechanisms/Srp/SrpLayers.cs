using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>A list of options, draft-burdis-cat-srp-sasl-08 section 4.3: what a server offers, or what a client has chosen of it.</summary>
/// <remarks>
/// <code>
/// list   = option *("," option)
/// option = "mda=" name / "replay_detection" / "integrity=HMAC-" name / "confidentiality=" name
///        / "mandatory=" ("replay_detection" / "integrity" / "confidentiality") / "maxbuffersize=" number
/// </code>
/// Without regard to case; what is unknown is passed over.
/// </remarks>
internal sealed record SrpLayers
{
    /// <summary>The largest buffer that there can be, in octets; who accepts that much does not say so.</summary>
    public const int MaxBuffer = 2_147_483_643;

    private const string Mda = "mda=";
    private const string Replay = "replay_detection";
    private const string Mac = "integrity=";
    private const string Encryption = "confidentiality=";
    private const string Must = "mandatory=";
    private const string Buffer = "maxbuffersize=";

    /// <summary>The hashes of the conversation.</summary>
    public ImmutableArray<SrpDigest> Digests { get; init; } = [];

    /// <summary>Whether messages are numbered.</summary>
    public bool DetectsReplay { get; init; }

    /// <summary>The hashes that messages are signed with.</summary>
    public ImmutableArray<SrpDigest> Macs { get; init; } = [];

    /// <summary>What messages are encrypted with.</summary>
    public ImmutableArray<SrpCipher> Ciphers { get; init; } = [];

    /// <summary>What a client has to choose.</summary>
    public SrpMandatory Mandatory { get; init; }

    /// <summary>The largest sealed buffer that the side accepts, in octets.</summary>
    public int BufferSize { get; init; } = MaxBuffer;

    /// <summary>What a server offers under a policy, in Cyrus SASL's words.</summary>
    public static SrpLayers Offer(SaslLayerLimits limits, SrpOptions options)
    {
        int most = limits.MaxBuffer > 0 ? limits.MaxSsf : 0;
        ImmutableArray<SrpDigest> macs = most < 1 ? [] : options.Macs is SrpMacs.Cyrus ? [SrpDigest.Of(SrpHash.Sha1)] : SrpDigest.All;
        return new SrpLayers
        {
            Digests = [SrpDigest.Of(options.Hash)],
            DetectsReplay = macs.Length > 0,
            Macs = macs,
            Ciphers = [.. SrpCipher.All.Where(cipher => options.Ciphers.HasFlag(cipher.Flag) && cipher.Ssf >= limits.MinSsf && cipher.Ssf <= most)],
            Mandatory = (limits.MinSsf > 0 ? SrpMandatory.ReplayDetection | SrpMandatory.Integrity : 0) | (limits.MinSsf > 1 ? SrpMandatory.Confidentiality : 0),
            BufferSize = Math.Min(limits.MaxBuffer, MaxBuffer),
        };
    }

    /// <summary>What a client chooses of an offer under a policy; null with a fault when there is nothing that both allow.</summary>
    public SrpLayers? Choose(SaslLayerLimits limits, SrpOptions options, out string? fault)
    {
        int most = limits.MaxBuffer > 0 ? limits.MaxSsf : 0;
        fault = "the server has no hash that is known here";
        if (SrpDigest.All.FirstOrDefault(Digests.Contains) is not { } digest)
            return null;
        SrpCipher? cipher = SrpCipher.All
            .Where(one => Ciphers.Contains(one) && options.Ciphers.HasFlag(one.Flag) && one.Ssf <= most && one.Ssf >= limits.MinSsf).MaxBy(static one => one.Ssf);
        // Nothing is encrypted without being signed and numbered: whoever can change messages could change them bit by bit.
        SrpDigest? mac = most < 1 || !DetectsReplay ? null
            : SrpDigest.All.FirstOrDefault(one => Macs.Contains(one) && (options.Macs is SrpMacs.Draft || one.Hash is SrpHash.Sha1));
        if (mac is null)
            cipher = null;
        fault = "the server offers no protection that the policy allows";
        if (limits.MinSsf > (cipher?.Ssf ?? (mac is null ? 0 : 1)))
            return null;
        fault = "the server insists on a protection that the policy forbids";
        if ((Mandatory.HasFlag(SrpMandatory.Confidentiality) && cipher is null) || (Mandatory is not SrpMandatory.None && mac is null))
            return null;
        fault = null;
        return new SrpLayers
        {
            Digests = [digest],
            DetectsReplay = mac is not null,
            Macs = mac is null ? [] : [mac],
            Ciphers = cipher is null ? [] : [cipher],
            BufferSize = Math.Min(limits.MaxBuffer, MaxBuffer),
        };
    }

    /// <summary>Why a client's choice is none of this offer; null when it is.</summary>
    public string? Objection(SrpLayers choice)
    {
        if (choice.Digests.Length != 1 || !Digests.Contains(choice.Digests[0]))
            return "the client has chosen a hash that was not offered";
        if (choice.Macs.Length > 1 || choice.Macs.Except(Macs).Any() || choice.Ciphers.Length > 1 || choice.Ciphers.Except(Ciphers).Any())
            return "the client has chosen a protection that was not offered";
        bool hasLayer = choice.Macs.Length + choice.Ciphers.Length > 0 || choice.DetectsReplay;
        if (hasLayer && !(choice.DetectsReplay && choice.Macs.Length == 1))
            return "the client wants a layer that is not signed, or not numbered";
        if ((Mandatory is not SrpMandatory.None && !hasLayer) || (Mandatory.HasFlag(SrpMandatory.Confidentiality) && choice.Ciphers.IsEmpty))
            return "the client has left out a protection that is mandatory";
        return null;
    }

    /// <summary>Reads a list; null when an option is there twice that can be there once, or a number is none.</summary>
    public static SrpLayers? Parse(ReadOnlySpan<byte> text)
    {
        var read = new SrpLayers();
        bool hasBuffer = false;
        foreach (Range place in text.Split((byte)','))
        {
            ReadOnlySpan<byte> option = text[place];
            if (Is(option, Replay) && read.DetectsReplay)
                return null;
            if (Is(option, Replay))
                read = read with { DetectsReplay = true };
            else if (Begins(option, Mda) && SrpDigest.Find(option[Mda.Length..]) is { } digest)
                read = read with { Digests = read.Digests.Add(digest) };
            else if (Begins(option, Mac) && SrpDigest.FindHmac(option[Mac.Length..]) is { } mac)
                read = read with { Macs = read.Macs.Add(mac) };
            else if (Begins(option, Encryption) && SrpCipher.Find(option[Encryption.Length..]) is { } cipher)
                read = read with { Ciphers = read.Ciphers.Add(cipher) };
            else if (Begins(option, Must) && MandatoryOf(option[Must.Length..]) is not SrpMandatory.None and var mandatory)
                read = read with { Mandatory = read.Mandatory | mandatory };
            else if (Begins(option, Must))
                return null;
            else if (Begins(option, Buffer))
            {
                if (hasBuffer || !WireNumber.TryParsePositive(option[Buffer.Length..], MaxBuffer, out int size))
                    return null;
                hasBuffer = true;
                read = read with { BufferSize = size };
            }
        }
        return read;
    }

    /// <summary>The list, in Cyrus SASL's order.</summary>
    public byte[] Write()
    {
        var options = new List<string>();
        options.AddRange(Digests.Select(static digest => Mda + digest.Name));
        if (DetectsReplay)
            options.Add(Replay);
        options.AddRange(Macs.Select(static mac => Mac + mac.HmacName));
        options.AddRange(Ciphers.Select(static cipher => Encryption + cipher.Name));
        if (Macs.Length + Ciphers.Length > 0 && BufferSize < MaxBuffer)
            options.Add(Buffer + BufferSize.ToString(CultureInfo.InvariantCulture));
        if (Mandatory.HasFlag(SrpMandatory.ReplayDetection))
            options.Add(Must + Replay);
        if (Mandatory.HasFlag(SrpMandatory.Integrity))
            options.Add(Must + Mac[..^1]);
        if (Mandatory.HasFlag(SrpMandatory.Confidentiality))
            options.Add(Must + Encryption[..^1]);
        return Encoding.ASCII.GetBytes(string.Join(',', options));
    }

    private static SrpMandatory MandatoryOf(ReadOnlySpan<byte> name) =>
        Is(name, Replay) ? SrpMandatory.ReplayDetection
        : Is(name, Mac[..^1]) ? SrpMandatory.Integrity
        : Is(name, Encryption[..^1]) ? SrpMandatory.Confidentiality
        : SrpMandatory.None;

    private static bool Is(ReadOnlySpan<byte> option, string name) => Ascii.EqualsIgnoreCase(option, name);

    private static bool Begins(ReadOnlySpan<byte> option, string name) => option.Length >= name.Length && Ascii.EqualsIgnoreCase(option[..name.Length], name);
}
