import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;

/**
 * The JDK's DIGEST-MD5 in the line protocol of Cyrus SASL's sample programs: DigestPeer server|client QOP STRENGTH PASSWORD. After the
 * login it sends every message back with its octets in reverse order, sealed anew, until its input ends.
 */
public class DigestPeer {
    private static final String MECHANISM = "DIGEST-MD5";
    private static final BufferedReader INPUT = new BufferedReader(new InputStreamReader(System.in));

    private interface Turn {
        byte[] apply(byte[] octets) throws SaslException;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> wishes = Map.of(Sasl.QOP, arguments[1], Sasl.STRENGTH, arguments[2], Sasl.MAX_BUFFER, "4096");
        char[] password = arguments[3].toCharArray();
        CallbackHandler handler = callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof NameCallback name) {
                    name.setName("alice");
                } else if (callback instanceof PasswordCallback secret) {
                    secret.setPassword(password);
                } else if (callback instanceof RealmCallback realm) {
                    realm.setText(realm.getDefaultText());
                } else if (callback instanceof AuthorizeCallback authorize) {
                    authorize.setAuthorized(authorize.getAuthenticationID().equals(authorize.getAuthorizationID()));
                }
            }
        };
        if (arguments[0].equals("server")) {
            serve(wishes, handler);
        } else {
            logIn(wishes, handler);
        }
    }

    private static void logIn(Map<String, String> wishes, CallbackHandler handler) throws Exception {
        SaslClient client = Sasl.createSaslClient(new String[] {MECHANISM}, null, "sample", "localhost", wishes, handler);
        receive("S: ");
        send("C: ", MECHANISM.getBytes(StandardCharsets.US_ASCII));
        while (!client.isComplete()) {
            byte[] response = client.evaluateChallenge(receive("S: "));
            send("C: ", response == null ? new byte[0] : response);
        }
        String qop = (String) client.getNegotiatedProperty(Sasl.QOP);
        System.out.println("protection " + qop);
        echo("S: ", "C: ", qop, octets -> client.unwrap(octets, 0, octets.length), octets -> client.wrap(octets, 0, octets.length));
    }

    private static void serve(Map<String, String> wishes, CallbackHandler handler) throws Exception {
        SaslServer server = Sasl.createSaslServer(MECHANISM, "sample", "localhost", wishes, handler);
        send("S: ", MECHANISM.getBytes(StandardCharsets.US_ASCII));
        receive("C: ");
        send("S: ", server.evaluateResponse(new byte[0]));
        while (!server.isComplete()) {
            send("S: ", server.evaluateResponse(receive("C: ")));
        }
        if (receive("C: ").length != 0) {
            throw new IOException("the last response must be empty");
        }
        String qop = (String) server.getNegotiatedProperty(Sasl.QOP);
        System.out.println("user " + server.getAuthorizationID() + " protection " + qop);
        echo("C: ", "S: ", qop, octets -> server.unwrap(octets, 0, octets.length), octets -> server.wrap(octets, 0, octets.length));
    }

    private static void echo(String from, String to, String qop, Turn open, Turn seal) throws IOException {
        boolean layered = !qop.equals("auth");
        for (String line = INPUT.readLine(); line != null; line = INPUT.readLine()) {
            byte[] message = decode(from, line);
            byte[] plain = layered ? open.apply(message) : message;
            byte[] reversed = new byte[plain.length];
            for (int index = 0; index < plain.length; index++) {
                reversed[index] = plain[plain.length - 1 - index];
            }
            send(to, layered ? seal.apply(reversed) : reversed);
        }
    }

    private static void send(String prefix, byte[] octets) {
        System.out.println(prefix + Base64.getEncoder().encodeToString(octets));
        System.out.flush();
    }

    private static byte[] receive(String prefix) throws IOException {
        String line = INPUT.readLine();
        if (line == null) {
            throw new IOException("the other side has ended");
        }
        return decode(prefix, line);
    }

    private static byte[] decode(String prefix, String line) throws IOException {
        if (!line.startsWith(prefix)) {
            throw new IOException("not a message of the other side");
        }
        return Base64.getDecoder().decode(line.substring(prefix.length()));
    }
}
