using System.IO.Pipelines;
using System.Text;

namespace Sasl.Cli.Tests;

/// <summary>Our sample server and our sample client, coupled by two pipes in this process.</summary>
internal static class SamplePair
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Runs both to their ends.</summary>
    /// <param name="folder">Where sample.conf is.</param>
    /// <param name="user">Who types the client's password.</param>
    /// <param name="server">The server's arguments.</param>
    /// <param name="client">The client's arguments.</param>
    public static async Task<(CliResult Server, CliResult Client)> RunAsync(CliFolder folder, TypingUser user, string[] server, string[] client)
    {
        var toServer = new Pipe();
        var toClient = new Pipe();
        Task<CliResult> serving = RunSideAsync(folder, user: null, toServer.Reader, toClient.Writer, ["sample-server", .. server]);
        Task<CliResult> asking = RunSideAsync(folder, user, toClient.Reader, toServer.Writer, ["sample-client", .. client]);
        await Task.WhenAll(serving, asking).WaitAsync(TimeSpan.FromSeconds(60));
        return (await serving, await asking);
    }

    private static async Task<CliResult> RunSideAsync(CliFolder folder, TypingUser? user, PipeReader from, PipeWriter to, string[] arguments)
    {
        var seen = new MemoryStream();
        var error = new StringWriter();
        int code;
        await using (var output = new StreamWriter(new Tee(to.AsStream(), seen), s_utf8) { AutoFlush = true })
            code = await new SaslCommandLine(folder.Console(from.AsStream(), output, error, user)).RunAsync(arguments);
        return new CliResult(code, s_utf8.GetString(seen.ToArray()), error.ToString());
    }

    /// <summary>Writes everything twice.</summary>
    private sealed class Tee(Stream first, Stream second) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
            first.Flush();
            second.Flush();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count)
        {
            first.Write(buffer, offset, count);
            second.Write(buffer, offset, count);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                first.Dispose();
            base.Dispose(disposing);
        }
    }
}
