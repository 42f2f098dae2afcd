using System.Collections.Immutable;

namespace Sasl.Smtp;

/// <summary>How Postfix's tables are read and searched. The defaults are Postfix's, except that a bad line is an error.</summary>
public sealed record SmtpMapOptions
{
    /// <summary>What separates user name and password (Postfix: <c>smtp_sasl_password_result_delimiter</c>). The first one counts, so
    /// that a password may contain it.</summary>
    public char PasswordDelimiter { get; init; } = ':';

    /// <summary>The characters that start an address extension, as in <c>bob+lists</c> (Postfix: <c>recipient_delimiter</c>); empty for none.</summary>
    public string RecipientDelimiter { get; init; } = "";

    /// <summary>The domains whose addresses may be listed by their local part alone (Postfix: <c>myorigin</c>, <c>mydestination</c>, and
    /// the addresses of the interfaces in the form <c>[192.0.2.1]</c>). Compared without regard to case.</summary>
    public ImmutableArray<string> LocalDomains { get; init; } = [];

    /// <summary>Whether lines that mean nothing are reported to <see cref="Warning"/> and skipped, as Postfix does; otherwise they are errors.</summary>
    public bool SkipBadLines { get; init; }

    /// <summary>Hears about what works but is probably not meant: entries given twice (the first counts), keys that end in a colon, a file
    /// of passwords that everybody may read; with <see cref="SkipBadLines"/> also bad lines. One sentence, with file and line, never
    /// with a value of the table.</summary>
    public Action<string>? Warning { get; init; }

    internal bool IsLocal(string domain) => LocalDomains.Contains(domain, StringComparer.OrdinalIgnoreCase);
}
