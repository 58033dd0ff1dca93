/*
 * Sockets: listening or connecting, TCP (plain or telnet) or UNIX. One connection at a time; a server that lost its client
 * listens again, a client with reconnect=N tries every N seconds.
 *
 * Plain system calls rather than GIO's socket classes: the errors have to be the host's own words, as QEMU gives them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-int.h"
#include "system/cpus.h"
#include "system/report.h"
#include "system/runstate.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

const OptDesc char_socket_params[] = {
    { "path", OPT_STRING }, { "host", OPT_STRING }, { "port", OPT_STRING }, { "fd", OPT_STRING }, { "to", OPT_NUMBER },
    { "ipv4", OPT_BOOL }, { "ipv6", OPT_BOOL }, { "server", OPT_BOOL }, { "wait", OPT_BOOL }, { "telnet", OPT_BOOL },
    { "nodelay", OPT_BOOL }, { "delay", OPT_BOOL }, { "reconnect", OPT_NUMBER }, { "abstract", OPT_BOOL },
    { "tight", OPT_BOOL }, { NULL },
};

typedef struct CharSocket {
    bool server, telnet, nodelay, is_unix;
    char *path, *host, *port;
    int family;
    unsigned reconnect, to;
    bool abstract;
    int listener, connecting;
    guint listen_watch, connect_watch, timer;
    char *local, *remote;           /* "127.0.0.1:5000": of a listener or connection */
    enum { TEXT, IAC, OPTION, SUB, SUB_IAC } telnet_state;
    GByteArray *kept;               /* what the other end has not read yet */
    guint kept_watch;
} CharSocket;

#define KEPT_MOST (64u << 20)

static GPtrArray *socket_files;

void char_remove_socket_files(void)
{
    for (guint i = 0; socket_files && i < socket_files->len; i++) {
        unlink(g_ptr_array_index(socket_files, i));
    }
    g_clear_pointer(&socket_files, g_ptr_array_unref);
}

/* ---- addresses ---- */

static char *address_text(const struct sockaddr *sa, socklen_t len)
{
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (sa->sa_family == AF_UNIX) {
        const struct sockaddr_un *un = (const void *)sa;
        size_t n = len > offsetof(struct sockaddr_un, sun_path) ? strnlen(un->sun_path, sizeof(un->sun_path)) : 0;
        return g_strndup(un->sun_path, n);
    }
    if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV)) {
        return g_strdup("?");
    }
    return g_strdup_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static void note_addresses(CharSocket *s, int fd)
{
    struct sockaddr_storage sa;
    socklen_t n = sizeof(sa);

    g_clear_pointer(&s->local, g_free);
    g_clear_pointer(&s->remote, g_free);
    if (getsockname(fd, (struct sockaddr *)&sa, &n) == 0) {
        s->is_unix = sa.ss_family == AF_UNIX;
        s->local = address_text((struct sockaddr *)&sa, n);
    }
    n = sizeof(sa);
    if (getpeername(fd, (struct sockaddr *)&sa, &n) == 0) {
        s->remote = address_text((struct sockaddr *)&sa, n);
    }
}

/* What it listens on or wants to reach. */
static char *target_text(const CharSocket *s)
{
    return s->is_unix ? g_strdup(s->path ? s->path : "") : g_strdup_printf("%s:%s", s->host ? s->host : "", s->port ? s->port : "");
}

static bool unix_address(const CharSocket *s, struct sockaddr_un *un, socklen_t *len, GError **err)
{
    size_t n = strlen(s->path);

    memset(un, 0, sizeof(*un));
    un->sun_family = AF_UNIX;
    if (n + s->abstract >= sizeof(un->sun_path)) {
        return report_fail(err, "UNIX socket path '%s' is too long\nPath must be less than %zu bytes", s->path,
                           sizeof(un->sun_path));
    }
    memcpy(un->sun_path + s->abstract, s->path, n);
    *len = s->abstract ? offsetof(struct sockaddr_un, sun_path) + 1 + n : sizeof(*un);
    return true;
}

static struct addrinfo *resolve(const CharSocket *s, const char *port, GError **err)
{
    struct addrinfo hints = { .ai_family = s->family, .ai_socktype = SOCK_STREAM, .ai_flags = s->server ? AI_PASSIVE : 0 };
    struct addrinfo *list = NULL;
    const char *host = s->host && *s->host ? s->host : NULL;
    int r = getaddrinfo(host, port, &hints, &list);

