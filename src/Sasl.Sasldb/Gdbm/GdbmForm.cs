using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Gdbm;

/// <summary>The form of Cyrus SASL on Fedora and RHEL: one GDBM file, read in place, written anew and put in its place.</summary>
internal sealed class GdbmForm : SasldbFileForm<GdbmFile, GdbmSnapshot>
{
    /// <summary>
    /// How long a file may be written to without getting another time. libgdbm writes through mapped memory, where the first touch of a
    /// page gives the time and later ones do not; so this is longer than Cyrus SASL ever has a file open to write one record.
    /// </summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    /// <summary>What is known of the form without a file of it.</summary>
    public static readonly SasldbFormKind Kind =
        new(SasldbFormat.Gdbm, GdbmHeader.IsOne, static _ => null, static options => new GdbmForm(options));

    private readonly FileClock _clock;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">Where it is, and how it is made.</param>
    public GdbmForm(SasldbOptions options)
        : this(options, new FileClock(options.Clock, Settling))
    {
    }

    private GdbmForm(SasldbOptions options, FileClock clock)
        : base(options, facts => GdbmFile.Open(options.Path, facts, clock), TimeSpan.Zero) => _clock = clock;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> ReadKeys(byte[]? after) => ReadWhole(snapshot =>
    {
        var keys = new List<byte[]>();
        GdbmListing.Read(snapshot, after, static (key, _) => key, keys);
        return (keys, snapshot.Fingerprint);
    });

    /// <inheritdoc/>
    public override IReadOnlyList<SasldbEntry> ReadEntries(byte[]? after) => ReadWhole(
        snapshot =>
        {
            var entries = new List<SasldbEntry>();
            try
            {
                GdbmListing.Read(snapshot, after, static (key, value) => new SasldbEntry(key, value.ToArray()), entries);
                return (entries, snapshot.Fingerprint);
            }
            catch
            {
                Erase(entries);
                throw;
            }
        },
        Erase);

    /// <inheritdoc/>
    public override long Verify(CancellationToken cancellationToken) =>
        ReadWhole(snapshot => (new GdbmInspection(snapshot, cancellationToken).Inspect(), snapshot.Fingerprint));

    /// <inheritdoc/>
    public override void Write(Action<ISasldbWriter> change, CancellationToken cancellationToken)
    {
        RequireOpen();
        new GdbmWriting(Options, cancellationToken).Run(change);
    }

    /// <inheritdoc/>
    protected override void Read(GdbmSnapshot snapshot, scoped Span<byte> room, ref SasldbLookup lookup)
    {
        int record = snapshot.SecretRoom;
        var reader = new GdbmReader(snapshot, room[record..], room[..record]);
        while (lookup.TryNext(out ReadOnlySpan<byte> key))
        {
            if (reader.TryFind(key, out GdbmElement element))
                reader.CopyValue(element, lookup.Found(element.ValueLength));
        }
        if (!lookup.UserExists)
            lookup.UserExists = SasldbUsualProperties.HasOne(ref reader, lookup.User);
    }

    /// <inheritdoc/>
    protected override bool IsOvertaken(GdbmFile file, GdbmSnapshot? snapshot, in FileIdentity identity) =>
        !_clock.IsSettled(identity) || !file.IsUntouched(identity);
}
