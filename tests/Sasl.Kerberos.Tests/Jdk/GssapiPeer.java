import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslServer;

/** The JDK's GSSAPI in the line protocol of Cyrus SASL's sample programs: GssapiPeer server|client QOP MAXBUF. */
public class GssapiPeer {
    private static final String MECHANISM = "GSSAPI";
    private static final BufferedReader INPUT = new BufferedReader(new InputStreamReader(System.in));
    private static final byte[] FROM_SERVER = "srv message 1\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FROM_CLIENT = "client message 1\0".getBytes(StandardCharsets.US_ASCII);

    public static void main(String[] arguments) throws Exception {
        Map<String, String> wishes = Map.of(Sasl.QOP, arguments[1], Sasl.MAX_BUFFER, arguments[2]);
        if (arguments[0].equals("server")) {
            serve(wishes);
        } else {
            logIn(wishes);
        }
    }

    private static void logIn(Map<String, String> wishes) throws Exception {
        SaslClient client = Sasl.createSaslClient(new String[] {MECHANISM}, null, "sample", "localhost", wishes, null);
        receive("S: ");
        byte[] first = client.evaluateChallenge(new byte[0]);
        byte[] start = Arrays.copyOf((MECHANISM + "\0").getBytes(StandardCharsets.US_ASCII), MECHANISM.length() + 1 + first.length);
        System.arraycopy(first, 0, start, MECHANISM.length() + 1, first.length);
        send("C: ", start);
        while (!client.isComplete()) {
            byte[] response = client.evaluateChallenge(receive("S: "));
            send("C: ", response == null ? new byte[0] : response);
        }
        String qop = (String) client.getNegotiatedProperty(Sasl.QOP);
        boolean layered = !qop.equals("auth");
        byte[] message = receive("S: ");
        check(FROM_SERVER, layered ? client.unwrap(message, 4, message.length - 4) : message);
        send("C: ", layered ? framed(client.wrap(FROM_CLIENT, 0, FROM_CLIENT.length)) : FROM_CLIENT);
        System.out.println("protection " + qop);
    }

    private static void serve(Map<String, String> wishes) throws Exception {
        CallbackHandler handler = callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof AuthorizeCallback authorize) {
                    authorize.setAuthorized(authorize.getAuthenticationID().equals(authorize.getAuthorizationID()));
                }
            }
        };
        SaslServer server = Sasl.createSaslServer(MECHANISM, "sample", "localhost", wishes, handler);
        send("S: ", MECHANISM.getBytes(StandardCharsets.US_ASCII));
        byte[] start = receive("C: ");
        byte[] challenge = server.evaluateResponse(Arrays.copyOfRange(start, MECHANISM.length() + 1, start.length));
        while (!server.isComplete()) {
            send("S: ", challenge == null ? new byte[0] : challenge);
            challenge = server.evaluateResponse(receive("C: "));
        }
        String qop = (String) server.getNegotiatedProperty(Sasl.QOP);
        boolean layered = !qop.equals("auth");
        send("S: ", layered ? framed(server.wrap(FROM_SERVER, 0, FROM_SERVER.length)) : FROM_SERVER);
        byte[] message = receive("C: ");
        check(FROM_CLIENT, layered ? server.unwrap(message, 4, message.length - 4) : message);
        System.out.println("user " + server.getAuthorizationID() + " protection " + qop);
    }

    private static byte[] framed(byte[] packet) {
        byte[] message = new byte[packet.length + 4];
        message[2] = (byte) (packet.length >> 8);
        message[3] = (byte) packet.length;
        System.arraycopy(packet, 0, message, 4, packet.length);
        return message;
    }

    private static void check(byte[] expected, byte[] got) {
        if (!Arrays.equals(expected, got)) {
            throw new IllegalStateException("another message was expected");
        }
    }

    private static void send(String prefix, byte[] octets) {
        System.out.println(prefix + Base64.getEncoder().encodeToString(octets));
        System.out.flush();
    }

    private static byte[] receive(String prefix) throws IOException {
        String line = INPUT.readLine();
        if (line == null || !line.startsWith(prefix)) {
            throw new IOException("the other side has ended");
        }
        return Base64.getDecoder().decode(line.substring(prefix.length()));
    }
}
