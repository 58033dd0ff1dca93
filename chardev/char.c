/*
 * See char.h: the registry, reading and writing descriptors, the short forms of the command line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-int.h"
#include "system/cpus.h"
#include "system/report.h"
#include "system/runstate.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static GPtrArray *all;

/* ---- who serves it ---- */

void char_lock(Chardev *c)
{
    if (c->context) {
        g_rec_mutex_lock(&c->lock);
    } else {
        bql_lock();
    }
}

void char_unlock(Chardev *c)
{
    if (c->context) {
        g_rec_mutex_unlock(&c->lock);
    } else {
        bql_unlock();
    }
}

void chardev_hold(const Chardev *c)
{
    if (c->context) {
        g_rec_mutex_lock((GRecMutex *)&c->lock);
    }
}

void chardev_release(const Chardev *c)
{
    if (c->context) {
        g_rec_mutex_unlock((GRecMutex *)&c->lock);
    }
}

static guint add(Chardev *c, GSource *s, GSourceFunc fn)
{
    g_source_set_callback(s, fn, c, NULL);
    guint id = g_source_attach(s, c->context);
    g_source_unref(s);
    return id;
}

guint char_fd_add(Chardev *c, int fd, GIOCondition cond, GUnixFDSourceFunc fn)
{
    return add(c, g_unix_fd_source_new(fd, cond), (GSourceFunc)(void (*)(void))fn);
}

guint char_timeout_add(Chardev *c, unsigned ms, GSourceFunc fn)
{
    return add(c, g_timeout_source_new(ms), fn);
}

void char_drop(Chardev *c, guint *id)
{
    GSource *s = *id ? g_main_context_find_source_by_id(c->context, *id) : NULL;

    if (s) {
        g_source_destroy(s);
    }
    *id = 0;
}

void chardev_serve_beside(Chardev *c, GMainContext *context)
{
    g_assert(!c->mux && !c->fronts && !c->context);
    g_rec_mutex_init(&c->lock);
    g_rec_mutex_lock(&c->lock);     /* that thread may serve what is made here at once */
    if (c->move) {
        c->move(c, context);
    } else {
        c->context = context;
    }
    g_rec_mutex_unlock(&c->lock);
}

/* ---- descriptors ---- */

void char_deliver(Chardev *c, const uint8_t *buf, int len)
{
    Front *f = &c->front[0];

    if (len > 0 && c->fronts && f->h->receive) {
        f->h->receive(f->opaque, buf, len);
    }
}

int char_room(Chardev *c)
{
    Front *f = &c->front[0];

    return !c->fronts ? 0 : f->h->can_receive ? f->h->can_receive(f->opaque) : 4096;
}

void char_event(Chardev *c, ChardevEvent e)
{
    c->open = e == CHARDEV_OPENED ? true : e == CHARDEV_CLOSED ? false : c->open;
    for (int i = 0; i < c->fronts; i++) {
        if (c->front[i].h->event) {
            c->front[i].h->event(c->front[i].opaque, e);
        }
    }
}

/* true: it goes on with the watch that there is. */
static bool read_some(Chardev *c, int fd)
{
    uint8_t buf[1024];
    bool more = false;

    int room = char_room(c);
    ssize_t n = room <= 0 ? 0 : c->receive ? c->receive(c, buf, MIN((size_t)room, sizeof(buf))) : read(fd, buf, MIN((size_t)room, sizeof(buf)));
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
        more = true;
        if (n > 0) {
            int len = c->filter ? c->filter(c, buf, n) : n;
            if (c->context) {           /* who gets it may take its time, and others have something to write */
                g_rec_mutex_unlock(&c->lock);
            }
            char_deliver(c, buf, len);
            if (c->context) {
                g_rec_mutex_lock(&c->lock);
            }
        }
        if (c->in != fd) {          /* what was received closed it */
            more = false;
        }
    } else {
        c->watch = 0;               /* no room: chardev_accept_input() starts it again */
        if (room > 0 && c->hung_up) {
            c->hung_up(c);
        }
    }
    return more;
}