    if (r) {
        report_fail(err, "address resolution failed for %s:%s: %s", s->host ? s->host : "", port, gai_strerror(r));
        return NULL;
    }
    return list;
}

static bool listen_unix(CharSocket *s, GError **err)
{
    struct sockaddr_un un;
    socklen_t len;

    if (!unix_address(s, &un, &len, err)) {
        return false;
    }
    if (!s->abstract && unlink(s->path) < 0 && errno != ENOENT) {
        return report_fail(err, "Failed to unlink socket %s: %s", s->path, g_strerror(errno));
    }
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->listener, (struct sockaddr *)&un, len) < 0) {
        return report_fail(err, "Failed to bind socket to %s: %s", s->path, g_strerror(errno));
    }
    if (!s->abstract) {
        if (!socket_files) {
            socket_files = g_ptr_array_new_with_free_func(g_free);
        }
        g_ptr_array_add(socket_files, g_strdup(s->path));
    }
    return true;
}

static bool listen_tcp(CharSocket *s, GError **err)
{
    unsigned first = atoi(s->port);
    int error = EADDRINUSE;

    for (unsigned p = first; p <= MAX(first, s->to); p++) {
        g_autofree char *port = p == first ? g_strdup(s->port) : g_strdup_printf("%u", p);
        struct addrinfo *list = resolve(s, port, err);
        if (!list) {
            return false;
        }
        for (struct addrinfo *a = list; a && s->listener < 0; a = a->ai_next) {
            int one = 1, fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (fd < 0) {
                error = errno;
                continue;
            }
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
            if (bind(fd, a->ai_addr, a->ai_addrlen) == 0) {
                s->listener = fd;
            } else {
                error = errno;
                close(fd);
            }
        }
        freeaddrinfo(list);
        if (s->listener >= 0) {
            return true;
        }
    }
    return report_fail(err, "Failed to find an available port: %s", g_strerror(error));
}

static bool start_listening(CharSocket *s, GError **err)
{
    if (!(s->is_unix ? listen_unix(s, err) : listen_tcp(s, err))) {
        return false;
    }
    if (listen(s->listener, 1) < 0) {
        return report_fail(err, "Failed to listen on socket: %s", g_strerror(errno));
    }
    return true;
}

/* A connected descriptor, one that is being connected (*pending), or -1. */
static int start_connecting(CharSocket *s, bool *pending, GError **err)
{
    g_autofree char *target = target_text(s);
    int fd = -1, error = 0;
    *pending = false;

    if (s->is_unix) {
        struct sockaddr_un un;
        socklen_t len;
        if (!unix_address(s, &un, &len, err)) {
            return -1;
        }
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&un, len) < 0) {
            error = errno;
            close(fd);
            fd = -1;
        }
    } else {
        struct addrinfo *list = resolve(s, s->port, err);
        if (!list) {
            return -1;
        }
        for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
            /* with reconnect= the main loop does not stand still for it */
            fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | (s->reconnect ? SOCK_NONBLOCK : 0), 0);
            if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
                *pending = errno == EINPROGRESS;
                error = errno;
                if (!*pending) {
                    close(fd);
                    fd = -1;
                }
            }
        }
        freeaddrinfo(list);
    }
    if (fd < 0) {
        report_fail(err, "Failed to connect to '%s': %s", target, g_strerror(error));
    }
    return fd;
}

/* ---- connections ---- */

static gboolean acceptable(gint fd, GIOCondition cond, gpointer opaque);
static gboolean try_again(gpointer opaque);

static void greet_telnet(int fd)
{
    /* will echo, will suppress go-ahead, both ways binary */
    static const uint8_t offer[] = { 255, 251, 1, 255, 251, 3, 255, 251, 0, 255, 253, 0 };

    if (send(fd, offer, sizeof(offer), MSG_NOSIGNAL) < 0) {
        return;     /* reading will notice */
    }
}

