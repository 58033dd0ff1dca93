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

/* For functions that others call: who calls has the big lock, where that is the one. */
static void enter(const Chardev *c)
{
    if (c->context) {
        g_rec_mutex_lock((GRecMutex *)&c->lock);
    }
}

static void leave(const Chardev *c)
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

static gboolean readable(gint fd, GIOCondition cond, gpointer opaque)
{
    Chardev *c = opaque;
    uint8_t buf[1024];
    gboolean more = G_SOURCE_REMOVE;

    char_lock(c);
    int room = char_room(c);
    ssize_t n = room <= 0 ? 0 : c->receive ? c->receive(c, buf, MIN((size_t)room, sizeof(buf))) : read(fd, buf, MIN((size_t)room, sizeof(buf)));
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
        more = G_SOURCE_CONTINUE;
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
            more = G_SOURCE_REMOVE;
        }
    } else {
        c->watch = 0;               /* no room: chardev_accept_input() starts it again */
        if (room > 0 && c->hung_up) {
            c->hung_up(c);
        }
    }
    char_unlock(c);
    return more;
}

int chardev_take_fd(Chardev *c)
{
    int fd = -1;

    enter(c);
    if (c->passed && c->passed->len) {
        fd = g_array_index(c->passed, int, 0);
        g_array_remove_index(c->passed, 0);
    }
    leave(c);
    return fd;
}

void char_watch(Chardev *c)
{
    if (!c->watch && c->in >= 0 && c->fronts) {
        c->watch = char_fd_add(c, c->in, G_IO_IN | G_IO_HUP, readable);
    }
}

void char_unwatch(Chardev *c)
{
    char_drop(c, &c->watch);
}

void chardev_accept_input(Chardev *c)
{
    enter(c);
    if (c->accept_input) {
        c->accept_input(c);
    } else {
        char_watch(c);
    }
    leave(c);
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
    enter(c);
    if (c->log >= 0) {
        write_all(c->log, buf, len);
    }
    if (fn) {
        fn(c, buf, len);
    } else if (c->out >= 0) {
        write_all(c->out, buf, len);
    }
    leave(c);
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
    enter(c);
    size_t n = c->kept ? c->kept(c) : 0;
    leave(c);
    return n;
}

void chardev_send_break(Chardev *c)
{
    enter(c);
    char_event(c, CHARDEV_BREAK);
    leave(c);
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
    enter(c);
    c->front[c->fronts] = (Front){ .h = h, .opaque = opaque, .held = c->mux ? g_byte_array_new() : NULL };
    c->focus = c->fronts++;
    if (c->open && h->event) {
        h->event(opaque, CHARDEV_OPENED);
    }
    chardev_accept_input(c);
    leave(c);
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

static void discard(Chardev *c)
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
    discard(c);
    return true;
}

Chardev *chardev_nth(guint n)
{
    return all && n < all->len ? g_ptr_array_index(all, n) : NULL;
}

void chardev_describe(const Chardev *c, GString *out)
{
    enter(c);
    if (c->describe) {
        c->describe(c, out);
    } else {
        g_string_append(out, c->backend->name);
    }
    leave(c);
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

/* ---- opening ---- */

static bool open_null(Chardev *c, const Opts *o, GError **err)
{
    c->open = true;
    return true;
}

static const OptDesc no_params[] = { { NULL } };
static const OptDesc common_params[] = {
    { "backend", OPT_STRING }, { "mux", OPT_BOOL }, { "logfile", OPT_STRING }, { "logappend", OPT_BOOL }, { NULL },
};

static const CharBackend char_backends[] = {
    { "stdio", char_stdio_params, char_open_stdio },
    { "vc", no_params, open_null },             /* a console of a display that this build does not have */
    { "pipe", char_path_params, char_open_pipe },
    { "pty", no_params, char_open_pty },
    { "null", no_params, open_null },
    { "socket", char_socket_params, char_open_socket },
    { "file", char_file_params, char_open_file },
    { "mux", char_mux_params, char_open_mux },
    { "ringbuf", char_ringbuf_params, char_open_ringbuf },
    { "memory", char_ringbuf_params, char_open_ringbuf },       /* its older name */
};

void chardev_help(GString *out)
{
    g_string_append(out, "Available chardev backend types: \n");
    for (unsigned i = 0; i < G_N_ELEMENTS(char_backends); i++) {
        g_string_append_printf(out, "  %s\n", char_backends[i].name);
    }
}

static bool known_param(const char *name, const char *value, void *opaque, GError **err)
{
    const CharBackend *b = opaque;

    for (const OptDesc *d = common_params; d->name; d++) {
        if (!strcmp(d->name, name)) {
            return true;
        }
    }
    g_autoptr(Opts) one = opts_new();
    opts_set(one, name, value);
    return opts_check(one, b->params, err);
}

static bool open_log(Chardev *c, const Opts *o, GError **err)
{
    const char *path = opts_get(o, "logfile");

    c->log = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (opts_bool(o, "logappend", false) ? O_APPEND : O_TRUNC), 0666) : -1;
    return !path || c->log >= 0 ? true : report_fail(err, "Could not create '%s': %s", path, g_strerror(errno));
}

static Chardev *make(const char *id, const CharBackend *b, const Opts *o, GError **err)
{
    Chardev *c = g_new0(Chardev, 1);

    *c = (Chardev){ .id = g_strdup(id), .in = -1, .out = -1, .log = -1, .backend = b };
    if (!open_log(c, o, err) || !b->open(c, o, err)) {
        discard(c);
        return NULL;
    }
    if (!all) {
        all = g_ptr_array_new();
    }
    g_ptr_array_add(all, c);
    return c;
}

