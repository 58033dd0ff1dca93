/*
 * A mux gives one device to several front ends: all write, one of them reads. Commands follow the escape character.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-int.h"
#include "system/report.h"
#include "system/runstate.h"
#include <string.h>

uint8_t chardev_escape = 1;

#define HELD_MAX 64         /* typed ahead of a front end that has no room */

typedef struct Mux {
    Chardev *self, *base;
    bool escape, timestamps, line_start;
    gint64 since;           /* microseconds: when the time stamps began */
} Mux;

const OptDesc char_mux_params[] = { { "chardev", OPT_STRING }, { NULL } };

static Front *focused(Chardev *c)
{
    return c->fronts ? &c->front[c->focus] : NULL;
}

static void flush(Chardev *c)
{
    Front *f = focused(c);

    while (f && f->held->len) {
        int room = f->h->can_receive ? f->h->can_receive(f->opaque) : HELD_MAX;
        int n = MIN((int)f->held->len, room);
        if (n <= 0) {
            return;
        }
        uint8_t now[HELD_MAX];
        memcpy(now, f->held->data, n);
        g_byte_array_remove_range(f->held, 0, n);
        f->h->receive(f->opaque, now, n);
    }
}

static void one_event(Front *f, ChardevEvent e)
{
    if (f && f->h->event) {
        f->h->event(f->opaque, e);
    }
}

static void say(Mux *m, const char *text)
{
    chardev_write(m->self, text, strlen(text));
}

static void help(Mux *m)
{
    g_autofree char *key = chardev_escape < 27 && chardev_escape
        ? g_strdup_printf("C-%c", chardev_escape - 1 + 'a') : g_strdup_printf("0x%02x", chardev_escape);
    g_autofree char *text = g_strdup_printf("\n\r"
        "%s h    print this help\n\r"
        "%s x    exit emulator\n\r"
        "%s s    save disk data back to file (if -snapshot)\n\r"
        "%s t    toggle console timestamps\n\r"
        "%s b    send break (magic sysrq)\n\r"
        "%s c    switch between console and monitor\n\r"
        "%s %s  sends %s\n\r", key, key, key, key, key, key, key, key, key);

    say(m, text);
}

static void command(Mux *m, uint8_t key)
{
    Chardev *c = m->self;

    switch (key) {
    case 'h': case '?':
        help(m);
        break;
    case 'x':
        say(m, "QEMU: Terminated\n\r");
        runstate_quit(SHUTDOWN_HOST_UI, 0);
        break;
    case 'b':
        one_event(focused(c), CHARDEV_BREAK);
        break;
    case 'c':
        if (c->fronts) {
            one_event(focused(c), CHARDEV_MUX_OUT);
            c->focus = (c->focus + 1) % c->fronts;
            one_event(focused(c), CHARDEV_MUX_IN);
        }
        break;
    case 't':
        m->timestamps = !m->timestamps;
        m->since = g_get_monotonic_time();
        m->line_start = false;
        break;
    }
}

static int can_receive(void *opaque)
{
    Mux *m = opaque;
    Front *f = focused(m->self);

    return f ? HELD_MAX - (int)f->held->len : 0;
}

static void receive(void *opaque, const uint8_t *buf, int len)
{
    Mux *m = opaque;

    for (int i = 0; i < len; i++) {
        if (m->escape) {
            m->escape = false;
            if (buf[i] != chardev_escape) {
                command(m, buf[i]);
                continue;
            }
        } else if (buf[i] == chardev_escape) {
            m->escape = true;
            continue;
        }
        Front *f = focused(m->self);
        if (f && f->h->receive) {
            g_byte_array_append(f->held, &buf[i], 1);
            flush(m->self);
        }
    }
}

static void event(void *opaque, ChardevEvent e)
{
    Mux *m = opaque;

    if (e == CHARDEV_BREAK) {
        one_event(focused(m->self), e);
    } else {
        char_event(m->self, e);
    }
}

static const ChardevHandlers handlers = { can_receive, receive, event };

static void mux_write(Chardev *c, const uint8_t *buf, size_t len)
{
    Mux *m = c->mux;

    if (!m->timestamps) {
        chardev_write(m->base, buf, len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (m->line_start) {
            gint64 ms = (g_get_monotonic_time() - m->since) / 1000;
            g_autofree char *stamp = g_strdup_printf("[%02d:%02d:%02d.%03d] ", (int)(ms / 3600000), (int)(ms / 60000 % 60),
                                                     (int)(ms / 1000 % 60), (int)(ms % 1000));
            chardev_write(m->base, stamp, strlen(stamp));
        }
        chardev_write(m->base, &buf[i], 1);
        m->line_start = buf[i] == '\n';
    }
}

static void mux_accept_input(Chardev *c)
{
    flush(c);
    chardev_accept_input(c->mux->base);
}

bool char_open_mux(Chardev *c, const Opts *o, GError **err)
{
    const char *id = opts_get(o, "chardev");

    if (!id) {
        return report_fail(err, "chardev: mux: no chardev given");
    }
    Chardev *base = chardev_find(id);
    if (!base) {
        return report_fail(err, "mux: base chardev %s not found", id);
    }
    c->mux = g_new0(Mux, 1);
    *c->mux = (Mux){ .self = c, .base = base };
    c->write = mux_write;
    c->accept_input = mux_accept_input;
    return chardev_attach(base, &handlers, c->mux, err);
}
