using System.Runtime.InteropServices;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>The answers of one SASL bind, in memory that stays in its place until it is disposed, and is erased then.</summary>
internal sealed unsafe class LdapLogin : IDisposable
{
    private readonly ErasedMemory _name;
    private readonly ErasedMemory _authorizationName;
    private readonly ErasedMemory _realm;
    private readonly ErasedMemory _password;
    private GCHandle _self;

    public LdapLogin(string name, string authorizationName, string realm, ReadOnlySpan<byte> password)
    {
        _name = ErasedMemory.OfText(Encoding.UTF8.GetBytes(name));
        _authorizationName = ErasedMemory.OfText(Encoding.UTF8.GetBytes(authorizationName));
        _realm = ErasedMemory.OfText(Encoding.UTF8.GetBytes(realm));
        _password = ErasedMemory.OfText(password);
        _self = GCHandle.Alloc(this);
    }

    /// <summary>What the library hands back to <see cref="Answer"/>.</summary>
    public void* Reference => (void*)GCHandle.ToIntPtr(_self);

    [UnmanagedCallersOnly]
    public static int Answer(nint connection, uint flags, void* reference, LdapQuestion* questions)
    {
        if (GCHandle.FromIntPtr((nint)reference).Target is not LdapLogin login)
            return -1;
        for (LdapQuestion* question = questions; question->Id != LdapQuestion.End; question++)
        {
            ErasedMemory? answer = (uint)question->Id switch
            {
                LdapQuestion.Name => login._name,
                LdapQuestion.AuthorizationName => login._authorizationName,
                LdapQuestion.Realm => login._realm,
                LdapQuestion.Password => login._password,
                _ => null,
            };
            question->Answer = answer is null ? null : answer.Pointer;
            question->Length = answer is null ? 0 : (uint)answer.Octets.Length - 1;
        }
        return 0;
    }

    public void Dispose()
    {
        _self.Free();
        _name.Dispose();
        _authorizationName.Dispose();
        _realm.Dispose();
        _password.Dispose();
    }
}
