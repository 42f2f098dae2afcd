using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Credentials;

public sealed class PropertySetTests
{
    private static readonly SaslProperty s_mail = new("mail");

    [Fact]
    public void What_was_not_wanted_is_ignored()
    {
        using var set = new PropertySet(SaslProperty.UserPassword);
        set.Add("mail", "a@example.com"u8);
        Assert.True(set.IsEmpty);
        Assert.False(set.TryGet(s_mail, out _));
    }

    [Fact]
    public void All_values_of_a_property_are_kept_in_the_order_they_came()
    {
        using var set = new PropertySet(SaslProperty.UserPassword, s_mail);
        set.Add("mail", "one"u8);
        set.Add("userPassword", "secret"u8);
        set.Add("mail", "two"u8);

        Assert.Equal(3, set.Count);
        Assert.Equal(["mail", "userPassword", "mail"], Enumerable.Range(0, 3).Select(set.NameAt));
        Assert.Equal(["one", "secret", "two"], Enumerable.Range(0, 3).Select(i => Encoding.UTF8.GetString(set.ValueAt(i))));
        Assert.True(set.TryGet(s_mail, out ReadOnlySpan<byte> first));
        Assert.Equal("one", Encoding.UTF8.GetString(first));
    }

    [Fact]
    public void A_typed_read_gives_the_first_value_of_its_form()
    {
        var number = new SaslProperty<string>("mail", static value => value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            ? Encoding.UTF8.GetString(value) : null);
        using var set = new PropertySet(number);
        set.Add("mail", "words"u8);
        Assert.Null(set.Get(number));
        set.Add("mail", "42"u8);
        set.Add("mail", "43"u8);
        Assert.Equal("42", set.Get(number));
    }

    [Fact]
    public void An_index_that_was_not_found_is_refused()
    {
        using var set = new PropertySet(s_mail);
        set.Add("mail", "x"u8);
        Assert.Throws<IndexOutOfRangeException>(() => set.NameAt(1));
        Assert.Throws<IndexOutOfRangeException>(() => set.ValueAt(-1).Length);
    }

    [Fact]
    public void A_disposed_set_has_forgotten_everything()
    {
        var set = new PropertySet(s_mail);
        set.Add("mail", "x"u8);
        set.Dispose();
        Assert.True(set.IsEmpty);
        Assert.False(set.Has("mail"));
        Assert.False(set.TryGet(s_mail, out _));
    }

    [Fact]
    public void An_empty_value_is_a_value()
    {
        using var set = new PropertySet(s_mail);
        set.Add("mail", []);
        Assert.True(set.TryGet(s_mail, out ReadOnlySpan<byte> value));
        Assert.True(value.IsEmpty);
    }
}
