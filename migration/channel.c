/*
 * See channel.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/channel.h"
#include "crypto/tls.h"
#include "migration/options.h"
#include "migration/vmstate.h"
#include "monitor/fds.h"
#include "system/cpus.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 256             /* connections that wait: a main channel and 255 more */

struct MigChannel {
    GOutputStream *out;
    GInputStream *in;
    GSubprocess *command;
    GSocketConnection *connection;
    bool sent;                  /* somebody asked for `out` */
    uint8_t said[8];            /* the first bytes that came back where nobody was asked */
    unsigned said_bytes;
    TlsSession *tls;            /* NULL: in clear */
};

struct MigListener {
    GSocket *listening;         /* NULL: `only` */
    GArray *shaking;            /* of Shaking */
    char *path;                 /* of a Unix socket that was made */
    MigChannel *only;           /* until it was given away */
    MigAddress where;           /* its transport and text */
};

/* Who came, and has not shown yet who it is. One that takes its time does not hold up others. */
typedef struct Shaking {
    MigChannel *channel;
    TlsSession *session;
    TlsStep wait;
    gint64 until;
} Shaking;

/* ---- encryption, as the parameters tls-creds, tls-hostname and tls-authz want it ---- */

static bool tls_wanted(void)
{
    bool locked = bql_held();

    if (!locked) {
        bql_lock();
    }
    bool wanted = *migration_parameter_text(PARAM_TLS_CREDS);
    if (!locked) {
        bql_unlock();
    }
    return wanted;
}

/* *s NULL: not wanted. `host`: that we connected to, or NULL. */
static bool new_session(bool server, const char *host, int in, int out, TlsSession **s, GError **err)
{
    bool locked = bql_held();

    *s = NULL;
    if (!locked) {
        bql_lock();
    }
    const char *id = migration_parameter_text(PARAM_TLS_CREDS), *name = migration_parameter_text(PARAM_TLS_HOSTNAME),
               *authz = migration_parameter_text(PARAM_TLS_AUTHZ);
    bool wanted = *id;
    TlsCreds *creds = wanted ? tls_creds_get(id, server, err) : NULL;
    if (creds) {
        *s = tls_session_new(creds, in, out, *name ? name : host, server && *authz ? authz : NULL, err);
    }
    if (!locked) {
        bql_unlock();
    }
    tls_creds_unref(creds);
    return *s || !wanted;
}

/* The streams of a session instead of those below it, whose descriptors stay open as long as anybody has one of these. */
static void encrypt(MigChannel *c, TlsSession *s)
{
    static const char *const names[] = { "in", "out", "connection" };
    GObject *below[] = { (GObject *)c->in, (GObject *)c->out, c->connection ? g_object_ref(G_OBJECT(c->connection)) : NULL };

    c->in = tls_input_stream_new(s);
    c->out = tls_output_stream_new(s);
    c->tls = tls_session_ref(s);
    for (unsigned i = 0; i < G_N_ELEMENTS(below); i++) {
        if (below[i]) {
            g_object_set_data_full(G_OBJECT(c->in), names[i], g_object_ref(below[i]), g_object_unref);
            g_object_set_data_full(G_OBJECT(c->out), names[i], below[i], g_object_unref);
        }
    }
}

/* The descriptors of a channel that goes both ways. */
static bool descriptors(const MigChannel *c, int *in, int *out)
{
    if (c->connection) {
        *in = *out = g_socket_get_fd(g_socket_connection_get_socket(c->connection));
        return true;
    }
    *in = c->in ? g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(c->in)) : -1;
    *out = c->out ? g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(c->out)) : -1;
    if (!c->command) {          /* one that was passed */
        *in = *out = MAX(*in, *out);
    }
    return g_unix_set_fd_nonblocking(*in, TRUE, NULL) && g_unix_set_fd_nonblocking(*out, TRUE, NULL);
}

