using System.Security.Cryptography;

namespace Sasl.Saslauthd;

/// <summary>One login on one connection: the three methods of the original.</summary>
internal sealed class LdapConversation(LdapSession session, LdapOptions options, LdapRequest request, Action<string> warn)
{
    private static PasswordVerdict Match => Answer(PasswordOutcome.Match, "accepted");

    private static PasswordVerdict Unknown => Answer(PasswordOutcome.UnknownUser, "no entry was found");

    public PasswordVerdict Judge() => options.Method switch
    {
        LdapAuthMethod.Bind => JudgeByBind(),
        LdapAuthMethod.Custom => JudgeByComparison(),
        LdapAuthMethod.FastBind when options.UseSasl => JudgeBySaslBind(),
        LdapAuthMethod.FastBind => JudgeByFastBind(),
    };

    private static PasswordVerdict Answer(PasswordOutcome outcome, string reason) => new(outcome, LdapVerifier.Name) { Reason = reason };

    private LdapTemplate Template(string? userDn = null) => new(request.User, request.Service, options.DefaultRealm, userDn);

    private PasswordVerdict JudgeByBind()
    {
        LdapEntry entry = FindUser(attribute: null);
        return entry.Count != 1 || entry.Dn.Length == 0 ? WhyNotOne(entry)
            // Before the password, as long as the connection is bound as the one who may search.
            : WhyNoMember(entry.Dn) is { } refusal ? refusal
            : Judge(session.Bind(entry.Dn, request.Password.Span, request.Deadline), "bind");
    }

    private PasswordVerdict JudgeByComparison()
    {
        LdapEntry entry = FindUser(options.PasswordAttribute);
        try
        {
            return entry.Count != 1 || entry.Dn.Length == 0 ? WhyNotOne(entry)
                : WhyNoMember(entry.Dn) is { } refusal ? refusal
                : Compare(entry.Values);
        }
        finally
        {
            foreach (byte[] value in entry.Values)
                CryptographicOperations.ZeroMemory(value);
        }
    }

    private PasswordVerdict JudgeByFastBind()
    {
        string dn = Template().ToDn(options.Filter);
        if (dn.Length == 0)
            return new PasswordVerdict(PasswordOutcome.UnknownUser) { Reason = "the user's DN would be empty" };
        PasswordVerdict verdict = Judge(session.Bind(dn, request.Password.Span, request.Deadline), "bind");
        return verdict.Outcome is PasswordOutcome.Match && WhyNoMember(dn) is { } refusal ? refusal : verdict;
    }

    private PasswordVerdict JudgeBySaslBind()
    {
        if (!LdapPasswordMechanisms.Covers(options.SaslMechanism))
            return new PasswordVerdict(PasswordOutcome.Unavailable) { Reason = $"a SASL bind as the user needs one of {LdapPasswordMechanisms.Accepted}" };
        string realm = options.SaslRealm.Length > 0 ? options.SaslRealm : request.User.Realm.Length > 0 ? request.User.Realm : options.DefaultRealm;
        using var login = new LdapLogin(request.User.Name, "", realm, request.Password.Span);
        PasswordVerdict verdict = Judge(session.BindSasl(options.SaslMechanism, login, request.Deadline), "SASL bind");
        return verdict.Outcome is PasswordOutcome.Match && WhyNoMember("") is { } refusal ? refusal : verdict;
    }

    private LdapEntry FindUser(string? attribute)
    {
        BindToSearch();
        LdapTemplate template = Template();
        return session.Search(
            template.ToDn(options.SearchBase), options.Scope, template.ToFilter(options.Filter), attribute, options, request.Deadline);
    }

    private void BindToSearch()
    {
        if (session.IsBoundToSearch)
            return;
        int code = options.UseSasl ? BindToSearchBySasl() : session.Bind(options.BindDn, options.BindDn.Length == 0 ? [] : options.BindPassword!.Span, request.Deadline);
        if (code != LdapCode.Success)
            throw new LdapFault(options.UseSasl ? "ldap_id" : options.BindDn.Length == 0 ? "bind as nobody" : "ldap_bind_dn", code, $"the server refuses the bind with result code {code}");
        session.IsBoundToSearch = true;
    }

    private int BindToSearchBySasl()
    {
        using var login = new LdapLogin(options.SaslId, options.SaslAuthorizationId, options.SaslRealm, options.BindPassword is null ? [] : options.BindPassword.Span);
        return session.BindSasl(options.SaslMechanism, login, request.Deadline);
    }

    private PasswordVerdict WhyNotOne(LdapEntry entry)
    {
        if (entry.Count == 0)
            return Unknown;
        warn("ldap: ldap_filter finds more than one entry for a user, which is nobody");
        return Answer(PasswordOutcome.Mismatch, "more than one entry was found");
    }

    private PasswordVerdict Compare(IReadOnlyList<byte[]> values)
    {
        bool matches = false;
        bool isStrange = false;
        foreach (byte[] value in values)
        {
            bool? match = LdapStoredPassword.IsMatch(value, request.Password.Span);
            matches |= match is true;
            isStrange |= match is null;
        }
        if (isStrange && !matches)
            warn($"ldap: a value of {options.PasswordAttribute} is of a form that is not known here");
        return matches ? Match
            : values.Count == 0 ? Answer(PasswordOutcome.Mismatch, $"the entry has no {options.PasswordAttribute} that may be read")
            : Answer(PasswordOutcome.Mismatch, "no value of the password attribute matches");
    }

    // What comes back for a user who is not in the group that has to be; null for members, and where none has to be.
    private PasswordVerdict? WhyNoMember(string dn)
    {
        if (options.GroupDn is null && options.GroupFilter is null)
            return null;
        bool isMember = options.GroupMatch switch
        {
            LdapGroupMatch.Attribute => IsNamedByGroup(dn),
            LdapGroupMatch.Filter => FindsGroup(dn),
        };
        return isMember ? null : Answer(PasswordOutcome.Mismatch, "the user is not in the group");
    }

    private bool IsNamedByGroup(string dn)
    {
        int code = session.Compare(Template(dn).ToDn(options.GroupDn!), options.GroupAttribute, dn, request.Deadline);
        if (code is LdapCode.NoSuchObject or LdapCode.InvalidDnSyntax)
            warn("ldap: ldap_group_dn names no entry");
        return code switch
        {
            LdapCode.CompareTrue => true,
            LdapCode.CompareFalse or LdapCode.NoSuchAttribute or LdapCode.NoSuchObject or LdapCode.InvalidDnSyntax => false,
            _ => throw new LdapFault("ldap_group_dn", code, $"the server refuses to compare with result code {code}"),
        };
    }

    private bool FindsGroup(string dn)
    {
        LdapTemplate template = Template(dn);
        LdapEntry found = session.Search(
            template.ToDn(options.GroupSearchBase ?? options.SearchBase), options.GroupScope, template.ToFilter(options.GroupFilter!), attribute: null, options, request.Deadline);
        return found.Count > 0;
    }

    private static PasswordVerdict Judge(int code, string step) => code switch
    {
        LdapCode.Success => Match,
        LdapCode.InvalidCredentials or LdapCode.InappropriateAuthentication => Answer(PasswordOutcome.Mismatch, "the directory refused the password"),
        LdapCode.NoSuchObject or LdapCode.InvalidDnSyntax => Unknown,
        // How directories say that an account is locked.
        LdapCode.UnwillingToPerform or LdapCode.ConstraintViolation => Answer(PasswordOutcome.Disabled, $"the directory refused the login with result code {code}"),
        _ => throw new LdapFault(step, code, $"the server answers with result code {code}"),
    };
}
