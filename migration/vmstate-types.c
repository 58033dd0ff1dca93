/*
 * The wire types that follow from C types, and sources of bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/vmstate.h"
#include <string.h>

/* A signed value has the same bytes as the unsigned one of its size. */
#define INTEGER(id, type, wire_name)                                                                        \
    static void put_##id(const void *element, const void *opaque, unsigned index, uint8_t *wire)            \
    {                                                                                                       \
        vms_put_be(wire, sizeof(type), *(const type *)element);                                             \
    }                                                                                                       \
    static bool get_##id(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)    \
    {                                                                                                       \
        *(type *)element = vms_get_be(wire, sizeof(type));                                                  \
        return true;                                                                                        \
    }                                                                                                       \
    static void put_many_##id(const void *elements, unsigned n, uint8_t *wire)                              \
    {                                                                                                       \
        for (unsigned i = 0; i < n; i++) {                                                                  \
            vms_put_be(wire + i * sizeof(type), sizeof(type), ((const type *)elements)[i]);                 \
        }                                                                                                   \
    }                                                                                                       \
    static void get_many_##id(void *elements, unsigned n, const uint8_t *wire)                              \
    {                                                                                                       \
        for (unsigned i = 0; i < n; i++) {                                                                  \
            ((type *)elements)[i] = vms_get_be(wire + i * sizeof(type), sizeof(type));                      \
        }                                                                                                   \
    }                                                                                                       \
    const VMStateInfo vms_##id = { wire_name, sizeof(type), put_##id, get_##id, put_many_##id, get_many_##id };
#define INTEGER_EQUAL(id, type, wire_name) \
    const VMStateInfo vms_##id##_equal = { wire_name, sizeof(type), put_##id, get_##id };

INTEGER(bool, bool, "bool")
INTEGER(u8, uint8_t, "uint8")
INTEGER(u16, uint16_t, "uint16")
INTEGER(u32, uint32_t, "uint32")
INTEGER(u64, uint64_t, "uint64")
INTEGER(i8, int8_t, "int8")
INTEGER(i16, int16_t, "int16")
INTEGER(i32, int32_t, "int32")
INTEGER(i64, int64_t, "int64")
INTEGER_EQUAL(u8, uint8_t, "uint8 equal")
INTEGER_EQUAL(u16, uint16_t, "uint16 equal")
INTEGER_EQUAL(u32, uint32_t, "uint32 equal")
INTEGER_EQUAL(u64, uint64_t, "int64 equal")         /* QEMU's name for both */
INTEGER_EQUAL(i32, int32_t, "int32 equal")
INTEGER_EQUAL(i64, int64_t, "int64 equal")

static bool memory_source_read(VmsSource *s, void *buf, size_t n, GError **err)
{
    VmsMemory *m = (VmsMemory *)s;

    if (n > m->size - s->position) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "the stream ends at byte %zu: %zu more are needed",
                    m->size, n - (size_t)(m->size - s->position));
        return false;
    }
    memcpy(buf, m->data + s->position, n);
    s->position += n;
    return true;
}

static size_t memory_source_peek(VmsSource *s, void *buf, size_t n)
{
    VmsMemory *m = (VmsMemory *)s;

    n = MIN(n, m->size - s->position);
    if (n) {
        memcpy(buf, m->data + s->position, n);
    }
    return n;
}

static const uint8_t *memory_source_window(VmsSource *s, size_t want, size_t *have)
{
    VmsMemory *m = (VmsMemory *)s;

    *have = m->size - s->position;
    return m->data + s->position;
}

static void memory_source_take(VmsSource *s, size_t n)
{
    g_assert(n <= ((VmsMemory *)s)->size - s->position);
    s->position += n;
}

static bool memory_source_tell(VmsSource *s, uint64_t *at)
{
    *at = s->position;
    return true;
}

static bool memory_source_read_at(VmsSource *s, void *buf, size_t n, uint64_t at, GError **err)
{
    VmsMemory *m = (VmsMemory *)s;

    if (at > m->size || n > m->size - at) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "%zu bytes at %" G_GUINT64_FORMAT " are behind the end", n, at);
        return false;
    }
    memcpy(buf, m->data + at, n);
    return true;
}

static bool memory_source_seek(VmsSource *s, uint64_t at, GError **err)
{
    if (at > ((VmsMemory *)s)->size) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "%" G_GUINT64_FORMAT " is behind the end", at);
        return false;
    }
    s->position = at;
    return true;
}

void vms_memory_init(VmsMemory *m, const void *data, size_t size)
{
    *m = (VmsMemory){ .source = { .read = memory_source_read, .peek = memory_source_peek, .window = memory_source_window,
                                   .take = memory_source_take, .tell = memory_source_tell, .read_at = memory_source_read_at,
                                   .seek = memory_source_seek }, .data = data, .size = size };
}
