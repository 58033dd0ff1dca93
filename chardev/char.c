/*
 * See char.h. Every back end is a pair of file descriptors; what differs is how they are opened.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "system/cpus.h"
#include "system/runstate.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define MUX_MAX 4

typedef struct Front {
    const ChardevHandlers *h;
    void *opaque;
} Front;

struct Chardev {
    char *id;
    int in, out;            /* -1: none */
    guint watch;
    Front front[MUX_MAX];
    int fronts, focus;
    bool mux, escape;
    GSocketListener *listener;
    GSocketConnection *conn;
    char *description;
};

static GPtrArray *all;
static struct termios saved_tty;
static bool tty_raw;

void chardev_cleanup(void)
{
    if (tty_raw) {
        tcsetattr(0, TCSANOW, &saved_tty);
        tty_raw = false;
    }
}

static gboolean readable(gint fd, GIOCondition cond, gpointer opaque);

static void start_input(Chardev *c)
{
    if (!c->watch && c->in >= 0 && c->fronts) {
        c->watch = g_unix_fd_add(c->in, G_IO_IN | G_IO_HUP, readable, c);
    }
}

static void deliver(Chardev *c, const uint8_t *buf, int len)
{
    Front *f = &c->front[c->focus];

    if (len && f->h && f->h->receive) {
        f->h->receive(f->opaque, buf, len);
    }
}

/* Ctrl-A is the mux's escape: c switches, x quits, a second Ctrl-A sends itself. */
static void mux_input(Chardev *c, const uint8_t *buf, int len)
{
    for (int i = 0; i < len; i++) {
        if (c->escape) {
            c->escape = false;
            if (buf[i] == 'c') {
                c->focus = (c->focus + 1) % c->fronts;
                continue;
            }
            if (buf[i] == 'x') {
                static const char bye[] = "QEMU: Terminated\n\r";
                chardev_write(c, bye, strlen(bye));
                runstate_quit(0);
                continue;
            }
            if (buf[i] != 1) {
                continue;
            }
        } else if (buf[i] == 1) {
            c->escape = true;
            continue;
        }
        deliver(c, &buf[i], 1);
    }
}

static gboolean readable(gint fd, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;
    Front *f = &c->front[c->focus];
    uint8_t buf[256];
    gboolean more = G_SOURCE_CONTINUE;

    bql_lock();
    int room = f->h && f->h->can_receive ? f->h->can_receive(f->opaque) : (int)sizeof(buf);
    if (room <= 0) {
        c->watch = 0;           /* chardev_accept_input() starts it again */
        more = G_SOURCE_REMOVE;
    } else {
        ssize_t n = read(fd, buf, MIN((size_t)room, sizeof(buf)));
        if (n <= 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR))) {
            c->watch = 0;
            more = G_SOURCE_REMOVE;
            if (c->conn) {
                c->in = c->out = -1;
                g_clear_object(&c->conn);
            }
        } else if (n > 0) {
            if (c->mux) {
                mux_input(c, buf, n);
            } else {
                deliver(c, buf, n);
            }
        }
    }
    bql_unlock();
    return more;
}

void chardev_accept_input(Chardev *c)
{
    start_input(c);
}

void chardev_attach(Chardev *c, const ChardevHandlers *h, void *opaque)
{
    g_assert(c->fronts < MUX_MAX);
    c->front[c->fronts++] = (Front){ h, opaque };
    start_input(c);
}

void chardev_write(Chardev *c, const void *buf, size_t len)
{
    const char *p = buf;

    while (len && c->out >= 0) {
        ssize_t n = write(c->out, p, len);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd pfd = { .fd = c->out, .events = POLLOUT };
            poll(&pfd, 1, 100);
            continue;
        }
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return;
        }
        p += n;
        len -= n;
    }
}

Chardev *chardev_mux(Chardev *c)
{
    c->mux = true;
    return c;
}

Chardev *chardev_find(const char *id)
{
    for (guint i = 0; all && i < all->len; i++) {
        Chardev *c = g_ptr_array_index(all, i);
        if (c->id && !strcmp(c->id, id)) {
            return c;
        }
    }
    return NULL;
}

const char *chardev_id(const Chardev *c)
{
    return c->id ? c->id : "";
}

void chardev_set_id(Chardev *c, const char *id)
{
    if (!c->id) {
        c->id = g_strdup(id);
    }
}

bool chardev_busy(const Chardev *c)
{
    return c->fronts >= (c->mux ? MUX_MAX : 1);
}

static Chardev *make(int in, int out)
{
    Chardev *c = g_new0(Chardev, 1);

    c->in = in;
    c->out = out;
    if (!all) {
        all = g_ptr_array_new();
    }
    g_ptr_array_add(all, c);
    return c;
}

