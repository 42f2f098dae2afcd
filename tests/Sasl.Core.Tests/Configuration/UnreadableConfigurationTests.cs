using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Configuration;

/// <summary>What is there and cannot be read must stop the start: Cyrus SASL goes on without it and offers every mechanism.</summary>
[SupportedOSPlatform("linux")]
public sealed class UnreadableConfigurationTests : IDisposable
{
    private const int Nobody = 65534;

    private readonly ScratchFolder _folder = new();

    [Fact]
    public void A_file_that_may_not_be_read_is_an_error_with_path_mode_owner_and_user()
    {
        string path = _folder.Write("smtpd.conf", "mech_list: PLAIN");
        File.SetUnixFileMode(path, UnixFileMode.None);
        string message = RefusalWithoutRights();
        Assert.StartsWith($"{path}: cannot be read (mode 0000, owner {Environment.UserName}, group ", message, StringComparison.Ordinal);
        Assert.EndsWith($"; this process runs as {Environment.UserName})", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_may_not_be_entered_is_an_error_that_names_the_directory()
    {
        string path = _folder.Write("closed/smtpd.conf", "mech_list: PLAIN");
        File.SetUnixFileMode(_folder.At("closed"), UnixFileMode.None);
        string message = RefusalWithoutRights("closed");
        File.SetUnixFileMode(_folder.At("closed"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.StartsWith($"{path}: cannot be read (directory {_folder.At("closed")} has mode 0000, owner {Environment.UserName}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_readable_file_later_on_the_path_does_not_help()
    {
        string path = _folder.Write("one/smtpd.conf", "mech_list: PLAIN");
        _folder.Write("two/smtpd.conf", "mech_list: LOGIN");
        File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.StartsWith($"{path}: cannot be read", RefusalWithoutRights("one", "two"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_in_the_files_place_is_an_error()
    {
        Directory.CreateDirectory(_folder.At("smtpd.conf"));
        Assert.Equal($"{_folder.At("smtpd.conf")}: is a directory; a file is expected", Refusal());
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_an_error()
    {
        File.CreateSymbolicLink(_folder.At("smtpd.conf"), "gone.conf");
        Assert.Equal($"{_folder.At("smtpd.conf")}: is a symbolic link to 'gone.conf', which does not exist", Refusal());
    }

    [Fact]
    public void A_link_in_a_circle_is_an_error()
    {
        File.CreateSymbolicLink(_folder.At("smtpd.conf"), "smtpd.conf");
        Assert.StartsWith($"{_folder.At("smtpd.conf")}: ", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_is_an_error_and_does_not_block()
    {
        Assert.Equal(0, MakePipe([.. Encoding.UTF8.GetBytes(_folder.At("smtpd.conf")), 0], 0x180));
        Assert.Equal($"{_folder.At("smtpd.conf")}: is a pipe, a socket or a disk; a file is expected", Refusal());
    }

    [Fact]
    public void A_link_to_the_null_device_is_an_empty_file()
    {
        File.CreateSymbolicLink(_folder.At("smtpd.conf"), "/dev/null");
        SaslConfigurationSearch search = FinderFor("").Find("smtpd");
        Assert.Equal(_folder.At("smtpd.conf"), search.File);
        Assert.Empty(search.Configuration.Entries);
    }

    [Fact]
    public void In_a_directory_that_is_a_file_there_is_no_configuration()
    {
        _folder.Write("one", "");
        Assert.Null(FinderFor("one").Find("smtpd").File);
    }

    [Fact]
    public void A_file_too_large_to_be_a_configuration_is_an_error()
    {
        _folder.Write("smtpd.conf", string.Concat(Enumerable.Repeat("# x\n", SaslConfiguration.MaxFileLength / 4)) + "#");
        Assert.Equal($"{_folder.At("smtpd.conf")}: is larger than {SaslConfiguration.MaxFileLength} octets", Refusal());
    }

    [Fact]
    public void A_file_asked_for_by_path_must_exist() => Assert.Equal(
        $"{_folder.At("gone.conf")}: there is no such file",
        Assert.Throws<SaslConfigurationException>(() => SaslConfiguration.Load(_folder.At("gone.conf"))).Message);

    public void Dispose() => _folder.Dispose();

    private string Refusal(params string[] directories) =>
        Assert.Throws<SaslConfigurationException>(() => FinderFor(directories.Length == 0 ? [""] : directories).Find("smtpd")).Message;

    // Root may read everything. A thread whose file rights are nobody's may not, and nothing else of the process changes.
    private string RefusalWithoutRights(params string[] directories)
    {
        if (!Environment.IsPrivilegedProcess)
            return Refusal(directories);
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1ed);
        Exception? failure = null;
        string message = "";
        var thread = new Thread(() =>
        {
            _ = SetFileUser(Nobody);
            try
            {
                message = Refusal(directories);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        return message;
    }

    private SaslConfigurationFinder FinderFor(params string[] directories) => new()
    {
        Directories = [.. directories.Select(directory => directory.Length == 0 ? _folder.Path : _folder.At(directory))],
        Environment = static _ => null,
    };

    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileUser(int user);

    [DllImport("libc", EntryPoint = "mkfifo")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakePipe(byte[] path, uint mode);
}