static void use(Chardev *c, int fd)
{
    CharSocket *s = c->socket;
    int one = 1;

    note_addresses(s, fd);
    if (!s->is_unix && s->nodelay) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    c->in = c->out = fd;
    g_clear_handle_id(&s->listen_watch, g_source_remove);
    if (s->telnet) {
        s->telnet_state = TEXT;
        greet_telnet(fd);
    }
    char_event(c, CHARDEV_OPENED);
    char_watch(c);
}

static void wait_for_next(Chardev *c)
{
    CharSocket *s = c->socket;

    if (s->server) {
        note_addresses(s, s->listener);
        if (!s->listen_watch) {
            s->listen_watch = g_unix_fd_add(s->listener, G_IO_IN, acceptable, c);
        }
    } else if (s->reconnect && !s->timer) {
        s->timer = g_timeout_add_seconds(s->reconnect, try_again, c);
    }
}

static gboolean acceptable(gint listener, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;

    bql_lock();
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        use(c, fd);         /* takes this watch away */
    }
    bql_unlock();
    return G_SOURCE_CONTINUE;
}

static void drop_passed(Chardev *c)
{
    for (int fd; (fd = chardev_take_fd(c)) >= 0;) {
        close(fd);
    }
}

#define PASSED_MAX 16

/* Descriptors that come replace those of earlier messages that nobody took. */
static ssize_t socket_receive(Chardev *c, void *buf, size_t room)
{
    union { struct cmsghdr head; char room[CMSG_SPACE(PASSED_MAX * sizeof(int))]; } control;
    struct iovec iov = { buf, room };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
    ssize_t n = recvmsg(c->in, &m, MSG_CMSG_CLOEXEC);
    bool first = true;

    for (struct cmsghdr *h = n >= 0 ? CMSG_FIRSTHDR(&m) : NULL; h; h = CMSG_NXTHDR(&m, h)) {
        if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
            if (first) {
                drop_passed(c);
                first = false;
            }
            if (!c->passed) {
                c->passed = g_array_new(FALSE, FALSE, sizeof(int));
            }
            g_array_append_vals(c->passed, CMSG_DATA(h), (h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        }
    }
    return n;
}

static void drop_kept(CharSocket *s)
{
    g_byte_array_set_size(s->kept, 0);
    g_clear_handle_id(&s->kept_watch, g_source_remove);
}

static void socket_hung_up(Chardev *c)
{
    drop_passed(c);
    drop_kept(c->socket);
    char_unwatch(c);
    close(c->in);
    c->in = c->out = -1;
    char_event(c, CHARDEV_CLOSED);
    wait_for_next(c);
}

static gboolean connect_done(gint fd, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;
    int error = 0;
    socklen_t n = sizeof(error);

    bql_lock();
    c->socket->connect_watch = 0;
    c->socket->connecting = -1;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
    if (error) {
        close(fd);
        wait_for_next(c);
    } else {
        use(c, fd);
    }
    bql_unlock();
    return G_SOURCE_REMOVE;
}

static gboolean try_again(gpointer opaque)
{
    Chardev *c = opaque;
    CharSocket *s = c->socket;
    bool pending;

    bql_lock();
    s->timer = 0;
    int fd = start_connecting(s, &pending, NULL);
    if (fd < 0) {
        wait_for_next(c);
    } else if (pending) {
        s->connecting = fd;
        s->connect_watch = g_unix_fd_add(fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, connect_done, c);
    } else {
        use(c, fd);
    }
    bql_unlock();
    return G_SOURCE_REMOVE;
}

/* ---- telnet (RFC 854): commands out of the input, 255 doubled in the output ---- */

static int telnet_filter(Chardev *c, uint8_t *buf, int len)
{
    CharSocket *s = c->socket;
    int n = 0;

    for (int i = 0; i < len; i++) {
        uint8_t b = buf[i];
        switch (s->telnet_state) {
        case TEXT:
            if (b == 255) {
                s->telnet_state = IAC;
            } else {
                buf[n++] = b;
            }
            break;
        case IAC:
            s->telnet_state = b >= 251 && b <= 254 ? OPTION : b == 250 ? SUB : TEXT;
            if (b == 255) {
                buf[n++] = b;
            } else if (b == 243) {
                char_event(c, CHARDEV_BREAK);
            }
            break;
        case OPTION: s->telnet_state = TEXT; break;
        case SUB: s->telnet_state = b == 255 ? SUB_IAC : SUB; break;
        case SUB_IAC: s->telnet_state = b == 240 ? TEXT : SUB; break;
        }
    }
    return n;
}

/* All that is kept is sent first. As much as goes without waiting; false: the connection is broken, which reading notices, too. */
static bool send_kept(Chardev *c)
{
    GByteArray *kept = c->socket->kept;
    ssize_t n = 1;
    guint sent = 0;

    while (sent < kept->len && n > 0) {
        n = send(c->out, kept->data + sent, kept->len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += MAX(n, 0);
    }
    bool ok = n > 0 || errno == EAGAIN || errno == EINTR;
    g_byte_array_remove_range(kept, 0, sent);
    return ok;
}

static void keep(Chardev *c, const uint8_t *buf, size_t len)
{
    GByteArray *kept = c->socket->kept;

    if (!c->socket->telnet) {
        g_byte_array_append(kept, buf, len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        g_byte_array_append(kept, &buf[i], 1);
        if (buf[i] == 255) {
            g_byte_array_append(kept, &buf[i], 1);
        }
    }
}

static void socket_write(Chardev *c, const uint8_t *buf, size_t len)
{
    if (c->out < 0) {
        return;
    }
    keep(c, buf, len);
    while (c->socket->kept->len && c->out >= 0) {
        struct pollfd pfd = { .fd = c->out, .events = POLLOUT };
        bool quitting = runstate_quitting();
        int ready = poll(&pfd, 1, quitting ? 0 : 100);
        if ((quitting && ready <= 0) || (ready > 0 && !send_kept(c))) {
            g_byte_array_set_size(c->socket->kept, 0);
        }
    }
}

static gboolean has_room(gint fd, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;

    bql_lock();
    bool all = !send_kept(c) || !c->socket->kept->len;
    if (all) {
        c->socket->kept_watch = 0;
        g_byte_array_set_size(c->socket->kept, 0);
        chardev_accept_input(c);
    }
    bql_unlock();
    return all ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void socket_write_later(Chardev *c, const uint8_t *buf, size_t len)
{
    CharSocket *s = c->socket;

    if (c->out < 0) {
        return;
    }
    if (s->kept->len + len > KEPT_MOST) {
        socket_write(c, buf, len);
        return;
    }
    keep(c, buf, len);
    if (!send_kept(c)) {
        g_byte_array_set_size(s->kept, 0);
    } else if (s->kept->len && !s->kept_watch) {
        s->kept_watch = g_unix_fd_add(c->out, G_IO_OUT | G_IO_HUP | G_IO_ERR, has_room, c);
    }
}

static size_t socket_kept(const Chardev *c)
{
    return c->socket->kept->len;
}

/* ---- opening ---- */

static void describe(const Chardev *c, GString *out)
{
    const CharSocket *s = c->socket;
    g_autofree char *target = target_text(s);

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
    const int fds[] = { c->in, s->listener, s->connecting };

    g_clear_handle_id(&s->listen_watch, g_source_remove);
    g_clear_handle_id(&s->connect_watch, g_source_remove);
    g_clear_handle_id(&s->timer, g_source_remove);
    g_clear_handle_id(&s->kept_watch, g_source_remove);
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
        .listener = -1, .connecting = -1, .path = g_strdup(path && *path ? path : NULL), .host = g_strdup(host),
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

    s->listener = s->connecting = -1;
    c->close = socket_close;
    if (!parse(s, o, &fd, err)) {
        return false;
    }
    c->describe = describe;
    c->write = socket_write;
    c->write_later = socket_write_later;
    c->kept = socket_kept;
    c->receive = socket_receive;
    c->hung_up = socket_hung_up;
    c->filter = s->telnet ? telnet_filter : NULL;
    if (s->server) {
        s->listener = fd;
        if (fd < 0 && !start_listening(s, err)) {
            return false;
        }
        note_addresses(s, s->listener);
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
        fd = start_connecting(s, &pending, s->reconnect ? NULL : err);
        if (fd < 0) {
            wait_for_next(c);
            return s->reconnect != 0;
        }
        if (pending) {
            s->connecting = fd;
            s->connect_watch = g_unix_fd_add(fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, connect_done, c);
            return true;
        }
    }
    use(c, fd);
    return true;
}