/* Waits for the handshake. */
static bool secure(MigChannel *c, const MigAddress *a, bool server, GCancellable *cancel, GError **err)
{
    TlsSession *s;
    int in, out;

    if (!tls_wanted()) {
        return true;
    }
    if (a->transport == MIG_FILE) {
        return report_fail(err, "file:%s: TLS needs somebody who answers at the other end: set tls-creds to '', or use exec: and encrypt there", a->text);
    }
    if (!descriptors(c, &in, &out)) {
        return report_fail(err, "%s: TLS needs a channel that goes both ways", a->text);
    }
    if (!new_session(server, a->host && *a->host ? a->host : a->transport == MIG_TCP ? "localhost" : NULL, in, out, &s, err)) {
        return false;
    }
    bool ok = !s || tls_session_shake(s, cancel, err);
    if (ok && s) {
        encrypt(c, s);
    }
    tls_session_unref(s);
    return ok;
}

/* ---- opening ---- */

static bool run_command(MigChannel *c, char *const *command, GSubprocessFlags flags, GError **err)
{
    c->command = g_subprocess_newv((const char *const *)command, flags, err);
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

/* A descriptor that a client passed, or by number one that we were started with. */
static int take_descriptor(const char *name, GError **err)
{
    guint64 n;

    if (!g_ascii_isdigit(*name)) {
        return fds_take(name, err);
    }
    if (!g_ascii_string_to_unsigned(name, 10, 0, INT_MAX, &n, NULL) || fcntl(n, F_GETFD) < 0) {
        report_fail(err, "fd:%s: there is no such file descriptor", name);
        return -1;
    }
    return n;
}

static int open_file(const MigAddress *a, int flags, GError **err)
{
    int fd = fds_open(a->path, flags, 0660, err);

    if (fd >= 0 && lseek(fd, a->offset, SEEK_SET) < 0) {
        report_fail(err, "file:%s: there is no byte %" PRIu64 " to begin at: %s", a->path, a->offset, g_strerror(errno));
        close(fd);
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

static bool connect_to(MigChannel *c, const MigAddress *a, GCancellable *cancel, GError **err)
{
    g_autoptr(GSocketConnectable) to = a->transport == MIG_TCP ? g_network_address_new(*a->host ? a->host : "localhost", a->port)
        : G_SOCKET_CONNECTABLE(g_unix_socket_address_new(a->path));
    g_autoptr(GSocketClient) client = g_socket_client_new();

    g_socket_client_set_enable_proxy(client, FALSE);
    GSocketConnection *s = g_socket_client_connect(client, to, cancel, err);
    if (!s) {
        /* GIO says once more what it could not do */
        const char *why = strrchr((*err)->message, ':');
        GError *plain = g_error_new((*err)->domain, (*err)->code, "Failed to connect to '%s'%s", a->text, why ? why : "");
        g_clear_error(err);
        g_propagate_error(err, plain);
        return false;
    }
    connected(c, s);
    return true;
}

/* -1: it was taken before. */
static int steal_descriptor(MigAddress *a)
{
    int fd = a->fd;

    a->fd = -1;
    return fd;
}

bool channel_prepare(MigAddress *a, GError **err)
{
    if (a->transport != MIG_FD || a->fd >= 0) {
        return true;
    }
    a->fd = take_descriptor(a->fd_name, err);
    return a->fd >= 0;
}

MigChannel *channel_connect(MigAddress *a, GCancellable *cancel, GError **err)
{
    MigChannel *c = g_new0(MigChannel, 1);
    bool ok;
    int fd;

    switch (a->transport) {
    case MIG_EXEC:
        ok = run_command(c, a->command, G_SUBPROCESS_FLAGS_STDIN_PIPE | (tls_wanted() ? G_SUBPROCESS_FLAGS_STDOUT_PIPE : 0), err);
        break;
    case MIG_FD: case MIG_FILE:
        fd = a->transport == MIG_FD ? steal_descriptor(a) : open_file(a, O_WRONLY | O_CREAT | (a->keep ? 0 : O_TRUNC), err);
        ok = fd >= 0 || (a->transport == MIG_FD && report_fail(err, "fd:%s: it is one channel and in use", a->fd_name));
        c->out = ok ? g_unix_output_stream_new(fd, TRUE) : NULL;
        break;
    default:
        ok = connect_to(c, a, cancel, err);
    }
    if (!ok || !secure(c, a, false, cancel, err)) {
        channel_free(c);
        return NULL;
    }
    return c;
}

static bool listen_on(MigListener *l, const MigAddress *a, GError **err)
{
    g_autoptr(GSocketAddress) address = NULL;

    if (a->transport == MIG_UNIX) {
        unlink(a->path);        /* left behind by an earlier run, as for any server socket */
        l->path = g_strdup(a->path);
        address = g_unix_socket_address_new(a->path);
    } else {
        g_autoptr(GSocketConnectable) named = g_network_address_new(*a->host ? a->host : "0.0.0.0", a->port);
        g_autoptr(GSocketAddressEnumerator) e = g_socket_connectable_enumerate(named);
        address = g_socket_address_enumerator_next(e, NULL, err);
    }
    l->listening = address ? g_socket_new(g_socket_address_get_family(address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, err) : NULL;
    if (l->listening) {
        g_socket_set_listen_backlog(l->listening, BACKLOG);
    }
    if (!l->listening || !g_socket_bind(l->listening, address, TRUE, err) || !g_socket_listen(l->listening, err)) {
        g_prefix_error(err, "Failed to listen on '%s': ", a->text);
        return false;
    }
    g_socket_set_blocking(l->listening, FALSE);
    l->shaking = g_array_new(FALSE, FALSE, sizeof(Shaking));
    return true;
}

MigListener *channel_listen(MigAddress *a, GError **err)
{
    MigListener *l = g_new0(MigListener, 1);
    bool ok;
    int fd;

    if (a->transport == MIG_TCP || a->transport == MIG_UNIX) {
        ok = listen_on(l, a, err);
    } else {
        l->only = g_new0(MigChannel, 1);
        l->where = (MigAddress){ .transport = a->transport, .text = g_strdup(a->text) };
        if (a->transport == MIG_EXEC) {
            ok = run_command(l->only, a->command, G_SUBPROCESS_FLAGS_STDOUT_PIPE | (tls_wanted() ? G_SUBPROCESS_FLAGS_STDIN_PIPE : 0), err);
        } else {
            ok = channel_prepare(a, err);
            fd = !ok ? -1 : a->transport == MIG_FD ? steal_descriptor(a) : open_file(a, O_RDONLY, err);
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

/* Who has come. NULL without an error: nobody, or somebody who has to show first who it is. */
static MigChannel *accept_one(MigListener *l, GError **err)
{
    g_autoptr(GError) why = NULL, refused = NULL;
    g_autoptr(GSocket) s = g_socket_accept(l->listening, NULL, &why);
    Shaking new = { .wait = TLS_WAIT_IN, .until = g_get_monotonic_time() + TLS_HANDSHAKE_US };

    if (!s) {
        if (!g_error_matches(why, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
            g_propagate_error(err, g_steal_pointer(&why));
        }
        return NULL;
    }
    MigChannel *c = g_new0(MigChannel, 1);
    connected(c, g_socket_connection_factory_create_connection(s));
    if (!new_session(true, NULL, g_socket_get_fd(s), g_socket_get_fd(s), &new.session, &refused)) {
        report_error("%s", refused->message);
        channel_free(c);
        return NULL;
    }
    if (!new.session) {
        return c;
    }
    new.channel = c;
    g_array_append_val(l->shaking, new);
    return NULL;
}

static void forget(MigListener *l, guint i)
{
    Shaking *k = &g_array_index(l->shaking, Shaking, i);

    tls_session_unref(k->session);
    channel_free(k->channel);
    g_array_remove_index(l->shaking, i);
}

/* Has it said the first of what it has to say? If not, `wait` says how to go on. */
static bool has_spoken(Shaking *k)
{
    uint8_t first[4];
    size_t have;

    k->until = G_MAXINT64;
    k->wait = tls_session_peek(k->session, first, sizeof(first), &have);
    return k->wait == TLS_DONE;
}

/* One that has shown who it is. Who cannot is told about, and gone: the next may be the right one. */
static MigChannel *shake(MigListener *l, bool spoken)
{
    for (guint i = 0; i < l->shaking->len; i++) {
        Shaking *k = &g_array_index(l->shaking, Shaking, i);
        g_autoptr(GError) why = NULL;
        k->wait = tls_session_step(k->session, &why);
        if (k->wait == TLS_DONE && (!spoken || has_spoken(k))) {
            MigChannel *c = g_steal_pointer(&k->channel);
            encrypt(c, k->session);
            forget(l, i);
            return c;
        }
        if (k->wait != TLS_FAILED && g_get_monotonic_time() > k->until) {
            report_fail(&why, "TLS handshake failed: the other side did not take part in it for %d s", (int)(TLS_HANDSHAKE_US / G_USEC_PER_SEC));
        }
        if (why) {
            report_error("%s", why->message);
            forget(l, i--);
        }
    }
    return NULL;
}

static bool wait_for_any(MigListener *l, GCancellable *cancel, GError **err)
{
    GPollFD fds[BACKLOG + 2];
    guint n = 0;
    gint64 until = G_MAXINT64;

    for (guint i = 0; i < l->shaking->len; i++) {
        const Shaking *k = &g_array_index(l->shaking, Shaking, i);
        fds[n++] = (GPollFD){ g_socket_get_fd(g_socket_connection_get_socket(k->channel->connection)),
                              k->wait == TLS_WAIT_IN ? G_IO_IN : G_IO_OUT, 0 };
        until = MIN(until, k->until);
    }
    if (n < BACKLOG) {
        fds[n++] = (GPollFD){ g_socket_get_fd(l->listening), G_IO_IN, 0 };
    }
    bool has_cancel = cancel && g_cancellable_make_pollfd(cancel, &fds[n]);
    g_poll(fds, n + has_cancel, until == G_MAXINT64 ? -1 : MAX(until - g_get_monotonic_time(), 0) / 1000 + 1);
    if (has_cancel) {
        g_cancellable_release_fd(cancel);
    }
    return !cancel || !g_cancellable_set_error_if_cancelled(cancel, err);
}

MigChannel *channel_accept(MigListener *l, bool spoken, GCancellable *cancel, GError **err)
{
    g_autoptr(GError) why = NULL;
    MigChannel *c = g_steal_pointer(&l->only);

    if (c) {
        if (!secure(c, &l->where, true, cancel, err)) {
            g_clear_pointer(&c, channel_free);
        }
        return c;
    }
    if (!l->listening) {
        report_fail(err, "the stream wants another channel: only tcp: and unix: have more than one");
        return NULL;
    }
    while (!(c = shake(l, spoken)) && wait_for_any(l, cancel, &why) && (l->shaking->len == BACKLOG || !(c = accept_one(l, &why))) && !why) {
    }
    if (why) {
        g_propagate_error(err, g_steal_pointer(&why));
    }
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
    while (l->shaking && l->shaking->len) {
        forget(l, 0);
    }
    g_clear_pointer(&l->shaking, g_array_unref);
    g_clear_object(&l->listening);
    g_free(l->where.text);
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
    if (c->tls) {
        size_t have;
        tls_session_peek(c->tls, wire, sizeof(wire), &have);
        *magic = vms_get_be(wire, 4);
        return have == sizeof(wire);
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

bool channel_is_socket(const MigChannel *c)
{
    return c->connection;
}

#define ACKNOWLEDGED_US G_USEC_PER_SEC

bool channel_left(MigChannel *c, unsigned ms)
{
    struct pollfd p = { .fd = g_socket_get_fd(g_socket_connection_get_socket(c->connection)), .events = POLLRDHUP };
    gint64 end = g_get_monotonic_time() + ACKNOWLEDGED_US;
    int left;

    while (!ioctl(p.fd, SIOCOUTQ, &left) && left && g_get_monotonic_time() < end && poll(&p, 1, 1) == 0) {
    }
    return poll(&p, 1, ms) > 0;
}

/* As a return path's SHUT with another number than 0 */
static const uint8_t refusal[8] = { 0, 1, 0, 4, 0, 0, 0, 1 };

bool channel_refused(const MigChannel *c)
{
    return c->said_bytes == sizeof(refusal) && !memcmp(c->said, refusal, sizeof(refusal));
}

void channel_refuse(MigChannel *c)
{
    if (c->connection) {
        g_output_stream_write_all(c->out, refusal, sizeof(refusal), NULL, NULL, NULL);
    }
}

/* One byte that came back; G_IO_ERROR_WOULD_BLOCK: not yet. */
static gssize receive_byte(MigChannel *c, char *byte, GCancellable *cancel, GError **err)
{
    TlsStep wait;

    if (!c->tls) {
        return g_socket_receive(g_socket_connection_get_socket(c->connection), byte, 1, cancel, err);
    }
    ssize_t n = tls_session_read(c->tls, byte, 1, &wait, err);
    if (n < 0 && errno == EAGAIN) {
        g_set_error_literal(err, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "nothing yet");
    }
    return n;
}

/* The other side closes when it has everything. If there is something that it did not read, this end is reset. */
static bool await_farewell(MigChannel *c, GCancellable *cancel, GError **err)
{
    GSocket *s = g_socket_connection_get_socket(c->connection);
    g_autoptr(GError) why = NULL;
    char byte;

    g_socket_shutdown(s, FALSE, TRUE, NULL);
    g_socket_set_blocking(s, FALSE);
    for (gint64 end = g_get_monotonic_time() + FAREWELL_US, now; (now = g_get_monotonic_time()) < end;) {
        if (!(c->tls && tls_session_pending(c->tls)) && !g_socket_condition_timed_wait(s, G_IO_IN, end - now, cancel, NULL)) {
            return true;        /* it takes its time: it may hold the connection for reasons of its own */
        }
        gssize n = receive_byte(c, &byte, cancel, &why);
        if (n > 0) {
            if (c->said_bytes < sizeof(c->said)) {
                c->said[c->said_bytes++] = byte;
            }
            continue;
        }
        if (channel_refused(c)) {
            return report_fail(err, "the destination refused the guest: its own message tells why");
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
        ok = g_output_stream_close(c->tls ? g_object_get_data(G_OBJECT(c->out), "out") : c->out, NULL, err);
    } else if (c->in) {
        g_input_stream_close(c->in, NULL, NULL);
    }
    if (c->command && ok) {
        ok = await_command(c, cancel, err);
    }
    return ok;
}

void channel_break(MigChannel *c)
{
    if (c->connection) {
        g_socket_shutdown(g_socket_connection_get_socket(c->connection), TRUE, TRUE, NULL);
    }
}

void channel_name_error(const MigChannel *c, GError *err)
{
    const char *cause = c->tls ? NULL : strrchr(err->message, ':');    /* a session says it itself */
    char *message = g_strdup_printf("Unable to write to %s%s", c->command ? "command" : c->connection ? "socket" : "file",
                                    cause ? cause : ": ");

    if (err->domain == G_IO_ERROR && cause) {
        g_free(err->message);
        err->message = message;
    } else {
        g_free(message);
    }
}

int channel_socket(const MigChannel *c)
{
    return c->connection ? g_socket_get_fd(g_socket_connection_get_socket(c->connection)) : -1;
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
    tls_session_unref(c->tls);
    g_free(c);
}

void channel_end(MigChannel *c, GThread *user)
{
    if (user) {
        g_thread_join(user);
    }
    if (c) {
        channel_close(c, NULL, NULL);
        channel_free(c);
    }
}
