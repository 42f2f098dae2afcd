import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
 * A mechanism of the JDK in the line protocol of Cyrus SASL's sample programs: SaslPeer server|client MECHANISM QOP STRENGTH MAXBUF PASSWORD.
 * After the login it sends every message back with its octets in reverse order, sealed anew, until its input ends.
 */
public class SaslPeer {
    private static final BufferedReader INPUT = new BufferedReader(new InputStreamReader(System.in));

    private interface Turn {
        byte[] apply(byte[] octets) throws SaslException;
    }

    public static void main(String[] arguments) throws Exception {
        String mechanism = arguments[1];
        Map<String, String> wishes = Map.of(Sasl.QOP, arguments[2], Sasl.STRENGTH, arguments[3], Sasl.MAX_BUFFER, arguments[4]);
        char[] password = arguments[5].toCharArray();
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
            serve(mechanism, wishes, handler);
        } else {
            logIn(mechanism, wishes, handler);
        }
    }

    private static void logIn(String mechanism, Map<String, String> wishes, CallbackHandler handler) throws Exception {
        SaslClient client = Sasl.createSaslClient(new String[] {mechanism}, null, "sample", "localhost", wishes, handler);
        receive("S: ");
        byte[] name = mechanism.getBytes(StandardCharsets.US_ASCII);
        send("C: ", client.hasInitialResponse() ? joined(name, client.evaluateChallenge(new byte[0])) : name);
        while (!client.isComplete()) {
            send("C: ", orEmpty(client.evaluateChallenge(receive("S: "))));
        }
        String qop = (String) client.getNegotiatedProperty(Sasl.QOP);
        System.out.println("protection " + qop);
        echo("S: ", "C: ", qop, octets -> client.unwrap(octets, 0, octets.length), octets -> client.wrap(octets, 0, octets.length));
    }

    private static void serve(String mechanism, Map<String, String> wishes, CallbackHandler handler) throws Exception {
        SaslServer server = Sasl.createSaslServer(mechanism, "sample", "localhost", wishes, handler);
        send("S: ", mechanism.getBytes(StandardCharsets.US_ASCII));
        byte[] start = receive("C: ");
        byte[] initial = Arrays.copyOfRange(start, Math.min(start.length, mechanism.length() + 1), start.length);
        byte[] challenge = server.evaluateResponse(initial);
        while (!server.isComplete()) {
            send("S: ", orEmpty(challenge));
            challenge = server.evaluateResponse(receive("C: "));
        }
        if (challenge != null) {
            send("S: ", challenge);
            if (receive("C: ").length != 0) {
                throw new IOException("the last response must be empty");
            }
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

    private static byte[] joined(byte[] name, byte[] initial) {
        byte[] start = Arrays.copyOf(name, name.length + 1 + initial.length);
        System.arraycopy(initial, 0, start, name.length + 1, initial.length);
        return start;
    }

    private static byte[] orEmpty(byte[] octets) {
        return octets == null ? new byte[0] : octets;
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
