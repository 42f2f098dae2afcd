using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

public sealed class PeerProgramsTests
{
    [Fact]
    public void A_program_that_is_not_installed_is_named_with_its_package() =>
        Assert.Equal(
            "no-such-program is not installed: apt-get install some-package",
            PeerPrograms.Lack(new PeerProgram("no-such-program", "some-package")));

    [Fact]
    public void A_program_without_its_companion_files_counts_as_not_installed() =>
        Assert.Contains(
            "apt-get install some-package",
            PeerPrograms.Lack(new PeerProgram("sh", "some-package") { Companions = [["/usr/lib/*/no-such-file", "/no-such-file"]] }),
            StringComparison.Ordinal);

    [Fact]
    public void A_companion_file_is_found_in_any_folder_that_fits_its_pattern() =>
        Assert.Null(PeerPrograms.Lack(new PeerProgram("sh", "some-package") { Companions = [["/no-such-file", "/b*n/sh"]] }));

    [Fact]
    public void A_missing_program_skips_a_test_on_a_developers_machine_and_fails_it_in_CI()
    {
        Assert.Null(PeerPrograms.SkipReason(["setsid"], missingIsFailure: false));
        Assert.Null(PeerPrograms.SkipReason(["setsid"], missingIsFailure: true));
        Assert.Equal(PeerPrograms.WhatIsMissing("mdb_dump"), PeerPrograms.SkipReason(["mdb_dump"], missingIsFailure: false));
    }

    [Fact]
    public void A_program_that_the_harness_does_not_know_is_a_mistake_in_the_test() =>
        Assert.Throws<ArgumentException>(() => PeerPrograms.WhatIsMissing("no-such-program"));
}
