/*
 * See channel.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/channel.h"
#include "migration/vmstate.h"
#include "system/opts.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <gio/gunixsocketaddress.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 256             /* connections that wait: a main channel and 255 more */

struct MigChannel {
    GOutputStream *out;
    GInputStream *in;
    GSubprocess *command;
    GSocketConnection *connection;
    bool sent;                  /* somebody asked for `out` */
};

struct MigListener {
    GSocketListener *listener;  /* NULL: `only` */
    GSocket *listening;         /* the listener's own */
    char *path;                 /* of a Unix socket that was made */
    MigChannel *only;           /* until it was given away */
};

typedef struct Uri { enum { EXEC, TCP, UNIX, FD, FILE_ } kind; const char *rest; char *host; uint16_t port; } Uri;

static void uri_clear(Uri *u)
{
    g_free(u->host);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Uri, uri_clear)

static bool parse(const char *uri, Uri *u, GError **err)
{
    static const struct { const char *prefix; int kind; } kinds[] = {
        { "exec:", EXEC }, { "tcp:", TCP }, { "unix:", UNIX }, { "fd:", FD }, { "file:", FILE_ },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(uri, kinds[i].prefix)) {
            *u = (Uri){ .kind = kinds[i].kind, .rest = uri + strlen(kinds[i].prefix) };
            if (u->kind == UNIX && !*u->rest) {
                return report_fail(err, "invalid Unix socket address: a path has to follow 'unix:'");
            }
            if (u->kind == FD && (!*u->rest || strspn(u->rest, "0123456789") < strlen(u->rest))) {
                return report_fail(err, "File descriptor named '%s' has not been found: only numbers of inherited ones are known", u->rest);
            }
            if (!*u->rest && u->kind != TCP) {
                return report_fail(err, "'%s': something has to follow '%s'", uri, kinds[i].prefix);
            }
            if (u->kind != TCP) {
                return true;
            }
            /* "[::1]:4444", "host:4444", ":4444" */
            const char *colon = strrchr(u->rest, ':');
            guint64 port;
            size_t host = colon ? (size_t)(colon - u->rest) : 0;
            if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL)) {
                return report_fail(err, "error parsing address '%s': HOST:PORT is wanted", u->rest);
            }
            bool bracketed = host >= 2 && u->rest[0] == '[' && u->rest[host - 1] == ']';
            u->host = bracketed ? g_strndup(u->rest + 1, host - 2) : g_strndup(u->rest, host);
            u->port = port;
            return true;
        }
    }
    return report_fail(err, "Parameter 'uri' expects a valid migration protocol");
}

bool channel_check(const char *uri, GError **err)
{
    g_auto(Uri) u = { 0 };

    return parse(uri, &u, err);
}

static bool run_command(MigChannel *c, const char *command, GSubprocessFlags flags, GError **err)
{
    const char *const argv[] = { "/bin/sh", "-c", command, NULL };

    c->command = g_subprocess_newv(argv, flags, err);
    if (!c->command) {
        return false;
    }
    c->out = g_subprocess_get_stdin_pipe(c->command);
    c->in = g_subprocess_get_stdout_pipe(c->command);
    if (c->out) {
        g_object_ref(c->out);
    }
    if (c->in) {
        g_object_ref(c->in);
    }
    return true;
}

/* A descriptor that we were started with, by number. */
static int inherited(const char *name, GError **err)
{
    guint64 n;

    if (!g_ascii_string_to_unsigned(name, 10, 0, INT_MAX, &n, NULL) || fcntl(n, F_GETFD) < 0) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "fd:%s: there is no such file descriptor", name);
        return -1;
    }
    return n;
}

