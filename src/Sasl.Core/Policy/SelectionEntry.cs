namespace Sasl;

/// <summary>One line of a <see cref="SelectionReport"/>.</summary>
/// <param name="Mechanism">The mechanism's name.</param>
/// <param name="Reason">Offered, or the first rule that hid it.</param>
/// <param name="Detail">The same as a sentence, with the option that decided; never contains what a peer sent.</param>
public sealed record SelectionEntry(string Mechanism, SelectionReason Reason, string Detail)
{
    /// <summary>Whether nothing hides the mechanism.</summary>
    public bool IsOffered => Reason is SelectionReason.Offered;
}
