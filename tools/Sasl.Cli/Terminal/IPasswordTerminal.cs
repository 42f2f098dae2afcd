namespace Sasl.Cli;

/// <summary>Where somebody types a password that nobody sees.</summary>
internal interface IPasswordTerminal : IDisposable
{
    /// <summary>Reads one line without showing it.</summary>
    /// <param name="ask">Writes the question, once what is typed is no longer shown.</param>
    /// <param name="cancellationToken">Stops waiting, as Ctrl-C does; the terminal shows again what is typed.</param>
    /// <returns>What was typed, without the line's end; null when it is too long or the terminal has gone.</returns>
    Task<SaslSecret?> ReadAsync(Func<Task> ask, CancellationToken cancellationToken);
}
