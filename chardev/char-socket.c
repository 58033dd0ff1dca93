/*
 * Sockets: listening or connecting, TCP (plain or telnet) or UNIX. One connection at a time; a server that lost its client
 * listens again, a client with reconnect=N tries every N seconds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-socket-int.h"
#include "system/report.h"
#include "system/yank.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

const OptDesc char_socket_params[] = {
    { "path", OPT_STRING }, { "host", OPT_STRING }, { "port", OPT_STRING }, { "fd", OPT_STRING }, { "to", OPT_NUMBER },
    { "ipv4", OPT_BOOL }, { "ipv6", OPT_BOOL }, { "server", OPT_BOOL }, { "wait", OPT_BOOL }, { "telnet", OPT_BOOL },
    { "nodelay", OPT_BOOL }, { "delay", OPT_BOOL }, { "reconnect", OPT_NUMBER }, { "abstract", OPT_BOOL },
    { "tight", OPT_BOOL }, { "tls-creds", OPT_STRING }, { "tls-authz", OPT_STRING }, { NULL },
};

/* ---- connections ---- */

static gboolean acceptable(gint fd, GIOCondition cond, gpointer opaque);
static gboolean try_again(gpointer opaque);

static void use(Chardev *c, int fd)
{
    CharSocket *s = c->socket;
    int one = 1;

    char_note_addresses(s, fd);
    if (!s->is_unix && s->nodelay) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    char_drop(c, &s->listen_watch);
    yank_add_fd(YANK_CHARDEV, c->id, fd);
    if (s->creds) {
        char_tls_begin(c, fd);
    } else {
        char_socket_established(c, fd);
    }
}

void char_socket_established(Chardev *c, int fd)
{
    c->in = c->out = fd;
    char_stream_begin(c);
    char_event(c, CHARDEV_OPENED);
    char_watch(c);
}

static void wait_for_next(Chardev *c)
{
    CharSocket *s = c->socket;

    if (s->server) {
        char_note_addresses(s, s->listener);
        if (!s->listen_watch) {
            s->listen_watch = char_fd_add(c, s->listener, G_IO_IN, acceptable);
        }
    } else if (s->reconnect && !s->timer) {
        s->timer = char_timeout_add(c, s->reconnect * 1000, try_again);
    }
}

void char_socket_lost(Chardev *c, int fd)
{
    yank_remove_fd(fd);
    close(fd);
    wait_for_next(c);
}

static gboolean acceptable(gint listener, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;

    char_lock(c);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        use(c, fd);         /* takes this watch away */
    }
    char_unlock(c);
    return G_SOURCE_CONTINUE;
}

static void socket_hung_up(Chardev *c)
{
    char_stream_end(c);
    char_unwatch(c);
    int fd = c->in;
    c->in = c->out = -1;
    char_event(c, CHARDEV_CLOSED);
    char_socket_lost(c, fd);
}

static gboolean connect_done(gint fd, GIOCondition cond, gpointer opaque);

/* To the host's next address, or, if that was the last, later. */
static void connect_next(Chardev *c)
{
    CharSocket *s = c->socket;
    bool pending;
    int fd = char_connect(s, &pending, NULL);

    if (fd < 0) {
        wait_for_next(c);
    } else if (pending) {
        s->connecting = fd;
        s->connect_watch = char_fd_add(c, fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, connect_done);
    } else {
        use(c, fd);
    }
}

static gboolean connect_done(gint fd, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;
    int error = 0;
    socklen_t n = sizeof(error);

    char_lock(c);
    c->socket->connect_watch = 0;
    c->socket->connecting = -1;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
    if (error) {
        close(fd);
        connect_next(c);
    } else {
        c->socket->address = 0;
        use(c, fd);
    }
    char_unlock(c);
    return G_SOURCE_REMOVE;
}

static gboolean try_again(gpointer opaque)
{
    Chardev *c = opaque;

    char_lock(c);
    c->socket->timer = 0;
    connect_next(c);
    char_unlock(c);
    return G_SOURCE_REMOVE;
}

static void socket_move(Chardev *c, GMainContext *to)
{
    CharSocket *s = c->socket;
    bool listens = s->listen_watch, connects = s->connect_watch, waits = s->timer;

    char_drop(c, &s->listen_watch);
    char_drop(c, &s->connect_watch);
    char_drop(c, &s->timer);
    char_tls_move(c, to);
    if (connects) {
        s->connect_watch = char_fd_add(c, s->connecting, G_IO_OUT | G_IO_HUP | G_IO_ERR, connect_done);
    }
    if (listens || waits) {
        wait_for_next(c);
    }
}

/* ---- opening ---- */

static void describe(const Chardev *c, GString *out)
{
    const CharSocket *s = c->socket;
    g_autofree char *target = char_target_text(s);

    g_string_append_printf(out, "%s%s:%s%s", c->open ? "" : "disconnected:",
                           s->is_unix ? "unix" : s->telnet ? "telnet" : "tcp",
                           s->local && (c->open || (s->server && !s->is_unix)) ? s->local : target,
                           s->server ? ",server=on" : "");
    if (c->open && !s->is_unix) {
        g_string_append_printf(out, " <-> %s", s->remote);
    }
}

