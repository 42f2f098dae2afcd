namespace Sasl;

/// <summary>How the value of a key is read.</summary>
public enum SaslConfigurationKeyKind
{
    /// <summary>As it stands.</summary>
    Text,

    /// <summary>As a list of words, separated by white space.</summary>
    Words,

    /// <summary>As yes or no.</summary>
    Flag,

    /// <summary>As a whole number.</summary>
    Number,

    /// <summary>As the path of a file or socket.</summary>
    FilePath,
}