static int open_file(const char *spec, int flags, GError **err)
{
    const char *offset = strstr(spec, ",offset=");
    g_autofree char *path = offset ? g_strndup(spec, offset - spec) : g_strdup(spec);
    uint64_t at = 0;

    if (offset && !opts_parse_number("offset", offset + strlen(",offset="), &at, err)) {
        g_prefix_error(err, "file:%s: ", spec);
        return -1;
    }
    int fd = open(path, flags | O_CLOEXEC, 0660);
    if (fd < 0 || lseek(fd, at, SEEK_SET) < 0) {
        int e = errno;
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(e), "Could not open '%s': %s", path, g_strerror(e));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static void connected(MigChannel *c, GSocketConnection *s)
{
    c->connection = s;
    c->out = g_object_ref(g_io_stream_get_output_stream(G_IO_STREAM(s)));
    c->in = g_object_ref(g_io_stream_get_input_stream(G_IO_STREAM(s)));
}

static bool connect_to(MigChannel *c, const Uri *u, GCancellable *cancel, GError **err)
{
    int fd;

    switch (u->kind) {
    case EXEC:
        return run_command(c, u->rest, G_SUBPROCESS_FLAGS_STDIN_PIPE, err);
    case FD:
        fd = inherited(u->rest, err);
        c->out = fd >= 0 ? g_unix_output_stream_new(fd, TRUE) : NULL;
        return c->out;
    case FILE_:
        fd = open_file(u->rest, O_WRONLY | O_CREAT | (strstr(u->rest, ",offset=") ? 0 : O_TRUNC), err);
        c->out = fd >= 0 ? g_unix_output_stream_new(fd, TRUE) : NULL;
        return c->out;
    default: {
        g_autoptr(GSocketConnectable) to = u->kind == TCP
            ? g_network_address_new(*u->host ? u->host : "localhost", u->port)
            : G_SOCKET_CONNECTABLE(g_unix_socket_address_new(u->rest));
        g_autoptr(GSocketClient) client = g_socket_client_new();
        g_socket_client_set_enable_proxy(client, FALSE);
        GSocketConnection *s = g_socket_client_connect(client, to, cancel, err);
        if (!s) {
            /* GIO says once more what it could not do */
            const char *why = strrchr((*err)->message, ':');
            GError *plain = g_error_new((*err)->domain, (*err)->code, "Failed to connect to '%s'%s", u->rest, why ? why : "");
            g_clear_error(err);
            g_propagate_error(err, plain);
            return false;
        }
        connected(c, s);
        return true;
    }
    }
}

MigChannel *channel_connect(const char *uri, GCancellable *cancel, GError **err)
{
    g_auto(Uri) u = { 0 };
    MigChannel *c = g_new0(MigChannel, 1);

    if (!parse(uri, &u, err) || !connect_to(c, &u, cancel, err)) {
        channel_free(c);
        return NULL;
    }
    return c;
}

static bool listen_on(MigListener *l, const Uri *u, GError **err)
{
    g_autoptr(GSocketAddress) address = NULL;

    if (u->kind == UNIX) {
        unlink(u->rest);        /* left behind by an earlier run, as for any server socket */
        l->path = g_strdup(u->rest);
        address = g_unix_socket_address_new(u->rest);
    } else {
        g_autoptr(GSocketConnectable) named = g_network_address_new(*u->host ? u->host : "0.0.0.0", u->port);
        g_autoptr(GSocketAddressEnumerator) e = g_socket_connectable_enumerate(named);
        address = g_socket_address_enumerator_next(e, NULL, err);
    }
    l->listening = address ? g_socket_new(g_socket_address_get_family(address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, err) : NULL;
    if (l->listening) {
        g_socket_set_listen_backlog(l->listening, BACKLOG);
    }
    if (!l->listening || !g_socket_bind(l->listening, address, TRUE, err) || !g_socket_listen(l->listening, err)) {
        g_prefix_error(err, "Failed to listen on '%s': ", u->rest);
        return false;
    }
    l->listener = g_socket_listener_new();
    return g_socket_listener_add_socket(l->listener, l->listening, NULL, err);
}

MigListener *channel_listen(const char *uri, GError **err)
{
    g_auto(Uri) u = { 0 };
    MigListener *l = g_new0(MigListener, 1);
    bool ok = parse(uri, &u, err);
    int fd;

    if (ok && (u.kind == TCP || u.kind == UNIX)) {
        ok = listen_on(l, &u, err);
    } else if (ok) {
        l->only = g_new0(MigChannel, 1);
        if (u.kind == EXEC) {
            ok = run_command(l->only, u.rest, G_SUBPROCESS_FLAGS_STDOUT_PIPE, err);
        } else {
            fd = u.kind == FD ? inherited(u.rest, err) : open_file(u.rest, O_RDONLY, err);
            ok = fd >= 0;
            l->only->in = ok ? g_unix_input_stream_new(fd, TRUE) : NULL;
        }
    }
    if (!ok) {
        channel_listener_free(l);
        return NULL;
    }
    return l;
}

MigChannel *channel_accept(MigListener *l, GCancellable *cancel, GError **err)
{
    MigChannel *c = g_steal_pointer(&l->only);

    if (c) {
        return c;
    }
    if (!l->listener) {
        report_fail(err, "the stream wants another channel: only tcp: and unix: have more than one");
        return NULL;
    }
    GSocketConnection *s = g_socket_listener_accept(l->listener, NULL, cancel, err);
    if (!s) {
        return NULL;
    }
    c = g_new0(MigChannel, 1);
    connected(c, s);
    return c;
}

void channel_listener_free(MigListener *l)
{
    if (!l) {
        return;
    }
    if (l->path) {
        unlink(l->path);
    }
    if (l->listener) {
        g_socket_listener_close(l->listener);
    }
    g_clear_object(&l->listener);
    g_clear_object(&l->listening);
    channel_free(l->only);
    g_free(l->path);
    g_free(l);
}

bool channel_peek_magic(MigChannel *c, uint32_t *magic)
{
    uint8_t wire[4];

    if (!c->connection) {
        return false;
    }
    GSocket *s = g_socket_connection_get_socket(c->connection);
    ssize_t n;
    do {
        n = recv(g_socket_get_fd(s), wire, sizeof(wire), MSG_PEEK | MSG_WAITALL);
    } while ((n < 0 && errno == EINTR) || (n < 0 && errno == EAGAIN && g_socket_condition_wait(s, G_IO_IN, NULL, NULL)));
    if (n != sizeof(wire)) {
        return false;
    }
    *magic = vms_get_be(wire, 4);
    return true;
}

GOutputStream *channel_output(MigChannel *c)
{
    c->sent = true;
    return c->out;
}

GInputStream *channel_input(MigChannel *c)
{
    return c->in;
}

#define FAREWELL_US (10 * G_USEC_PER_SEC)

/* The other side closes when it has everything. If there is something that it did not read, this end is reset. */
static bool await_farewell(MigChannel *c, GCancellable *cancel, GError **err)
{
    GSocket *s = g_socket_connection_get_socket(c->connection);
    g_autoptr(GError) why = NULL;
    char byte;

    g_socket_shutdown(s, FALSE, TRUE, NULL);
    g_socket_set_blocking(s, FALSE);
    for (gint64 end = g_get_monotonic_time() + FAREWELL_US, now; (now = g_get_monotonic_time()) < end;) {
        if (!g_socket_condition_timed_wait(s, G_IO_IN, end - now, cancel, NULL)) {
            return true;        /* it takes its time: it may hold the connection for reasons of its own */
        }
        gssize n = g_socket_receive(s, &byte, 1, cancel, &why);
        if (n > 0) {
            continue;
        }
        if (n < 0 && !g_error_matches(why, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
            return g_error_matches(why, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                || report_fail(err, "the destination closed the connection before it had read everything: %s; what is wrong stands there", why->message);
        }
        if (!n) {
            return true;
        }
        g_clear_error(&why);
    }
    return true;
}

/* With `cancel` the command is told to end. */
static bool await_command(MigChannel *c, GCancellable *cancel, GError **err)
{
    bool ok = g_subprocess_wait_check(c->command, cancel, err);

    if (!ok && cancel && g_cancellable_is_cancelled(cancel)) {
        g_subprocess_send_signal(c->command, SIGTERM);
    }
    return ok;
}

bool channel_close(MigChannel *c, GCancellable *cancel, GError **err)
{
    bool ok = true;

    if (c->connection) {
        ok = !c->sent || await_farewell(c, cancel, err);
        ok &= g_io_stream_close(G_IO_STREAM(c->connection), NULL, ok ? err : NULL);
    } else if (c->out) {
        ok = g_output_stream_close(c->out, NULL, err);
    } else if (c->in) {
        g_input_stream_close(c->in, NULL, NULL);
    }
    if (c->command && ok) {
        ok = await_command(c, cancel, err);
    }
    return ok;
}

void channel_name_error(const MigChannel *c, GError *err)
{
    const char *cause = strrchr(err->message, ':');
    char *message = g_strdup_printf("Unable to write to %s%s", c->command ? "command" : c->connection ? "socket" : "file",
                                    cause ? cause : ": ");

    if (err->domain == G_IO_ERROR && cause) {
        g_free(err->message);
        err->message = message;
    } else {
        g_free(message);
    }
}

void channel_free(MigChannel *c)
{
    if (!c) {
        return;
    }
    g_clear_object(&c->out);
    g_clear_object(&c->in);
    g_clear_object(&c->command);
    g_clear_object(&c->connection);
    g_free(c);
}
