namespace Sasl.Saslauthd;

/// <summary>Something that stands in a <see cref="WaitingLine{T}"/>, which alone uses these.</summary>
internal interface IWaiting<T>
    where T : class, IWaiting<T>
{
    LinkedListNode<T>? Place { get; set; }

    long Since { get; set; }
}
