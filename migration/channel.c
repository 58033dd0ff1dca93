/*
 * See channel.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/channel-int.h"
#include "migration/vmstate.h"
#include "monitor/fds.h"
#include "system/report.h"
#include "system/yank.h"
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

#define PIPE_BYTES (1 << 20)    /* what everybody may have; the usual 64 KiB make the two processes take turns sixteen times as often */

static void widen_pipe(int fd)
{
    (void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);     /* it works without */
}

bool channel_run_command(MigChannel *c, char *const *command, GSubprocessFlags flags, GError **err)
{
    c->command = g_subprocess_newv((const char *const *)command, flags, err);
    if (!c->command) {
        return false;
    }
    c->out = g_subprocess_get_stdin_pipe(c->command);
    c->in = g_subprocess_get_stdout_pipe(c->command);
    if (c->out) {
        g_object_ref(c->out);
        widen_pipe(g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(c->out)));
    }
    if (c->in) {
        g_object_ref(c->in);
        widen_pipe(g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(c->in)));
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

int channel_open_file(const MigAddress *a, int flags, GError **err)
{
    int fd = fds_open(a->path, flags, 0660, err);

    if (fd >= 0 && lseek(fd, a->offset, SEEK_SET) < 0) {
        report_fail(err, "file:%s: there is no byte %" PRIu64 " to begin at: %s", a->path, a->offset, g_strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

void channel_connected(MigChannel *c, GSocketConnection *s)
{
    c->connection = s;
    yank_add_fd(YANK_MIGRATION, NULL, channel_socket(c));
    c->out = g_object_ref(g_io_stream_get_output_stream(G_IO_STREAM(s)));
    c->in = g_object_ref(g_io_stream_get_input_stream(G_IO_STREAM(s)));
}

bool channel_adopt_socket(MigChannel *c, int fd)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof(peer);
    g_autoptr(GSocket) s = getpeername(fd, (struct sockaddr *)&peer, &len) ? NULL : g_socket_new_from_fd(fd, NULL);

    if (s) {
        channel_connected(c, g_socket_connection_factory_create_connection(s));
    }
    return s;
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
    channel_connected(c, s);
    return true;
}

int channel_steal_descriptor(MigAddress *a)
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
        ok = channel_run_command(c, a->command, G_SUBPROCESS_FLAGS_STDIN_PIPE | (channel_tls_wanted() ? G_SUBPROCESS_FLAGS_STDOUT_PIPE : 0), err);
        break;
    case MIG_FD: case MIG_FILE:
        fd = a->transport == MIG_FD ? channel_steal_descriptor(a) : channel_open_file(a, O_WRONLY | O_CREAT | (a->keep ? 0 : O_TRUNC), err);
        ok = fd >= 0 || (a->transport == MIG_FD && report_fail(err, "fd:%s: it is one channel and in use", a->fd_name));
        if (ok && !(a->transport == MIG_FD && channel_adopt_socket(c, fd))) {
            c->out = g_unix_output_stream_new(fd, TRUE);
        }
        break;
    default:
        ok = connect_to(c, a, cancel, err);
    }
    if (!ok || !channel_secure(c, a, false, cancel, err)) {
        channel_free(c);
        return NULL;
    }
    return c;
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

bool channel_left(MigChannel *c, unsigned arrive_ms, unsigned ms)
{
    struct pollfd p = { .fd = g_socket_get_fd(g_socket_connection_get_socket(c->connection)), .events = POLLRDHUP };
    gint64 end = g_get_monotonic_time() + arrive_ms * 1000ll;
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
        yank_remove_fd(channel_socket(c));
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
    if (c->connection) {
        yank_remove_fd(channel_socket(c));
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
