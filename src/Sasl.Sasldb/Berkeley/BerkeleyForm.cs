using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Berkeley;

/// <summary>The form of Cyrus SASL on Debian and Ubuntu: one Berkeley DB hash, read in place, written anew and put in its place.</summary>
internal sealed class BerkeleyForm : SasldbFileForm<BerkeleyFile, BerkeleySnapshot>
{
    /// <summary>File systems take the time from a clock that moves every 10 milliseconds, or oftener.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(40);

    /// <summary>What is known of the form without a file of it.</summary>
    public static readonly SasldbFormKind Kind =
        new(SasldbFormat.Berkeley, BerkeleyMeta.IsOne, BerkeleyMeta.DescribeRelative, static options => new BerkeleyForm(options));

    private readonly FileClock _clock;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">Where it is, and how it is made.</param>
    public BerkeleyForm(SasldbOptions options)
        : this(options, new FileClock(options.Clock, Settling))
    {
    }

    private BerkeleyForm(SasldbOptions options, FileClock clock)
        : base(options, facts => BerkeleyFile.Open(options.Path, facts, clock), Settling) => _clock = clock;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> ReadKeys(byte[]? after) => ReadWhole(
        snapshot => (BerkeleyListing.Read(snapshot, after, withValues: false, (key, _) => key), snapshot.Fingerprint));

    /// <inheritdoc/>
    public override IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after) => ReadWhole(
        snapshot => (BerkeleyListing.Read(snapshot, after, withValues: true, (key, value) => new SasldbEntry(key, value)), snapshot.Fingerprint), Erase);

    /// <inheritdoc/>
    public override long Verify(CancellationToken cancellationToken) => ReadWhole(snapshot =>
    {
        var inspection = new BerkeleyInspection(snapshot, cancellationToken);
        return (inspection.Inspect(), inspection.Fingerprint);
    });

    /// <inheritdoc/>
    public override void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken)
    {
        RequireOpen();
        using var writing = new BerkeleyWriting(Options, change, cancellationToken);
        writing.Run();
    }

    /// <inheritdoc/>
    protected override void Read(BerkeleySnapshot snapshot, scoped Span<byte> room, ref SasldbLookup lookup)
    {
        var reader = new BerkeleyReader(snapshot, room);
        while (lookup.TryNext(out ReadOnlySpan<byte> key))
        {
            if (reader.TryFind(key, out BerkeleyItem value))
                snapshot.Copy(value, lookup.Found(value.Length));
        }
        if (!lookup.UserExists)
            lookup.UserExists = SasldbUsualProperties.HasOne(ref reader, lookup.User);
    }

    /// <inheritdoc/>
    protected override bool IsOvertaken(BerkeleyFile file, BerkeleySnapshot? snapshot, in FileIdentity identity) =>
        !_clock.IsSettled(identity) || !file.IsUntouched(identity);
}
