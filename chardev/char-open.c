/*
 * Character devices by what the command line and the monitors say: which back ends there are, and their parameters.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-int.h"
#include "system/report.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

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
        char_discard(c);
        return NULL;
    }
    char_register(c);
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
