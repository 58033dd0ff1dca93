/*
 * The bytes of a character device's socket: telnet's commands, descriptors that come with them, and what the other end has not read yet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-socket-int.h"
#include "system/runstate.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEPT_MOST (64u << 20)

/* ---- what comes ---- */

static void drop_passed(Chardev *c)
{
    for (int fd; (fd = chardev_take_fd(c)) >= 0;) {
        close(fd);
    }
}

#define PASSED_MAX 16

/* Descriptors that come replace those of earlier messages that nobody took. */
static ssize_t receive_plain(Chardev *c, void *buf, size_t room)
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

ssize_t char_stream_receive(Chardev *c, void *buf, size_t room)
{
    TlsStep wait;

    return c->socket->tls ? tls_session_read(c->socket->tls, buf, room, &wait, NULL) : receive_plain(c, buf, room);
}

bool char_stream_pending(const Chardev *c)
{
    return c->socket->tls && c->in >= 0 && tls_session_pending(c->socket->tls);
}

/* ---- telnet (RFC 854): commands out of the input, 255 doubled in the output ---- */

int char_stream_filter(Chardev *c, uint8_t *buf, int len)
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

    TlsSession *tls = c->socket->tls;
    TlsStep wait;

    while (sent < kept->len && n > 0) {
        n = tls ? tls_session_write(tls, kept->data + sent, kept->len - sent, &wait, NULL)
            : send(c->out, kept->data + sent, kept->len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
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

void char_stream_write(Chardev *c, const uint8_t *buf, size_t len)
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

    char_lock(c);
    bool all = !send_kept(c) || !c->socket->kept->len;
    if (all) {
        c->socket->kept_watch = 0;
        g_byte_array_set_size(c->socket->kept, 0);
        chardev_accept_input(c);
    }
    char_unlock(c);
    return all ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

void char_stream_write_later(Chardev *c, const uint8_t *buf, size_t len)
{
    CharSocket *s = c->socket;

    if (c->out < 0) {
        return;
    }
    if (s->kept->len + len > KEPT_MOST) {
        char_stream_write(c, buf, len);
        return;
    }
    keep(c, buf, len);
    if (!send_kept(c)) {
        g_byte_array_set_size(s->kept, 0);
    } else if (s->kept->len && !s->kept_watch) {
        s->kept_watch = char_fd_add(c, c->out, G_IO_OUT | G_IO_HUP | G_IO_ERR, has_room);
    }
}

size_t char_stream_kept(const Chardev *c)
{
    return c->socket->kept->len;
}

/* ---- connections ---- */

static void greet_telnet(Chardev *c)
{
    /* will echo, will suppress go-ahead, both ways binary */
    static const uint8_t offer[] = { 255, 251, 1, 255, 251, 3, 255, 251, 0, 255, 253, 0 };

    g_byte_array_append(c->socket->kept, offer, sizeof(offer));
    send_kept(c);           /* what goes wrong, reading will notice */
}

void char_stream_begin(Chardev *c)
{
    if (c->socket->telnet) {
        c->socket->telnet_state = TEXT;
        greet_telnet(c);
    }
}

void char_stream_end(Chardev *c)
{
    drop_passed(c);
    g_clear_pointer(&c->socket->tls, tls_session_unref);
    g_byte_array_set_size(c->socket->kept, 0);
    char_drop(c, &c->socket->kept_watch);
}
