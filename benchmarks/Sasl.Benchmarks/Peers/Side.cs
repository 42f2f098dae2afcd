namespace Sasl.Benchmarks;

/// <summary>One side of a conversation in one library. One object serves one conversation after the other, so that it costs nothing itself.</summary>
internal abstract class Side : IDisposable
{
    /// <summary>Whether the last step left a message; an empty one is a message too.</summary>
    public bool HasOutput { get; protected set; }

    /// <summary>Whether this side sees the conversation as finished with success.</summary>
    public bool IsDone { get; protected set; }

    /// <summary>The message the last step left; valid until the next call.</summary>
    public abstract ReadOnlySpan<byte> Output { get; }

    /// <summary>Creates the library's context, as for a new connection.</summary>
    public abstract void Open();

    /// <summary>Begins.</summary>
    /// <param name="hasInput">Whether the client sent an initial response; a client has none.</param>
    /// <param name="input">The initial response.</param>
    /// <exception cref="InvalidOperationException">The library refuses.</exception>
    public abstract void Start(bool hasInput, ReadOnlySpan<byte> input);

    /// <summary>Answers the other side.</summary>
    /// <param name="input">Its message.</param>
    /// <exception cref="InvalidOperationException">The library refuses.</exception>
    public abstract void Step(ReadOnlySpan<byte> input);

    /// <summary>The other side has succeeded: for a client that must see it to be sure; on a server the user's name is read.</summary>
    public abstract void Conclude();

    /// <summary>Disposes the library's context.</summary>
    public abstract void Close();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
