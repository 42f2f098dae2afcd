using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>Every form in which a secret could stand in a text, and the search for them.</summary>
internal sealed class Forbidden
{
    private readonly List<(string What, string Text)> _forms = [];

    public int Count => _forms.Count;

    /// <summary>Adds a password: as it is, in hexadecimal, in base64 wherever it stands in a longer message, and what is derived from it.</summary>
    public void AddPassword(string name, string password)
    {
        byte[] octets = Encoding.UTF8.GetBytes(password);
        AddOctets(name, octets);
        Add($"{name}, escaped", string.Concat(octets.Select(static octet => octet < 0x80 ? ((char)octet).ToString() : $"\\x{octet:x2}")));
        Add($"{name}, backwards", new string([.. password.Reverse()]));
        AddOctets($"{name}, MD5", MD5.HashData(octets));
        AddOctets($"{name}, SHA-256", SHA256.HashData(octets));
    }

    /// <summary>Adds the keys of a stored value and everything that logs a client in or lets passwords be tried.</summary>
    public void AddStored(string name, string stored)
    {
        if (stored.Split('\t') is [_, _, _, string lastPassword, _])    // a sequence of one-time passwords
        {
            AddOctets(name, Convert.FromHexString(lastPassword));
            return;
        }
        foreach (string part in stored.Split('$', ':').Where(static part => part.Length > 24))
            AddOctets(name, Convert.FromBase64String(part));
    }

    public void AddOctets(string name, ReadOnlySpan<byte> octets)
    {
        Add(name, Encoding.UTF8.GetString(octets));
        Add($"{name}, hexadecimal", Convert.ToHexString(octets));
        Add($"{name}, hexadecimal with hyphens", BitConverter.ToString(octets.ToArray()));
        for (int shift = 0; shift < 3; shift++)
        {
            // What every message has in its base64 form that contains the octets at this distance from a multiple of three.
            string base64 = Convert.ToBase64String([.. new byte[shift], .. octets]);
            int first = shift == 0 ? 0 : 4;
            int length = ((shift + octets.Length) / 3 * 4) - first;
            Add($"{name}, base64 shifted by {shift}", base64.Substring(first, length));
            Add($"{name}, base64url shifted by {shift}", base64.Substring(first, length).Replace('+', '-').Replace('/', '_'));
        }
    }

    /// <summary>Searches a text, in any case of letters.</summary>
    public void AssertAbsent(string where, string text)
    {
        foreach ((string what, string form) in _forms)
            Assert.False(text.Contains(form, StringComparison.OrdinalIgnoreCase), $"{what} stands in {where}");
    }

    /// <summary>Whether one of the forms stands in a text.</summary>
    public bool StandsIn(string text) => _forms.Exists(form => text.Contains(form.Text, StringComparison.OrdinalIgnoreCase));

    private void Add(string what, string text)
    {
        if (text.Length >= 8)
            _forms.Add((what, text));
    }
}
