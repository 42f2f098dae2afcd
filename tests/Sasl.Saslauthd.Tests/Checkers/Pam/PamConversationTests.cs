using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Sasl.Saslauthd.Tests.Checkers.Pam;

/// <summary>What modules are answered, by the function that PAM calls.</summary>
public sealed unsafe class PamConversationTests : IDisposable
{
    private const int Success = 0;
    private const int ConversationError = 19;

    private readonly PamConversation _conversation = new("alice", "pencil"u8);

    public void Dispose() => _conversation.Dispose();

    [Fact]
    public void A_question_without_echo_gets_the_password() =>
        Assert.Equal((Success, "pencil"), Ask((PamMessage.PromptEchoOff, "Password: ")));

    [Fact]
    public void The_user_prompt_gets_the_login() =>
        Assert.Equal((Success, "alice pencil"), Ask((PamMessage.PromptEchoOn, "login: "), (PamMessage.PromptEchoOff, "Password: ")));

    [Theory]
    [InlineData(PamMessage.PromptEchoOn, "Code: ")]
    [InlineData(PamMessage.PromptEchoOn, "")]
    [InlineData(5, "yes or no?")]
    [InlineData(7, "binary")]
    [InlineData(0, "nothing")]
    public void Another_question_gets_no_answer(int style, string text)
    {
        Assert.Equal((ConversationError, ""), Ask((PamMessage.PromptEchoOff, "Password: "), (style, text)));
        Assert.True(_conversation.WasAskedMore);
    }

    [Fact]
    public void Messages_are_kept_clean_and_bounded()
    {
        Assert.Equal((Success, "- -"), Ask((PamMessage.TextInfo, "Welcome\r\nback \u001b[1m"), (PamMessage.ErrorMessage, new string('x', 5000))));
        Assert.Equal("Welcome  back  [1m", _conversation.Said[0]);
        Assert.Equal(NativeText.MaxLength, _conversation.Said[1].Length);
        for (int round = 0; round < 100; round++)
            Ask((PamMessage.TextInfo, "again"));
        Assert.InRange(_conversation.Said.Count, 3, 10);
        Assert.False(_conversation.WasAskedMore);
    }

    [Fact]
    public void A_message_with_the_password_in_it_is_not_kept()
    {
        Ask((PamMessage.ErrorMessage, "bad password: pencil!"));
        Ask((PamMessage.ErrorMessage, new string('x', NativeText.MaxLength - 3) + "pencil"));
        Assert.All(_conversation.Said, static said => Assert.DoesNotContain("pen", said, StringComparison.Ordinal));
        Assert.Equal(2, _conversation.Said.Count);
    }

    // auth_pam.c of before 2.1.28 filled in answers that were not there.
    [Fact]
    public void Auth_pam_NULL_A_call_without_messages_or_answers_is_refused()
    {
        PamResponse* none = null;
        PamMessage* noMessage = null;
        Assert.Equal(ConversationError, Call(0, &noMessage, &none));
        Assert.Equal(ConversationError, Call(-1, &noMessage, &none));
        Assert.Equal(ConversationError, Call(1, &noMessage, &none));
        Assert.Equal(ConversationError, Call(1, null, &none));
        Assert.Equal(ConversationError, Call(1, &noMessage, null));
        Assert.Equal(ConversationError, Call(PamConversation.MaxMessages + 1, &noMessage, &none));
        Assert.True(none is null);
        Assert.Equal((Success, "-"), Ask((PamMessage.TextInfo, null)));
    }

    [Fact]
    public void The_delay_that_modules_want_is_noted_for_failures_only()
    {
        PamCallback callback = _conversation.Callback;
        PamConversation.DelayCallback(Success, 7_000_000, callback.Data);
        Assert.Equal(TimeSpan.Zero, _conversation.Delay);
        PamConversation.DelayCallback(7, 2_000_000, callback.Data);
        Assert.Equal(TimeSpan.FromSeconds(2), _conversation.Delay);
    }

    private int Call(int count, PamMessage** messages, PamResponse** responses)
    {
        PamCallback callback = _conversation.Callback;
        return callback.Converse(count, messages, responses, callback.Data);
    }

    private (int Status, string Answers) Ask(params (int Style, string? Text)[] questions)
    {
        PamMessage** messages = stackalloc PamMessage*[questions.Length];
        var owned = stackalloc PamMessage[questions.Length];
        for (int index = 0; index < questions.Length; index++)
        {
            owned[index] = new PamMessage { Style = questions[index].Style, Text = (byte*)Marshal.StringToCoTaskMemUTF8(questions[index].Text) };
            messages[index] = owned + index;
        }
        PamResponse* responses = null;
        int status = Call(questions.Length, messages, &responses);
        for (int index = 0; index < questions.Length; index++)
            Marshal.FreeCoTaskMem((nint)owned[index].Text);
        return (status, responses is null ? "" : string.Join(" ", TakeAll(responses, questions.Length).Select(static answer => answer ?? "-")));
    }

    // As PAM does, with free(3).
    private static string?[] TakeAll(PamResponse* responses, int count)
    {
        string?[] answers = new string?[count];
        for (int index = 0; index < count; index++)
        {
            answers[index] = responses[index].Text is null ? null : Marshal.PtrToStringUTF8((nint)responses[index].Text);
            Assert.Equal(0, responses[index].ReturnCode);
            NativeMemory.Free(responses[index].Text);
        }
        NativeMemory.Free(responses);
        return answers;
    }
}