static Chardev *open_stdio(GError **err)
{
    static bool taken;

    if (taken) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_EXISTS, "cannot use stdio by multiple character devices");
        return NULL;
    }
    taken = true;
    if (isatty(0)) {
        struct termios t;
        tcgetattr(0, &saved_tty);
        t = saved_tty;
        t.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
        t.c_oflag |= OPOST;
        t.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN);
        t.c_cflag = (t.c_cflag & ~(CSIZE | PARENB)) | CS8;
        t.c_cc[VMIN] = 1;
        t.c_cc[VTIME] = 0;
        tcsetattr(0, TCSANOW, &t);
        tty_raw = true;
    }
    return make(0, 1);
}

static Chardev *open_pty(GError **err)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY);

    if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0) {
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "Failed to create pty: %s", g_strerror(errno));
        return NULL;
    }
    struct termios t;
    int slave = open(ptsname(fd), O_RDWR | O_NOCTTY);
    if (slave >= 0) {
        tcgetattr(slave, &t);
        cfmakeraw(&t);
        tcsetattr(slave, TCSANOW, &t);
    }
    g_printerr("char device redirected to %s\n", ptsname(fd));
    return make(fd, fd);
}

static void use_connection(Chardev *c, GSocketConnection *conn)
{
    int fd = g_socket_get_fd(g_socket_connection_get_socket(conn));

    g_set_object(&c->conn, conn);
    c->in = c->out = fd;
    start_input(c);
}

static void accepted(GObject *src, GAsyncResult *res, gpointer opaque)
{
    Chardev *c = opaque;
    g_autoptr(GSocketConnection) conn = g_socket_listener_accept_finish(c->listener, res, NULL, NULL);

    if (conn) {
        use_connection(c, conn);
    }
    g_socket_listener_accept_async(c->listener, NULL, accepted, c);
}

static Chardev *open_socket(GSocketAddress *addr, bool server, bool wait, const char *text, GError **err)
{
    g_autoptr(GError) why = NULL;
    Chardev *c = make(-1, -1);

    if (server) {
        c->listener = g_socket_listener_new();
        if (G_IS_UNIX_SOCKET_ADDRESS(addr)) {
            unlink(g_unix_socket_address_get_path(G_UNIX_SOCKET_ADDRESS(addr)));
        }
        if (!g_socket_listener_add_address(c->listener, addr, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL,
                                           NULL, &why)) {
            g_set_error(err, why->domain, why->code, "Failed to listen on %s: %s", text, why->message);
            return NULL;
        }
        if (wait) {
            g_printerr("qemu-system-ppc64: info: QEMU waiting for connection on: disconnected:%s,server=on\n", text);
            g_autoptr(GSocketConnection) conn = g_socket_listener_accept(c->listener, NULL, NULL, &why);
            if (conn) {
                use_connection(c, conn);
            }
        }
        g_socket_listener_accept_async(c->listener, NULL, accepted, c);
        return c;
    }
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketConnection) conn = g_socket_client_connect(client, G_SOCKET_CONNECTABLE(addr), NULL, &why);
    if (!conn) {
        g_set_error(err, why->domain, why->code, "Failed to connect to %s: %s", text, why->message);
        return NULL;
    }
    use_connection(c, conn);
    return c;
}

typedef struct SocketSpec { char *path, *host, *port; bool server, wait; } SocketSpec;

static Chardev *open_socket_spec(const SocketSpec *s, GError **err)
{
    if (s->path) {
        g_autoptr(GSocketAddress) a = g_unix_socket_address_new(s->path);
        g_autofree char *text = g_strdup_printf("unix:%s", s->path);
        return open_socket(a, s->server, s->wait, text, err);
    }
    const char *host = s->host && *s->host ? s->host : s->server ? "0.0.0.0" : "127.0.0.1";
    if (!g_strcmp0(host, "localhost")) {
        host = "127.0.0.1";
    }
    g_autoptr(GSocketAddress) a = s->port ? g_inet_socket_address_new_from_string(host, atoi(s->port)) : NULL;
    g_autofree char *text = g_strdup_printf("tcp:%s:%s", host, s->port);
    if (!a) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is not an address and port", text);
        return NULL;
    }
    return open_socket(a, s->server, s->wait, text, err);
}

static bool on(const char *v)
{
    return !v || !strcmp(v, "on") || !strcmp(v, "yes");
}

static Chardev *open_legacy_socket(const char *rest, bool unix_socket, GError **err)
{
    g_auto(GStrv) w = g_strsplit(rest, ",", -1);
    SocketSpec s = { .wait = true };
    g_auto(GStrv) hp = NULL;

    for (char **o = w + 1; w[0] && *o; o++) {
        char *eq = strchr(*o, '=');
        if (!strncmp(*o, "server", 6)) {
            s.server = on(eq ? eq + 1 : NULL);
        } else if (!strcmp(*o, "nowait")) {
            s.wait = false;
        } else if (!strncmp(*o, "wait", 4)) {
            s.wait = on(eq ? eq + 1 : NULL);
        } else {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid parameter '%s'", *o);
            return NULL;
        }
    }
    if (unix_socket) {
        s.path = w[0];
    } else {
        hp = g_strsplit(w[0], ":", 2);
        s.host = hp[0];
        s.port = hp[0] ? hp[1] : NULL;
    }
    return open_socket_spec(&s, err);
}

