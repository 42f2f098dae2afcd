namespace Sasl.Sasldb;

/// <summary>The forms of a sasldb: how records lie in the file. Which one a file has is told by the file itself.</summary>
public enum SasldbFormat
{
    /// <summary>LMDB 0.9, as Cyrus SASL's development version writes it.</summary>
    Lmdb,

    /// <summary>Berkeley DB's hash, as the Cyrus SASL of Debian and Ubuntu writes it.</summary>
    Berkeley,

    /// <summary>GDBM, as the Cyrus SASL of Fedora and RHEL writes it.</summary>
    Gdbm,
}