static const CharBackend *find_backend(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(char_backends); i++) {
        if (!strcmp(char_backends[i].name, name)) {
            return &char_backends[i];
        }
    }
    return NULL;
}

/* With mux=on the id is the mux's, and the device below it is called ID-base. */
static Chardev *create(const Opts *o, GError **err)
{
    const char *id = opts_get(o, "id"), *name = opts_get(o, "backend");
    const CharBackend *b = name ? find_backend(name) : NULL;

    if (!id) {
        report_fail(err, "chardev: no id specified");
        return NULL;
    }
    if (!name) {
        report_fail(err, "chardev: \"%s\" missing backend", id);
        return NULL;
    }
    if (!b) {
        report_fail(err, "'%s' is not a valid char driver name", name);
        return NULL;
    }
    if (!opts_each(o, known_param, (void *)b, err)) {
        return NULL;
    }
    if (chardev_find(id)) {
        report_fail(err, "Duplicate ID '%s' for chardev", id);
        return NULL;
    }
    if (!opts_bool(o, "mux", false)) {
        return make(id, b, o, err);
    }
    g_autofree char *base_id = g_strdup_printf("%s-base", id);
    Chardev *base = make(base_id, b, o, err);
    g_autoptr(Opts) mux = opts_new();
    opts_set(mux, "chardev", base_id);
    return base ? make(id, find_backend("mux"), mux, err) : NULL;
}

static const OptDesc *every_param(void)
{
    static GArray *a;

    if (!a) {
        a = g_array_new(TRUE, FALSE, sizeof(OptDesc));
        for (const OptDesc *d = common_params; d->name; d++) {
            g_array_append_val(a, *d);
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(char_backends); i++) {
            for (const OptDesc *d = char_backends[i].params; d->name; d++) {
                bool known = false;
                for (guint j = 0; j < a->len; j++) {
                    known |= !strcmp(g_array_index(a, OptDesc, j).name, d->name);
                }
                if (!known) {
                    g_array_append_val(a, *d);
                }
            }
        }
    }
    return (const OptDesc *)(void *)a->data;
}

OPT_GROUP(chardev_group, .name = "chardev", .implied = "backend", .list = every_param);

Chardev *chardev_create(const char *options, GError **err)
{
    g_autoptr(Opts) o = opts_parse_group(options, &chardev_group, err);

    return o ? create(o, err) : NULL;
}

/* "HOST:PORT,server" or "PATH,wait=off": what follows the first comma is as in -chardev socket, without its warnings. */
static bool short_socket(Opts *o, const char *rest, const char *scheme, GError **err)
{
    size_t n = strcspn(rest, ",");
    g_autofree char *where = g_strndup(rest, n);
    g_auto(GStrv) words = g_strsplit(rest[n] ? rest + n + 1 : "", ",", -1);

    if (!strcmp(scheme, "unix:")) {
        opts_set(o, "path", where);
    } else {
        char *colon = strrchr(where, ':');
        if (!colon || !colon[1]) {
            return false;       /* QEMU has no words for this one either, but says which option it was */
        }
        *colon = 0;
        size_t len = strlen(where);
        if (*where == '[' && len > 1 && where[len - 1] == ']') {
            where[len - 1] = 0;
            opts_set(o, "host", where + 1);
        } else {
            opts_set(o, "host", where);
        }
        opts_set(o, "port", colon + 1);
        if (!strcmp(scheme, "telnet:")) {
            opts_set(o, "telnet", "on");
        }
    }
    for (char **w = words; *w; w++) {
        char *eq = strchr(*w, '=');
        bool off = !eq && g_str_has_prefix(*w, "no") && strcmp(*w, "nodelay");
        if (eq) {
            *eq = 0;
        }
        if (**w) {
            opts_set(o, *w + (off ? 2 : 0), eq ? eq + 1 : off ? "off" : "on");
        }
    }
    return opts_check(o, every_param(), err);
}

Chardev *chardev_open(const char *label, const char *spec, GError **err)
{
    static const struct { const char *prefix, *backend; } with_path[] = {
        { "file:", "file" }, { "pipe:", "pipe" },
    };
    g_autoptr(Opts) o = opts_new();
    const char *rest = spec;

    if (g_str_has_prefix(spec, "chardev:")) {
        return chardev_find(spec + 8);
    }
    opts_set(o, "id", label);
    if (g_str_has_prefix(spec, "mon:")) {
        rest = spec + 4;
        opts_set(o, "mux", "on");
        if (!strcmp(rest, "stdio")) {
            opts_set(o, "signal", "off");       /* Ctrl-C is the guest's, Ctrl-A x is there to leave */
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(with_path); i++) {
        if (g_str_has_prefix(rest, with_path[i].prefix)) {
            opts_set(o, "backend", with_path[i].backend);
            opts_set(o, "path", rest + strlen(with_path[i].prefix));
            return create(o, err);
        }
    }
    const char *const sockets[] = { "unix:", "tcp:", "telnet:" };
    for (unsigned i = 0; i < G_N_ELEMENTS(sockets); i++) {
        if (g_str_has_prefix(rest, sockets[i])) {
            opts_set(o, "backend", "socket");
            return short_socket(o, rest + strlen(sockets[i]), sockets[i], err) ? create(o, err) : NULL;
        }
    }
    if (!strcmp(rest, "stdio") || !strcmp(rest, "null") || !strcmp(rest, "pty") || !strcmp(rest, "vc")
        || g_str_has_prefix(rest, "vc:")) {
        g_autofree char *name = g_strndup(rest, strcspn(rest, ":"));
        opts_set(o, "backend", name);
        return create(o, err);
    }
    report_fail(err, "'%s' is not a valid char driver", rest);
    return NULL;
}