static Chardev *open_file(const char *path, GError **err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (fd < 0) {
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "Could not open '%s': %s", path,
                    g_strerror(errno));
        return NULL;
    }
    return make(-1, fd);
}

static Chardev *open_pipe(const char *path, GError **err)
{
    g_autofree char *in = g_strconcat(path, ".in", NULL), *out = g_strconcat(path, ".out", NULL);
    int i = open(in, O_RDWR | O_CLOEXEC), o = open(out, O_RDWR | O_CLOEXEC);

    if (i < 0 || o < 0) {
        i = o = open(path, O_RDWR | O_CLOEXEC);
    }
    if (i < 0) {
        g_set_error(err, G_IO_ERROR, g_io_error_from_errno(errno), "Could not open '%s': %s", path,
                    g_strerror(errno));
        return NULL;
    }
    return make(i, o);
}

Chardev *chardev_open(const char *spec, GError **err)
{
    if (!strcmp(spec, "stdio")) {
        return open_stdio(err);
    }
    if (g_str_has_prefix(spec, "mon:")) {
        Chardev *c = chardev_open(spec + 4, err);
        return c ? chardev_mux(c) : NULL;
    }
    if (!strcmp(spec, "null") || !strcmp(spec, "none")) {
        return make(-1, -1);
    }
    if (!strcmp(spec, "pty")) {
        return open_pty(err);
    }
    if (g_str_has_prefix(spec, "file:")) {
        return open_file(spec + 5, err);
    }
    if (g_str_has_prefix(spec, "pipe:")) {
        return open_pipe(spec + 5, err);
    }
    if (g_str_has_prefix(spec, "unix:")) {
        return open_legacy_socket(spec + 5, true, err);
    }
    if (g_str_has_prefix(spec, "tcp:")) {
        return open_legacy_socket(spec + 4, false, err);
    }
    const char *id = g_str_has_prefix(spec, "chardev:") ? spec + 8 : NULL;
    if (id && chardev_find(id)) {
        return chardev_find(id);
    }
    g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                id ? "Chardev '%s' not found" : "'%s' is not a character device this build has (stdio, null, "
                "file:, pipe:, pty, tcp:, unix:, chardev:, each also after mon:)", id ? id : spec);
    return NULL;
}

Chardev *chardev_create(const char *options, GError **err)
{
    g_auto(GStrv) w = g_strsplit(options, ",", -1);
    const char *id = NULL, *path = NULL, *mux = NULL;
    SocketSpec s = { .wait = true };
    Chardev *c = NULL;

    for (char **o = w + 1; w[0] && *o; o++) {
        char *eq = strchr(*o, '='), *v = eq ? eq + 1 : NULL;
        if (eq) {
            *eq = 0;
        }
        if (!strcmp(*o, "id")) {
            id = v;
        } else if (!strcmp(*o, "path")) {
            path = s.path = v;
        } else if (!strcmp(*o, "host")) {
            s.host = v;
        } else if (!strcmp(*o, "port")) {
            s.port = v;
        } else if (!strcmp(*o, "server")) {
            s.server = on(v);
        } else if (!strcmp(*o, "wait")) {
            s.wait = on(v);
        } else if (!strcmp(*o, "nowait")) {
            s.wait = false;
        } else if (!strcmp(*o, "mux")) {
            mux = v ? v : "on";
        } else if (strcmp(*o, "signal")) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid parameter '%s'", *o);
            return NULL;
        }
    }
    if (!id) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "chardev: no id specified");
        return NULL;
    }
    if (chardev_find(id)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Duplicate ID '%s' for chardev", id);
        return NULL;
    }
    if (!strcmp(w[0], "socket") && !s.path && !s.port) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "chardev: socket: neither path nor port given");
    } else if ((!strcmp(w[0], "file") || !strcmp(w[0], "pipe")) && !path) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "chardev: %s: no %s given", w[0],
                    *w[0] == 'f' ? "filename" : "device path");
    } else if (!strcmp(w[0], "socket")) {
        c = open_socket_spec(&s, err);
    } else if (!strcmp(w[0], "file") || !strcmp(w[0], "pipe")) {
        c = !strcmp(w[0], "file") ? open_file(path, err) : open_pipe(path, err);
    } else if (!strcmp(w[0], "stdio") || !strcmp(w[0], "null") || !strcmp(w[0], "pty")) {
        c = chardev_open(w[0], err);
    } else {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is not a valid char driver name", w[0]);
    }
    if (c) {
        c->id = g_strdup(id);
        c->mux = mux && on(mux);
    }
    return c;
}
