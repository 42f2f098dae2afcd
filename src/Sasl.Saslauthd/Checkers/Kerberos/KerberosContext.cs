using System.Runtime.InteropServices;

namespace Sasl.Saslauthd;

/// <summary>One request's state in the Kerberos library, which may be used by one thread at a time.</summary>
internal sealed unsafe class KerberosContext : SafeHandle
{
    private KerberosContext(nint handle)
        : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Reads krb5.conf and makes a context.</summary>
    /// <param name="path">The file; null for the system's, which the environment of the process may name.</param>
    /// <exception cref="KerberosException">The file cannot be read or means nothing.</exception>
    public static KerberosContext Create(string? path)
    {
        int code;
        nint handle;
        if (path is null)
        {
            code = KerberosLibrary.MakeContext(out handle);
        }
        else if ((code = (int)KerberosLibrary.ReadProfile(path, out nint profile)) != 0)
        {
            handle = 0;
        }
        else
        {
            code = KerberosLibrary.MakeContext(profile, 0, out handle);
            KerberosLibrary.FreeProfile(profile);
        }
        if (code == 0)
            return new KerberosContext(handle);

        byte* message = KerberosLibrary.GetErrorMessage(0, code);
        string text = NativeText.Read(message);
        KerberosLibrary.FreeErrorMessage(0, message);
        throw new KerberosException(code, $"{path ?? "krb5.conf"} cannot be used: {text} ({code})");
    }

    /// <summary>The library's words for an error of this context, with its number.</summary>
    public string Describe(int code)
    {
        byte* message = KerberosLibrary.GetErrorMessage(this, code);
        string text = NativeText.Read(message);
        KerberosLibrary.FreeErrorMessage(this, message);
        return $"{text} ({code})";
    }

    /// <summary>Throws when a call failed.</summary>
    /// <param name="code">What it answered.</param>
    /// <param name="what">What was tried, as the beginning of a sentence.</param>
    /// <exception cref="KerberosException">It is not 0.</exception>
    public void Require(int code, string what)
    {
        if (code != 0)
            throw new KerberosException(code, $"{what}: {Describe(code)}");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        KerberosLibrary.FreeContext(handle);
        return true;
    }
}
