using System.Buffers.Binary;
using System.Text;
using Sasl.Sasldb.Gdbm;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Sasldb.Tests.Gdbm;

/// <summary>Files of machines that are not here: other lengths of offsets, other alignment, the other order of octets.</summary>
public sealed class GdbmLayoutTests : IDisposable
{
    private readonly PrivateDirectory _folder = PrivateDirectory.Create("gdbm");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0x13579ACFu, 8, 166, false)]    // 64-bit machines
    [InlineData(0x13579ACFu, 8, 166, true)]
    [InlineData(0x13579ACFu, 8, 167, false)]    // Intel's 32-bit machines with large files
    [InlineData(0x13579ACDu, 4, 201, false)]    // 32-bit machines without
    [InlineData(0x13579ACDu, 4, 201, true)]
    [InlineData(0x13579ACEu, 4, 201, true)]     // the oldest
    [InlineData(0x13579ACEu, 8, 166, false)]
    [InlineData(0x13579AD0u, 4, 201, false)]    // extended
    [InlineData(0x13579AD0u, 4, 201, true)]
    [InlineData(0x13579AD1u, 8, 166, true)]
    public void Another_machines_file_is_read_and_written_and_keeps_its_layout(uint magic, int word, int elements, bool bigEndian)
    {
        string path = _folder.At("sasldb2");
        File.WriteAllBytes(path, Empty(magic, word, elements, bigEndian));
        using var form = new GdbmForm(new SasldbOptions { Path = path });
        Assert.Equal(0, form.Verify(default));
        for (int round = 0; round < 2; round++)
        {
            form.Write(
                writer =>
                {
                    for (int user = round * 400; user < (round + 1) * 400; user++)
                        writer.Put(Key(user), Encoding.UTF8.GetBytes($"secret {user}"));
                },
                default);
            Assert.Equal((round + 1) * 400, form.Verify(default));
        }
        form.Write(
            writer =>
            {
                for (int user = 0; user < 800; user++)
                    Assert.Equal(Encoding.UTF8.GetBytes($"secret {user}"), writer.Get(Key(user)));
            },
            default);
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(magic, (uint)Number(file, 0, bigEndian));
        Assert.Equal(4096, Number(file, 4, bigEndian));
        Assert.Equal(elements, Number(file, word == 8 ? 28 : 24, bigEndian));
        Assert.Equal(file.Length, word == 8 && bigEndian ? Number(file, 36, bigEndian) : Number(file, word == 8 ? 32 : 28, bigEndian));
    }

    // The places are written down once more, from C's rules for structures, so that a mistake is not made in both.
    private static byte[] Empty(uint magic, int word, int elements, bool bigEndian)
    {
        byte[] file = new byte[4 * 4096];
        int bits = word == 8 ? 9 : 10;
        Put(0, (int)magic);
        Put(4, 4096);
        PutPlace(8, 4096);
        Put(word == 8 ? 16 : 12, 4096);
        Put(word == 8 ? 20 : 16, bits);
        Put(word == 8 ? 24 : 20, 4096);
        Put(word == 8 ? 28 : 24, elements);
        PutPlace(word == 8 ? 32 : 28, 4 * 4096);
        int space = word == 4 ? 8 : elements == 166 ? 16 : 12;
        int avail = (word == 8 ? 40 : 32) + (magic >= 0x13579AD0 ? 32 : 0);
        Put(avail, (4096 - avail - (word == 8 ? 16 : 12)) / space);
        for (int entry = 0; entry < 1 << bits; entry++)
            PutPlace(4096 + (entry * word), 8192);
        int spaces = space == 16 ? 8 : 4;
        Put(8192, 1);
        Put(8192 + spaces, 4096);
        PutPlace(8192 + spaces + (space - word), 3 * 4096);
        int table = spaces + (6 * space) + 8;
        for (int element = 0; element < elements; element++)
            Put(8192 + table + (element * (16 + word)), -1);
        return file;

        void Put(int at, int number)
        {
            if (bigEndian)
                BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(at), number);
            else
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), number);
        }

        void PutPlace(int at, int place) => Put(at + (word == 8 && bigEndian ? 4 : 0), place);
    }

    private static byte[] Key(int user) => Encoding.UTF8.GetBytes($"user{user}\0example.com\0userPassword");

    private static int Number(byte[] file, int at, bool bigEndian) => bigEndian
        ? BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at))
        : BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
}
