using Sasl.Sasldb.Files;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Forms;

/// <summary>A path whose file may be of any form, and may become one of another form at any time.</summary>
/// <remarks>
/// Costs a lookup nothing: the form that was found last is asked first, and only when it says that the file is not, or no longer, of its
/// form the file is looked at again.
/// </remarks>
internal sealed class DetectedForm : ISasldbForm
{
    private const int MostTries = 100;

    private readonly SasldbOptions _options;
    private readonly SasldbFormDetector _detector;
    private readonly SasldbFormKind _new;
    private readonly FileProbe _probe;
    private readonly Lock _choosing = new();
    private volatile Choice? _choice;
    private volatile bool _disposed;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">The path, and how files are made.</param>
    /// <param name="kinds">The forms there are.</param>
    /// <exception cref="SaslConfigurationException">New files are to be of a form that is not among them.</exception>
    public DetectedForm(SasldbOptions options, IReadOnlyList<SasldbFormKind> kinds)
    {
        _options = options;
        _detector = new SasldbFormDetector(kinds);
        _probe = new FileProbe(options.Path);
        _new = kinds.FirstOrDefault(kind => kind.Format == options.CreateFormat)
            ?? throw new SaslConfigurationException($"sasldb_type: no file of the form {options.CreateFormat} can be made");
    }

    /// <summary>Tells the form of the file; null while there is none, or an empty one.</summary>
    /// <exception cref="SasldbException">It cannot be read, or is of no form that can be.</exception>
    public SasldbFormat? Detect() => _detector.Detect(_options.Path, _probe)?.Format;

    /// <inheritdoc/>
    public void Read(ref SasldbLookup lookup)
    {
        for (int tries = 0; ; tries++)
        {
            Choice choice = Chosen();
            try
            {
                choice.Form.Read(ref lookup);
                return;
            }
            catch (Exception failure) when (tries < MostTries && MayBeOfAnotherForm(choice, failure))
            {
                if (!ChooseAgain(choice, failure))
                    throw;
                lookup.Restart();
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> ReadKeys(byte[]? after) => Ask(form => form.ReadKeys(after));

    /// <inheritdoc/>
    public IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after) => Ask(form => form.ReadEntries(after));

    /// <inheritdoc/>
    public SasldbState ReadState() => Ask(static form => form.ReadState());

    /// <inheritdoc/>
    public long Verify(CancellationToken cancellationToken) => Ask(form => form.Verify(cancellationToken));

    /// <inheritdoc/>
    public void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken)
    {
        for (int tries = 0; ; tries++)
        {
            Choice choice = ChosenToWrite();
            try
            {
                choice.Form.Write(change, cancellationToken);
                return;
            }
            catch (Exception failure) when (tries < MostTries && MayBeOfAnotherForm(choice, failure))
            {
                if (!ChooseAgain(choice, failure))
                    throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_choosing)
        {
            _disposed = true;
            _choice?.Form.Dispose();
        }
    }

    private T Ask<T>(Func<ISasldbForm, T> question)
    {
        for (int tries = 0; ; tries++)
        {
            Choice choice = Chosen();
            try
            {
                return question(choice.Form);
            }
            catch (Exception failure) when (tries < MostTries && MayBeOfAnotherForm(choice, failure))
            {
                if (!ChooseAgain(choice, failure))
                    throw;
            }
        }
    }

    private Choice Chosen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_choice is { } choice)
            return choice;
        SasldbFormKind? kind = _detector.Detect(_options.Path, _probe);
        return kind is null ? throw NothingThere() : Choose(kind);
    }

    // A file that is gone is made anew in the form that is wished for, whatever it was before.
    private Choice ChosenToWrite()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Choose(_detector.Detect(_options.Path, _probe) ?? _new);
    }

    private Choice Choose(SasldbFormKind kind)
    {
        lock (_choosing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_choice is { } choice && choice.Kind == kind)
                return choice;
            Choice? before = _choice;
            var chosen = new Choice(kind, kind.Open(_options));
            _choice = chosen;
            before?.Form.Dispose();
            return chosen;
        }
    }

    private SasldbException NothingThere() =>
        _probe.TryGet(out _) ? FileComplaint.Empty(_options.Path) : FileComplaint.Missing(_options.Path);

    // Nothing was changed or handed over before such an exception, so all can begin again.
    private bool MayBeOfAnotherForm(Choice choice, Exception failure) => failure switch
    {
        ObjectDisposedException => choice != _choice && !_disposed,
        SasldbException { Fault: SasldbFault.Missing or SasldbFault.UnsupportedForm or SasldbFault.Damaged } => true,
        _ => false,
    };

    private bool ChooseAgain(Choice choice, Exception failure)
    {
        if (_choice != choice)
            return true;
        if (_detector.Detect(_options.Path, _probe) is not { } kind)
            return false;
        // It may have been of another form for a moment, and be of this one again.
        return Choose(kind) != choice || failure is SasldbException { Fault: SasldbFault.UnsupportedForm };
    }

    private sealed record Choice(SasldbFormKind Kind, ISasldbForm Form);
}
