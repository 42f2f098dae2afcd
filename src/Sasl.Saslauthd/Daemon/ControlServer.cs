using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Serves the control socket: one word in a line, an answer of lines, one peer at a time.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>The longest command, with its line's end.</summary>
    public const int MaxCommandLength = 64;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Socket _listener;
    private readonly Func<string, string> _answer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    /// <summary>Begins to serve.</summary>
    /// <param name="listener">The socket; disposed with this.</param>
    /// <param name="answer">Takes a command, gives the answer.</param>
    public ControlServer(Socket listener, Func<string, string> answer)
    {
        _listener = listener;
        _answer = answer;
        _running = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using Socket peer = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                await ServeAsync(peer).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Stopped, or a peer that does not speak.
            }
            catch (SocketException)
            {
                // A peer that has gone; or there are no more files, and asking again at once would keep a processor busy.
                await Task.Delay(s_pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket peer)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(s_patience);
        byte[] command = new byte[MaxCommandLength];
        int length = 0;
        while (length < command.Length && !command.AsSpan(0, length).Contains((byte)'\n'))
        {
            int read = await peer.ReceiveAsync(command.AsMemory(length), SocketFlags.None, patience.Token).ConfigureAwait(false);
            if (read == 0)
                return;
            length += read;
        }
        ReadOnlyMemory<byte> rest = Encoding.UTF8.GetBytes(_answer(Encoding.UTF8.GetString(command, 0, length).TrimEnd('\n')));
        while (rest.Length > 0)
            rest = rest[await peer.SendAsync(rest, SocketFlags.None, patience.Token).ConfigureAwait(false)..];
    }
}
