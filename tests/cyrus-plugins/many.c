/*
 * A server or client of libsasl2 that speaks the line protocol of Cyrus SASL's sample programs on standard input and output, and sends and takes
 * N messages behind a security layer; the sample programs send one, which does not show how a layer goes on.
 *
 * many server|client PLUGINS MECHANISM MIN-SSF MAX-SSF N      user alice, password in PW (secret)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sasl/sasl.h>
#include <sasl/saslutil.h>

#define ROOM 200000

static const char *plugins;
static sasl_secret_t *secret;
static char prefix;
static char buffer[ROOM];

static int on_path(void *context, const char **path)
{
    *path = plugins;
    return SASL_OK;
}

static int on_name(void *context, int id, const char **name, unsigned *length)
{
    *name = "alice";
    if (length) *length = 5;
    return SASL_OK;
}

static int on_secret(sasl_conn_t *connection, void *context, int id, sasl_secret_t **given)
{
    *given = secret;
    return SASL_OK;
}

static void must(int result, const char *what)
{
    if (result == SASL_OK || result == SASL_CONTINUE) return;
    fprintf(stderr, "%s: %s\n", what, sasl_errstring(result, NULL, NULL));
    exit(5);
}

static void send_line(const char *octets, unsigned length)
{
    static char line[2 * ROOM];
    unsigned written;
    must(sasl_encode64(octets ? octets : "", length, line, sizeof line, &written), "base64");
    printf("%c: %.*s\n", prefix, (int) written, line);
    fflush(stdout);
}

static unsigned receive_line(void)
{
    static char line[ROOM];
    unsigned length = 0;
    do {
        if (!fgets(line, sizeof line, stdin)) exit(3);
    } while (line[0] == 0 || line[1] != ':' || line[2] != ' ');
    line[strcspn(line, "\r\n")] = 0;
    if (line[3]) must(sasl_decode64(line + 3, strlen(line + 3), buffer, sizeof buffer - 1, &length), "base64");
    buffer[length] = 0;
    return length;
}

static sasl_conn_t *serve(sasl_callback_t *callbacks, const sasl_security_properties_t *properties, const char *mechanism)
{
    sasl_conn_t *connection;
    const char *out;
    unsigned length;
    must(sasl_server_init(callbacks, "sample"), "init");
    must(sasl_server_new("sample", "localhost", "localhost", NULL, NULL, NULL, 0, &connection), "new");
    sasl_setprop(connection, SASL_SEC_PROPS, properties);
    send_line(mechanism, strlen(mechanism));
    unsigned got = receive_line(), name = strlen(buffer);
    int result = sasl_server_start(connection, buffer, got > name ? buffer + name + 1 : NULL, got > name ? got - name - 1 : 0, &out, &length);
    while (result == SASL_CONTINUE) {
        send_line(out, length);
        got = receive_line();
        result = sasl_server_step(connection, buffer, got, &out, &length);
    }
    must(result, "authentication");
    return connection;
}

static sasl_conn_t *ask(sasl_callback_t *callbacks, const sasl_security_properties_t *properties, const char *mechanism)
{
    sasl_conn_t *connection;
    const char *out, *chosen;
    unsigned length;
    must(sasl_client_init(callbacks), "init");
    must(sasl_client_new("sample", "localhost", NULL, NULL, NULL, 0, &connection), "new");
    sasl_setprop(connection, SASL_SEC_PROPS, properties);
    receive_line();
    int result = sasl_client_start(connection, mechanism, NULL, &out, &length, &chosen);
    must(result, "start");
    unsigned name = sprintf(buffer, "%s", chosen) + 1;
    memcpy(buffer + name, out, length);
    send_line(buffer, name + length);
    while (result == SASL_CONTINUE) {
        unsigned got = receive_line();
        result = sasl_client_step(connection, buffer, got, NULL, &out, &length);
        must(result, "step");
        /* The server's last message of SRP is answered with nothing. */
        if (result == SASL_CONTINUE || length || !strcmp(mechanism, "SRP")) send_line(out, length);
    }
    return connection;
}

static void talk(sasl_conn_t *connection, const char *who, int sends, int count)
{
    const char *out;
    unsigned length;
    for (int number = 1; number <= count; number++) {
        char text[64];
        snprintf(text, sizeof text, "%s message %d", who, number);
        if (sends) {
            must(sasl_encode(connection, text, strlen(text) + 1, &out, &length), "encode");
            send_line(out, length);
        } else {
            unsigned got = receive_line();
            must(sasl_decode(connection, buffer, got, &out, &length), "decode");
            fprintf(stderr, "decoded '%s'\n", out);
            if (strcmp(text, out)) exit(6);
        }
    }
}

int main(int count, char **words)
{
    if (count != 7) return 2;
    int is_server = !strcmp(words[1], "server"), messages = atoi(words[6]);
    const char *password = getenv("PW") ? getenv("PW") : "secret";
    sasl_security_properties_t properties = { .min_ssf = atoi(words[4]), .max_ssf = atoi(words[5]), .maxbufsize = 65536 };
    sasl_callback_t callbacks[] = {
        { SASL_CB_GETPATH, (int (*)(void)) on_path, NULL },
        { is_server ? SASL_CB_LIST_END : SASL_CB_USER, (int (*)(void)) on_name, NULL },
        { SASL_CB_AUTHNAME, (int (*)(void)) on_name, NULL },
        { SASL_CB_PASS, (int (*)(void)) on_secret, NULL },
        { SASL_CB_LIST_END, NULL, NULL },
    };
    const sasl_ssf_t *strength;
    plugins = words[2];
    prefix = is_server ? 'S' : 'C';
    secret = calloc(1, sizeof *secret + strlen(password) + 1);
    secret->len = strlen(password);
    memcpy(secret->data, password, secret->len);
    sasl_conn_t *connection = (is_server ? serve : ask)(callbacks, &properties, words[3]);
    sasl_getprop(connection, SASL_SSF, (const void **) &strength);
    fprintf(stderr, "SSF: %u\n", *strength);
    talk(connection, "srv", is_server, messages);
    talk(connection, "client", !is_server, messages);
    return 0;
}