static gboolean readable(gint fd, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;

    char_lock(c);
    bool more = read_some(c, fd);
    if (more && c->pending && c->pending(c)) {      /* the descriptor will not tell of the rest */
        c->watch = 0;
        char_watch(c);
        more = false;
    }
    char_unlock(c);
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean read_pending(gpointer opaque)
{
    Chardev *c = opaque;
    int fd = c->in;

    char_lock(c);
    bool more = fd >= 0 && read_some(c, fd);
    if (more && !c->pending(c)) {
        c->watch = 0;
        char_watch(c);
        more = false;
    }
    char_unlock(c);
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

int chardev_take_fd(Chardev *c)
{
    int fd = -1;

    chardev_hold(c);
    if (c->passed && c->passed->len) {
        fd = g_array_index(c->passed, int, 0);
        g_array_remove_index(c->passed, 0);
    }
    chardev_release(c);
    return fd;
}

void char_watch(Chardev *c)
{
    if (!c->watch && c->in >= 0 && c->fronts) {
        c->watch = c->pending && c->pending(c) ? char_timeout_add(c, 0, read_pending) : char_fd_add(c, c->in, G_IO_IN | G_IO_HUP, readable);
    }
}

void char_unwatch(Chardev *c)
{
    char_drop(c, &c->watch);
}

void chardev_accept_input(Chardev *c)
{
    chardev_hold(c);
    if (c->accept_input) {
        c->accept_input(c);
    } else {
        char_watch(c);
    }
    chardev_release(c);
}

/*
 * The descriptor may be somebody's terminal and is therefore never made non-blocking; once poll() says that there is room,
 * a pipe or terminal takes at least this much at once.
 */
#define CHUNK 512

static void write_all(int fd, const uint8_t *p, size_t len)
{
    while (len) {
        struct pollfd pfd = { .fd = fd, .events = POLLOUT };
        bool quitting = runstate_quitting();
        int ready = poll(&pfd, 1, quitting ? 0 : 100);
        if (quitting && ready <= 0) {
            return;
        }
        if (ready > 0 && pfd.revents & (POLLERR | POLLHUP | POLLNVAL)) {
            return;
        }
        ssize_t n = ready > 0 ? write(fd, p, MIN(len, CHUNK)) : 0;
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return;
        }
        p += MAX(n, 0);
        len -= MAX(n, 0);
    }
}

static void write_by(Chardev *c, void (*fn)(Chardev *, const uint8_t *, size_t), const void *buf, size_t len)
{
    chardev_hold(c);
    if (c->log >= 0) {
        write_all(c->log, buf, len);
    }
    if (fn) {
        fn(c, buf, len);
    } else if (c->out >= 0) {
        write_all(c->out, buf, len);
    }
    chardev_release(c);
}

void chardev_write(Chardev *c, const void *buf, size_t len)
{
    write_by(c, c->write, buf, len);
}

void chardev_write_later(Chardev *c, const void *buf, size_t len)
{
    write_by(c, c->write_later ? c->write_later : c->write, buf, len);
}

size_t chardev_kept(const Chardev *c)
{
    chardev_hold(c);
    size_t n = c->kept ? c->kept(c) : 0;
    chardev_release(c);
    return n;
}

void chardev_send_break(Chardev *c)
{
    chardev_hold(c);
    char_event(c, CHARDEV_BREAK);
    chardev_release(c);
}

/* ---- front ends ---- */

bool chardev_is_mux(const Chardev *c)
{
    return c->mux != NULL;
}

const char *chardev_id(const Chardev *c)
{
    return c->id;
}

bool chardev_busy(const Chardev *c)
{
    return c->fronts == (c->mux ? MUX_FRONTS : 1);
}

bool chardev_attach(Chardev *c, const ChardevHandlers *h, void *opaque, GError **err)
{
    if (chardev_busy(c)) {
        return report_fail(err, c->mux ? "too many uses of multiplexed chardev '%s' (maximum is 4)" : "Device '%s' is in use",
                           c->id);
    }
    chardev_hold(c);
    c->front[c->fronts] = (Front){ .h = h, .opaque = opaque, .held = c->mux ? g_byte_array_new() : NULL };
    c->focus = c->fronts++;
    if (c->open && h->event) {
        h->event(opaque, CHARDEV_OPENED);
    }
    chardev_accept_input(c);
    chardev_release(c);
    return true;
}

void chardev_detach(Chardev *c, const ChardevHandlers *h, void *opaque)
{
    int i = 0;

    while (i < c->fronts && (c->front[i].h != h || c->front[i].opaque != opaque)) {
        i++;
    }
    if (i == c->fronts) {
        return;
    }
    if (c->front[i].held) {
        g_byte_array_unref(c->front[i].held);
    }
    memmove(&c->front[i], &c->front[i + 1], (c->fronts - i - 1) * sizeof(Front));
    c->fronts--;
    c->focus = c->focus > i || c->focus == c->fronts ? MAX(c->focus - 1, 0) : c->focus;
    if (!c->fronts) {
        char_unwatch(c);
    }
}

/* ---- the registry ---- */

void char_register(Chardev *c)
{
    if (!all) {
        all = g_ptr_array_new();
    }
    g_ptr_array_add(all, c);
}

Chardev *chardev_find(const char *id)
{
    for (guint i = 0; all && i < all->len; i++) {
        Chardev *c = g_ptr_array_index(all, i);
        if (!strcmp(c->id, id)) {
            return c;
        }
    }
    return NULL;
}

void char_discard(Chardev *c)
{
    char_unwatch(c);
    if (c->close) {
        c->close(c);
    }
    if (c->log >= 0) {
        close(c->log);
    }
    g_free(c->id);
    g_free(c);
}

bool chardev_remove(const char *id, GError **err)
{
    Chardev *c = chardev_find(id);

    if (!c) {
        return report_fail(err, "Chardev '%s' not found", id);
    }
    if (c->fronts) {
        return report_fail(err, "Chardev '%s' is busy", id);
    }
    g_ptr_array_remove(all, c);
    char_discard(c);
    return true;
}

Chardev *chardev_nth(guint n)
{
    return all && n < all->len ? g_ptr_array_index(all, n) : NULL;
}

void chardev_describe(const Chardev *c, GString *out)
{
    chardev_hold(c);
    if (c->describe) {
        c->describe(c, out);
    } else {
        g_string_append(out, c->backend->name);
    }
    chardev_release(c);
}

bool chardev_frontend_open(const Chardev *c)
{
    return c->fronts > 0;
}

void chardev_cleanup(void)
{
    char_restore_terminal();
    char_remove_socket_files();
}
