using System.Globalization;
using System.Net;

namespace Sasl.Cli.Sample;

/// <summary>The flags that both sample programs have, as Cyrus SASL's samples write them.</summary>
internal static class SampleArguments
{
    private const int MaxSsf = 65_535;
    private const int MaxBuffer = 2048;

    /// <summary>Reads <c>-b min=N,max=N</c> and <c>-f flag,flag</c>.</summary>
    public static SaslPolicy Policy(string? layers, string? flags, string? mechanisms)
    {
        (int min, int max) = (0, MaxSsf);
        foreach ((string key, string value) in Pairs(layers, "-b"))
        {
            int bits = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) && parsed <= MaxSsf
                ? parsed : throw new SampleException($"-b {key}: a number of bits from 0 to {MaxSsf} is expected");
            (min, max) = key switch
            {
                "min" => (bits, max),
                "max" => (min, bits),
                _ => throw new SampleException("-b takes min=N and max=N"),
            };
        }
        return new SaslPolicy
        {
            MinSsf = min,
            MaxSsf = max,
            MaxBuffer = MaxBuffer,
            Require = Flags(flags),
            Allow = mechanisms is null ? [] : [.. mechanisms.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)],
        };
    }

    /// <summary>Reads <c>-e ssf=N,id=ID</c> and <c>-i local=IP;PORT,remote=IP;PORT</c>.</summary>
    public static SaslChannel Channel(string? external, string? addresses, SaslChannelBindings? bindings)
    {
        var channel = new SaslChannel { Bindings = bindings };
        foreach ((string key, string value) in Pairs(external, "-e"))
        {
            channel = key switch
            {
                "ssf" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int ssf) && ssf <= MaxSsf => channel with { ExternalSsf = ssf },
                "id" => channel with { ExternalIdentity = value },
                _ => throw new SampleException($"-e takes ssf=N, from 0 to {MaxSsf}, and id=ID"),
            };
        }
        foreach ((string key, string value) in Pairs(addresses, "-i"))
        {
            if (!IPEndPoint.TryParse(value.Contains(':', StringComparison.Ordinal) ? $"[{value.Replace(";", "]:", StringComparison.Ordinal)}"
                : value.Replace(';', ':'), out IPEndPoint? endPoint))
            {
                throw new SampleException("-i takes local=IP;PORT and remote=IP;PORT");
            }
            channel = key switch
            {
                "local" => channel with { Local = endPoint },
                "remote" => channel with { Remote = endPoint },
                _ => throw new SampleException("-i takes local=IP;PORT and remote=IP;PORT"),
            };
        }
        return channel;
    }

    private static SaslSecurityFlags Flags(string? flags)
    {
        SaslSecurityFlags required = SaslSecurityFlags.None;
        foreach (string flag in flags?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            required |= flag switch
            {
                "noplain" => SaslSecurityFlags.NoPlaintext,
                "noactive" => SaslSecurityFlags.NoActive,
                "nodict" => SaslSecurityFlags.NoDictionary,
                "forwardsec" => SaslSecurityFlags.ForwardSecrecy,
                "noanonymous" => SaslSecurityFlags.NoAnonymous,
                "passcred" => SaslSecurityFlags.PassCredentials,
                "maximum" => (SaslSecurityFlags)0x7f,
                _ => throw new SampleException("-f takes noplain, noactive, nodict, forwardsec, noanonymous, passcred and maximum"),
            };
        }
        return required;
    }

    private static IEnumerable<(string Key, string Value)> Pairs(string? text, string flag)
    {
        foreach (string pair in text?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new SampleException($"{flag} takes key=value pairs with commas between them");
            yield return (pair[..equals].Trim(), pair[(equals + 1)..].Trim());
        }
    }
}
