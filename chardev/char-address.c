/*
 * Where sockets of character devices are: addresses, listening and connecting there.
 *
 * Plain system calls rather than GIO's socket classes: the errors have to be the host's own words, as QEMU gives them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-socket-int.h"
#include "system/report.h"
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static GPtrArray *socket_files;

void char_remove_socket_files(void)
{
    for (guint i = 0; socket_files && i < socket_files->len; i++) {
        unlink(g_ptr_array_index(socket_files, i));
    }
    g_clear_pointer(&socket_files, g_ptr_array_unref);
}

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

void char_note_addresses(CharSocket *s, int fd)
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

char *char_target_text(const CharSocket *s)
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

bool char_listen(CharSocket *s, GError **err)
{
    if (!(s->is_unix ? listen_unix(s, err) : listen_tcp(s, err))) {
        return false;
    }
    if (listen(s->listener, 1) < 0) {
        return report_fail(err, "Failed to listen on socket: %s", g_strerror(errno));
    }
    return true;
}

int char_connect(CharSocket *s, bool *pending, GError **err)
{
    g_autofree char *target = char_target_text(s);
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
        struct addrinfo *a = list;
        for (unsigned i = 0; a && i < s->address; i++) {
            a = a->ai_next;
        }
        for (; a && fd < 0; a = a->ai_next) {
            s->address++;
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
    if (fd < 0 || !*pending) {
        s->address = 0;
    }
    if (fd < 0) {
        report_fail(err, "Failed to connect to '%s': %s", target, g_strerror(error));
    }
    return fd;
}
