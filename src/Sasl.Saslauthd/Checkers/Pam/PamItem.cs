namespace Sasl.Saslauthd;

/// <summary>What a PAM handle keeps: the numbers of <c>_pam_types.h</c>.</summary>
internal enum PamItem
{
    RemoteHost = 4,
    UserPrompt = 9,
    FailDelay = 10,
}
