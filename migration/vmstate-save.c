/*
 * See vmstate.h: saving by description.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/vmstate-int.h"
#include <string.h>

static bool save(const VMState *v, void *opaque, const VmsPath *at, VmsSink *out, GString *json, GError **err);

static size_t position(const VmsSink *out)
{
    return out->taken + out->bytes->len;
}

/* Room for n bytes, until the next call. */
static uint8_t *room(VmsSink *out, size_t n)
{
    guint at = out->bytes->len;

    if (out->take && at && at + n > VMS_SINK_PIECE) {
        out->take(out->opaque, out->bytes->data, at);
        out->taken += at;
        at = 0;
    }
    g_byte_array_set_size(out->bytes, at + n);
    return out->bytes->data + at;
}

static void put(VmsSink *out, const void *buf, size_t n)
{
    for (const uint8_t *p = buf; n; ) {
        size_t m = MIN(n, VMS_SINK_PIECE);
        memcpy(room(out, m), p, m);
        p += m;
        n -= m;
    }
}

static void save_single(const VMStateField *f, void *opaque, uint32_t n, VmsSink *out)
{
    const uint8_t *p = row_elements(f, opaque);
    const uint32_t size = f->info->size;

    for (uint32_t i = 0, m; i < n; i += m) {
        m = MIN(n - i, VMS_SINK_PIECE / size);
        uint8_t *to = room(out, m * size);
        /* Tables of a hundred thousand elements go while the guest stands still: straight to where they belong. */
        if (f->info->put_many && f->size == size) {
            f->info->put_many(p + i * size, m, to);
            continue;
        }
        for (uint32_t k = 0; k < m; k++) {
            f->info->put(p + (i + k) * f->size, opaque, i + k, to + k * size);
        }
    }
}

/* All elements have one shape: the description of the first serves for the rest. */
static bool save_structs(const VMStateField *f, void *opaque, uint32_t n, const VmsPath *at, VmsSink *out, GString *json,
                         GError **err)
{
    uint8_t *p = row_elements(f, opaque);
    g_autoptr(GString) body = json ? g_string_new(NULL) : NULL;
    size_t before = position(out);

    for (uint32_t i = 0; i < n; i++) {
        const VmsPath element = { at, f->name, f->array ? f : NULL, i };
        if (!save(f->vmsd, p + i * f->size, &element, out, i ? NULL : body, err)) {
            return false;
        }
    }
    if (n) {
        describe_field(json, f, "struct", n, (position(out) - before) / n, body ? body->str : NULL);
    }
    return true;
}

static bool save_list(const VMStateField *f, void *opaque, const VmsPath *at, VmsSink *out, GString *json, GError **err)
{
    const GPtrArray *list = *(GPtrArray **)((char *)opaque + f->offset);
    size_t before = position(out);

    for (guint i = 0; i < list->len; i++) {
        const VmsPath element = { at, f->name, f, i };
        *room(out, 1) = 1;
        if (!save(f->vmsd, g_ptr_array_index(list, i), &element, out, NULL, err)) {
            return false;
        }
    }
    *room(out, 1) = 0;
    describe_field(json, f, "qtailq", 1, position(out) - before, NULL);
    return true;
}

static bool save_row(const VMStateField *f, void *opaque, const VmsPath *at, VmsSink *out, GString *json, GError **err)
{
    uint32_t n = row_count(f, opaque);

    switch (f->kind) {
    case VMS_KIND_SINGLE:
        save_single(f, opaque, n, out);
        describe_single(json, f, n);
        return true;
    case VMS_KIND_STRUCT:
        return save_structs(f, opaque, n, at, out, json, err);
    case VMS_KIND_LIST:
        return save_list(f, opaque, at, out, json, err);
    case VMS_KIND_BYTES: {
        size_t size = n * f->size;
        put(out, size ? row_elements(f, opaque) : NULL, size);
        describe_field(json, f, "buffer", 1, size, NULL);
        return true;
    }
    case VMS_KIND_UNUSED:
        memset(room(out, f->size), 0, f->size);
        describe_field(json, f, "unused_buffer", 1, f->size, NULL);
        return true;
    default:
        return true;
    }
}

static bool save_subsections(const VMState *v, void *opaque, const VmsPath *at, VmsSink *out, GString *json, GError **err)
{
    bool any = false;

    FOR_EACH_ROW(v, f) {
        if (f->kind != VMS_KIND_SUBSECTION || !vmstate_needed(f->vmsd, opaque)) {
            continue;
        }
        uint8_t head[2] = { SUBSECTION, strlen(f->vmsd->name) }, version[4];
        const VmsPath sub = { at, f->vmsd->name };
        vms_put_be(version, 4, vmstate_version(f->vmsd, opaque));
        put(out, head, 2);
        put(out, f->vmsd->name, head[1]);
        put(out, version, 4);
        describe_subsection(json, any);
        any = true;
        if (!save(f->vmsd, opaque, &sub, out, json, err)) {
            return false;
        }
        describe_close(json, "}");
    }
    describe_close(json, any ? "]" : "");
    return true;
}

static bool save(const VMState *v, void *opaque, const VmsPath *at, VmsSink *out, GString *json, GError **err)
{
    int version = vmstate_version(v, opaque);

    FOR_EACH_ROW(v, f) {
        if (f->pre_save && !f->pre_save(opaque, err)) {
            return vms_explain(err, at);
        }
    }
    describe_head(json, v, version);
    FOR_EACH_ROW(v, f) {
        if (row_present(f, opaque, version) && !save_row(f, opaque, at, out, json, err)) {
            return false;
        }
    }
    describe_close(json, "]");
    return save_subsections(v, opaque, at, out, json, err);
}

bool vmstate_save(const VMState *v, void *opaque, const char *path, VmsSink *out, GString *json, GError **err)
{
    return save(v, opaque, &(VmsPath){ .name = path }, out, json, err);
}
