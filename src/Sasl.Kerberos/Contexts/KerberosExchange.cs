using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>One side of an exchange that has a Kerberos conversation in it. Calls that may wait run beside the caller, few at a time.</summary>
internal abstract class KerberosExchange(SaslWorkQueue work, KerberosOptions options, WarnOnce warnings) : SaslExchange
{
    private readonly Lock _change = new();
    private KerberosContext? _context;
    private bool _isErased;

    /// <summary>The options.</summary>
    protected KerberosOptions Options => options;

    /// <summary>Where slow calls run.</summary>
    protected SaslWorkQueue Work => work;

    /// <summary>Who is told of this machine's own faults.</summary>
    protected WarnOnce Warnings => warnings;

    /// <summary>The conversation, after the first token.</summary>
    protected KerberosContext Conversation => _context!;

    /// <summary>Whether the layer, which needs the conversation, or nothing is left of it.</summary>
    protected bool KeepsContext { get; set; }

    /// <summary>Begins the conversation. May wait.</summary>
    protected abstract KerberosContext Open();

    /// <summary>What a machine without keys or tickets comes to.</summary>
    protected abstract SaslStep FailLocally(KerberosProblem problem);

    /// <summary>What a token that was refused comes to.</summary>
    protected abstract SaslStep FailOn(KerberosProblem problem);

    /// <summary>Takes the peer's token.</summary>
    /// <returns>The next token; or the failure.</returns>
    protected async ValueTask<(KerberosStep Step, SaslStep? Failure)> AdvanceAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        byte[] token = input.ToArray();    // whoever stops waiting takes the buffer away while the library still reads
        try
        {
            KerberosStep step = await work.RunAsync(() => Take(token), cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return (step, step.Problem is KerberosProblem.None ? null : FailOn(step.Problem));
        }
        catch (GssException problem)
        {
            KerberosSupport found = KerberosSupport.Of(problem, Usage);
            if (problem.Words.Length > 0)
                warnings.Say($"Kerberos cannot be used: {found.Explanation}.");
            return (default, FailLocally(found.Problem));
        }
    }

    /// <summary>Takes the peer's token and writes the next one.</summary>
    /// <returns>What the step comes to; null when the conversation is complete.</returns>
    protected async ValueTask<SaslStep?> ConverseAsync(ReadOnlyMemory<byte> input, IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        (KerberosStep step, SaslStep? failure) = await AdvanceAsync(input, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
            return failure;
        output.Write(step.Token);
        return step.IsComplete ? null : SaslStep.Continue;
    }

    /// <summary>Which side this is.</summary>
    protected abstract GssUsage Usage { get; }

    /// <inheritdoc/>
    protected override void Erase()
    {
        lock (_change)
        {
            _isErased = true;
            if (!KeepsContext)
                _context?.Dispose();
        }
    }

    private KerberosStep Take(byte[] token)
    {
        if (_context is null)
        {
            KerberosContext opened = Open();
            lock (_change)
            {
                _context = opened;
                if (_isErased)
                    opened.Dispose();
            }
        }
        try
        {
            return _context.Advance(token);
        }
        catch (ObjectDisposedException)
        {
            return KerberosStep.Failed(KerberosProblem.Other);    // nobody waits for it any more
        }
    }
}
