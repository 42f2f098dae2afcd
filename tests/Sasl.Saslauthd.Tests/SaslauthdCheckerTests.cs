using Xunit;

namespace Sasl.Saslauthd.Tests;

public sealed class SaslauthdCheckerTests
{
    [Fact]
    public void A_checker_is_there_unless_it_says_why_not()
    {
        var checker = new SaslauthdChecker("pam", static _ => throw new SaslConfigurationException("no PAM here"));
        Assert.Null(checker.MissingOnPlatform);
        Assert.NotNull((checker with { MissingOnPlatform = "there is no libpam" }).MissingOnPlatform);
    }
}
