/*
 * -chardev ringbuf: what a front end writes is kept in memory, the newest bytes of it, until somebody reads it through the monitor.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char-int.h"
#include "system/report.h"
#include <string.h>

typedef struct CharRing {
    uint64_t size, in, out;     /* a power of two; free-running indices */
    uint8_t *data;
} CharRing;

const OptDesc char_ringbuf_params[] = { { "size", OPT_SIZE }, { NULL } };

static void ring_write(Chardev *c, const uint8_t *buf, size_t len)
{
    CharRing *r = c->ring;

    for (size_t i = 0; i < len; i++) {
        r->data[r->in++ & (r->size - 1)] = buf[i];
    }
    if (r->in - r->out > r->size) {
        r->out = r->in - r->size;
    }
}

static void ring_close(Chardev *c)
{
    g_free(c->ring->data);
    g_clear_pointer(&c->ring, g_free);
}

bool char_open_ringbuf(Chardev *c, const Opts *o, GError **err)
{
    const char *given = opts_get(o, "size");
    uint64_t size = 0;

    if (given && !opts_parse_size("size", given, 1, &size, err)) {
        return false;
    }
    size = size ? size : 65536;
    if (size & (size - 1)) {
        return report_fail(err, "size of ringbuf chardev must be power of two");
    }
    uint8_t *data = g_try_malloc(size);
    if (!data) {
        return report_fail(err, "size of ringbuf chardev: there is no memory for %" G_GUINT64_FORMAT " bytes", size);
    }
    c->ring = g_new(CharRing, 1);
    *c->ring = (CharRing){ .size = size, .data = data };
    c->write = ring_write;
    c->close = ring_close;
    c->open = true;
    return true;
}

static Chardev *ring_of(const char *id, GError **err)
{
    Chardev *c = chardev_find(id);

    if (!c) {
        report_fail(err, "Device '%s' not found", id);
    } else if (!c->ring) {
        report_fail(err, "%s is not a ringbuf device", id);
        return NULL;
    }
    return c;
}

bool chardev_ringbuf_write(const char *id, const void *buf, size_t len, GError **err)
{
    Chardev *c = ring_of(id, err);

    if (c) {
        ring_write(c, buf, len);
    }
    return c != NULL;
}

GByteArray *chardev_ringbuf_read(const char *id, int64_t max, GError **err)
{
    Chardev *c = ring_of(id, err);

    if (!c) {
        return NULL;
    }
    if (max <= 0) {
        report_fail(err, "size must be greater than zero");
        return NULL;
    }
    CharRing *r = c->ring;
    GByteArray *a = g_byte_array_new();
    for (; max && r->out != r->in; max--) {
        g_byte_array_append(a, &r->data[r->out++ & (r->size - 1)], 1);
    }
    return a;
}

char *chardev_ringbuf_text(const GByteArray *bytes)
{
    g_autofree char *text = g_strndup(bytes->len ? (const char *)bytes->data : "", bytes->len);

    return g_utf8_make_valid(text, -1);
}
