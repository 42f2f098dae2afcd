namespace Sasl.Core.Tests.Credentials;

/// <summary>A store that does what a test says, and notes what it was asked for.</summary>
internal sealed class ScriptedStore(Func<PropertySet, CancellationToken, ValueTask<bool>> answer) : ICredentialStore
{
    private readonly List<string> _asked = [];

    public IReadOnlyList<string> Asked => _asked;

    public static ScriptedStore Unknown() => new(static (_, _) => new(false));

    public static ScriptedStore Throwing(Exception exception) => new((_, _) => throw exception);

    public static ScriptedStore With(params (string Name, string Value)[] values) => new((properties, _) =>
    {
        foreach ((string name, string value) in values)
            properties.Add(name, Ask.Octets(value));
        return new(true);
    });

    public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
    {
        _asked.Add(string.Join(' ', properties.Wanted.Select(static property => property.Name)));
        return answer(properties, cancellationToken);
    }
}