static void socket_close(Chardev *c)
{
    CharSocket *s = c->socket;
    const int fds[] = { c->in, s->listener, s->connecting, s->shaking };

    yank_remove(YANK_CHARDEV, c->id);
    char_drop(c, &s->listen_watch);
    char_drop(c, &s->connect_watch);
    char_drop(c, &s->timer);
    char_drop(c, &s->kept_watch);
    char_tls_close(c);
    g_clear_pointer(&s->kept, g_byte_array_unref);
    for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    if (s->listener >= 0 && s->path && !s->abstract) {
        unlink(s->path);
    }
    char *const texts[] = { s->path, s->host, s->port, s->local, s->remote };
    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(texts[i]);
    }
    g_free(s);
}

static bool parse(CharSocket *s, const Opts *o, int *fd, GError **err)
{
    const char *path = opts_get(o, "path"), *host = opts_get(o, "host"), *text = opts_get(o, "fd");
    bool v4 = opts_bool(o, "ipv4", false), v6 = opts_bool(o, "ipv6", false);

    *s = (CharSocket){
        .kept = g_byte_array_new(),
        .server = opts_bool(o, "server", false), .telnet = opts_bool(o, "telnet", false),
        .nodelay = opts_bool(o, "nodelay", false) || !opts_bool(o, "delay", true), .abstract = opts_bool(o, "abstract", false),
        .reconnect = opts_number(o, "reconnect", 0), .to = opts_number(o, "to", 0), .family = v4 && !v6 ? AF_INET : v6 && !v4 ? AF_INET6 : AF_UNSPEC,
        .listener = -1, .connecting = -1, .shaking = -1, .path = g_strdup(path && *path ? path : NULL), .host = g_strdup(host),
        .port = g_strdup(opts_get(o, "port")), .is_unix = path && *path,
    };
    if (!!s->path + !!host + !!text > 1) {
        return report_fail(err, "None or one of 'path', 'fd' or 'host' option required.");
    }
    if (host && !s->port) {
        return report_fail(err, "chardev: socket: no port given");
    }
    if (s->server && s->reconnect) {
        return report_fail(err, "'reconnect' option is incompatible with socket in server listen mode");
    }
    if (!s->server && opts_get(o, "wait")) {
        return report_fail(err, "'wait' option is incompatible with socket in client connect mode");
    }
    if (!char_tls_parse(s, o, err)) {
        return false;
    }
    if (!s->path && !host) {
        uint64_t n;
        if (!path && !text) {
            return report_fail(err, "chardev: socket: neither path nor port given");
        }
        if (!text || !opts_parse_number("fd", text, &n, NULL)) {
            return report_fail(err, "Unable to parse FD number %s", text ? text : "");
        }
        struct stat st;
        if (n > INT_MAX || fstat(n, &st) < 0 || !S_ISSOCK(st.st_mode)) {
            return report_fail(err, "File descriptor '%s' is not a socket", text);
        }
        *fd = n;
    }
    return true;
}

bool char_open_socket(Chardev *c, const Opts *o, GError **err)
{
    CharSocket *s = c->socket = g_new0(CharSocket, 1);
    int fd = -1;
    bool pending = false;

    s->listener = s->connecting = s->shaking = -1;
    c->close = socket_close;
    if (!parse(s, o, &fd, err)) {
        return false;
    }
    yank_add(YANK_CHARDEV, c->id);
    c->describe = describe;
    c->write = char_stream_write;
    c->write_later = char_stream_write_later;
    c->kept = char_stream_kept;
    c->pending = char_stream_pending;
    c->receive = char_stream_receive;
    c->hung_up = socket_hung_up;
    c->move = socket_move;
    c->filter = s->telnet ? char_stream_filter : NULL;
    if (s->server) {
        s->listener = fd;
        if (fd < 0 && !char_listen(s, err)) {
            return false;
        }
        char_note_addresses(s, s->listener);
        if (!opts_bool(o, "wait", true)) {
            wait_for_next(c);
            return true;
        }
        g_autoptr(GString) name = g_string_new(NULL);
        describe(c, name);
        report_info("QEMU waiting for connection on: %s", name->str);
        do {
            fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        } while (fd < 0 && errno == EINTR);
        if (fd < 0) {
            return report_fail(err, "Failed to accept a connection: %s", g_strerror(errno));
        }
    } else if (fd < 0) {
        fd = char_connect(s, &pending, s->reconnect ? NULL : err);
        if (fd < 0) {
            wait_for_next(c);
            return s->reconnect != 0;
        }
        if (pending) {
            s->connecting = fd;
            s->connect_watch = char_fd_add(c, fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, connect_done);
            return true;
        }
    }
    use(c, fd);
    return true;
}
