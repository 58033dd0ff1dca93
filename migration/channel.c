/*
 * See channel.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/channel.h"
#include "migration/vmstate.h"
#include "monitor/fds.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <gio/gunixsocketaddress.h>
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
};

struct MigListener {
    GSocketListener *listener;  /* NULL: `only` */
    GSocket *listening;         /* the listener's own */
    char *path;                 /* of a Unix socket that was made */
    MigChannel *only;           /* until it was given away */
};

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
        ok = run_command(c, a->command, G_SUBPROCESS_FLAGS_STDIN_PIPE, err);
        break;
    case MIG_FD: case MIG_FILE:
        fd = a->transport == MIG_FD ? steal_descriptor(a) : open_file(a, O_WRONLY | O_CREAT | (a->keep ? 0 : O_TRUNC), err);
        ok = fd >= 0 || (a->transport == MIG_FD && report_fail(err, "fd:%s: it is one channel and in use", a->fd_name));
        c->out = ok ? g_unix_output_stream_new(fd, TRUE) : NULL;
        break;
    default:
        ok = connect_to(c, a, cancel, err);
    }
    if (!ok) {
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
    l->listener = g_socket_listener_new();
    return g_socket_listener_add_socket(l->listener, l->listening, NULL, err);
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
        if (a->transport == MIG_EXEC) {
            ok = run_command(l->only, a->command, G_SUBPROCESS_FLAGS_STDOUT_PIPE, err);
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
        ok = g_output_stream_close(c->out, NULL, err);
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
