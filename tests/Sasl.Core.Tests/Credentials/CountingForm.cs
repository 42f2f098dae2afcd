using System.Text;

namespace Sasl.Core.Tests.Credentials;

/// <summary>A derived form that derives nothing: <c>NAME$cost$password</c>. It counts what it was asked to do.</summary>
internal sealed class CountingForm(string name, string property = "authPassword", int typicalCost = 4096) : PasswordForm(new SaslProperty(property))
{
    private readonly List<string> _work = [];

    public IReadOnlyList<string> Work => _work;

    public int? WorkerThread { get; private set; }

    public override int TypicalCost => typicalCost;

    public static byte[] Stored(string name, int cost, string password) => Ask.Octets($"{name}${cost}${password}");

    public override int? CostOf(ReadOnlySpan<byte> stored) =>
        Encoding.UTF8.GetString(stored).Split('$') is [var form, var cost, _] && form == name
            ? int.Parse(cost, System.Globalization.CultureInfo.InvariantCulture)
            : null;

    public override bool Verify(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> password)
    {
        Note($"verify {CostOf(stored)}");
        return Encoding.UTF8.GetString(stored).EndsWith("$" + Encoding.UTF8.GetString(password), StringComparison.Ordinal);
    }

    public override void Imitate(int cost, ReadOnlySpan<byte> password) => Note($"imitate {cost}");

    private void Note(string what)
    {
        lock (_work)
            _work.Add(what);
        WorkerThread = Environment.CurrentManagedThreadId;
    }
}
