using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>What PAM's modules are told, and what they say, while one password is checked.</summary>
/// <remarks>
/// A question without echo gets the password. One with echo gets the login when it is the user prompt, and otherwise no answer: nobody is
/// there to give it. The modules' messages are kept for the administrator, but none that has the password in it.
/// </remarks>
internal sealed unsafe class PamConversation : IDisposable
{
    /// <summary>The most messages one call may carry: <c>PAM_MAX_NUM_MSG</c>.</summary>
    public const int MaxMessages = 32;

    private const int MaxKept = 8;

    private readonly string _login;
    private readonly ErasedMemory _password;
    private readonly List<string> _said = [];
    private GCHandle _self;

    public PamConversation(string login, ReadOnlySpan<byte> password)
    {
        _login = login;
        _password = ErasedMemory.OfText(password);
        _self = GCHandle.Alloc(this);
    }

    /// <summary>What to start a transaction with; valid until disposal.</summary>
    public PamCallback Callback => new() { Converse = &Converse, Data = GCHandle.ToIntPtr(_self) };

    /// <summary>What PAM is to call instead of sleeping after a failure.</summary>
    public static delegate* unmanaged[Cdecl]<int, uint, nint, void> DelayCallback => &NoteDelay;

    /// <summary>The messages, in the order they came.</summary>
    public IReadOnlyList<string> Said => _said;

    /// <summary>Whether a module asked for something that is neither the login nor the password, such as a code.</summary>
    public bool WasAskedMore { get; private set; }

    /// <summary>How long the modules want the failure to take.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>The transaction, where its user prompt is found; 0 before there is one.</summary>
    public nint Transaction { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _password.Dispose();
        if (_self.IsAllocated)
            _self.Free();
    }

    /// <summary>Answers one call of a module.</summary>
    /// <returns>False when there is no answer to one of its questions; <paramref name="responses"/> is untouched then.</returns>
    public bool TryAnswer(int count, PamMessage** messages, PamResponse** responses)
    {
        if (messages is null || responses is null || count is <= 0 or > MaxMessages)
            return false;
        var answers = (PamResponse*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(PamResponse));
        for (int index = 0; index < count; index++)
        {
            if (messages[index] is null || !TryAnswer(messages[index], answers + index))
            {
                Free(answers, count);
                return false;
            }
        }
        *responses = answers;
        return true;
    }

    private bool TryAnswer(PamMessage* message, PamResponse* answer)
    {
        switch (message->Style)
        {
            case PamMessage.PromptEchoOff:
                answer->Text = Copy(_password.Octets);
                return true;
            case PamMessage.PromptEchoOn when IsUserPrompt(message->Text):
                answer->Text = Copy(Encoding.UTF8.GetBytes(_login + '\0'));
                return true;
            case PamMessage.ErrorMessage or PamMessage.TextInfo:
                Keep(message->Text);
                return true;
            default:
                WasAskedMore = true;
                Keep(message->Text);
                return false;
        }
    }

    // The prompt that the transaction has for the user's name, or PAM's own when it has none.
    private bool IsUserPrompt(byte* text)
    {
        byte* prompt = null;
        if (Transaction != 0)
            _ = PamLibrary.GetItem(Transaction, PamItem.UserPrompt, out prompt);
        return NativeText.Read(text) == (prompt is null ? "login:" : NativeText.Read(prompt));
    }

    private void Keep(byte* text)
    {
        ReadOnlySpan<byte> octets = text is null ? default : MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
        if (octets.IsEmpty || _said.Count == MaxKept)
            return;
        bool tells = octets.IndexOf(_password.Octets[..^1]) >= 0;
        _said.Add(tells ? "(a message with the password in it)" : NativeText.Clean(octets));
    }

    private static byte* Copy(ReadOnlySpan<byte> terminated)
    {
        var copy = (byte*)NativeMemory.Alloc((nuint)terminated.Length);
        terminated.CopyTo(new Span<byte>(copy, terminated.Length));
        return copy;
    }

    private static void Free(PamResponse* answers, int count)
    {
        for (int index = 0; index < count; index++)
        {
            byte* text = answers[index].Text;
            if (text is null)
                continue;
            CryptographicOperations.ZeroMemory(new Span<byte>(text, MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text).Length));
            NativeMemory.Free(text);
        }
        NativeMemory.Free(answers);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Converse(int count, PamMessage** messages, PamResponse** responses, nint data)
    {
#pragma warning disable CA1031 // An exception cannot pass through C; whatever it is, there is no answer.
        try
        {
            return GCHandle.FromIntPtr(data).Target is PamConversation conversation && conversation.TryAnswer(count, messages, responses)
                ? (int)PamStatus.Success
                : (int)PamStatus.ConversationError;
        }
        catch (Exception)
        {
            return (int)PamStatus.ConversationError;
        }
#pragma warning restore CA1031
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void NoteDelay(int status, uint microseconds, nint data)
    {
        if (status != (int)PamStatus.Success && GCHandle.FromIntPtr(data).Target is PamConversation conversation)
            conversation.Delay = TimeSpan.FromMicroseconds(microseconds);
    }
}
