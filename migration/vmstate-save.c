/*
 * See vmstate.h: saving by description.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/vmstate-int.h"
#include <string.h>

static bool save(const VMState *v, void *opaque, const VmsPath *at, GByteArray *out, GString *json, GError **err);

static void save_single(const VMStateField *f, void *opaque, uint32_t n, GByteArray *out)
{
    const uint8_t *p = row_elements(f, opaque);
    const guint at = out->len, size = f->info->size;

    /* Tables of a hundred thousand elements go while the guest stands still: straight to where they belong. */
    g_byte_array_set_size(out, at + n * size);
    if (f->info->put_many && f->size == size) {
        f->info->put_many(p, n, out->data + at);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        f->info->put(p + i * f->size, opaque, i, out->data + at + i * size);
    }
}

/* All elements have one shape: the description of the first serves for the rest. */
static bool save_structs(const VMStateField *f, void *opaque, uint32_t n, const VmsPath *at, GByteArray *out, GString *json,
                         GError **err)
{
    uint8_t *p = row_elements(f, opaque);
    g_autoptr(GString) body = json ? g_string_new(NULL) : NULL;
    guint before = out->len;

    for (uint32_t i = 0; i < n; i++) {
        const VmsPath element = { at, f->name, f->array ? f : NULL, i };
        if (!save(f->vmsd, p + i * f->size, &element, out, i ? NULL : body, err)) {
            return false;
        }
    }
    if (n) {
        describe_field(json, f, "struct", n, (out->len - before) / n, body ? body->str : NULL);
    }
    return true;
}

static bool save_list(const VMStateField *f, void *opaque, const VmsPath *at, GByteArray *out, GString *json, GError **err)
{
    const GPtrArray *list = *(GPtrArray **)((char *)opaque + f->offset);
    guint before = out->len;

    for (guint i = 0; i < list->len; i++) {
        const VmsPath element = { at, f->name, f, i };
        g_byte_array_append(out, (const uint8_t[]){ 1 }, 1);
        if (!save(f->vmsd, g_ptr_array_index(list, i), &element, out, NULL, err)) {
            return false;
        }
    }
    g_byte_array_append(out, (const uint8_t[]){ 0 }, 1);
    describe_field(json, f, "qtailq", 1, out->len - before, NULL);
    return true;
}

static bool save_row(const VMStateField *f, void *opaque, const VmsPath *at, GByteArray *out, GString *json, GError **err)
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
        g_byte_array_append(out, size ? row_elements(f, opaque) : (const uint8_t *)"", size);
        describe_field(json, f, "buffer", 1, size, NULL);
        return true;
    }
    case VMS_KIND_UNUSED: {
        guint begin = out->len;
        g_byte_array_set_size(out, begin + f->size);
        memset(out->data + begin, 0, f->size);
        describe_field(json, f, "unused_buffer", 1, f->size, NULL);
        return true;
    }
    default:
        return true;
    }
}

static bool save_subsections(const VMState *v, void *opaque, const VmsPath *at, GByteArray *out, GString *json, GError **err)
{
    bool any = false;

    FOR_EACH_ROW(v, f) {
        if (f->kind != VMS_KIND_SUBSECTION || !vmstate_needed(f->vmsd, opaque)) {
            continue;
        }
        uint8_t head[2] = { SUBSECTION, strlen(f->vmsd->name) }, version[4];
        const VmsPath sub = { at, f->vmsd->name };
        vms_put_be(version, 4, vmstate_version(f->vmsd, opaque));
        g_byte_array_append(out, head, 2);
        g_byte_array_append(out, (const uint8_t *)f->vmsd->name, head[1]);
        g_byte_array_append(out, version, 4);
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

static bool save(const VMState *v, void *opaque, const VmsPath *at, GByteArray *out, GString *json, GError **err)
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

bool vmstate_save(const VMState *v, void *opaque, const char *path, GByteArray *out, GString *json, GError **err)
{
    return save(v, opaque, &(VmsPath){ .name = path }, out, json, err);
}

size_t vmstate_elements_size(const VMState *v, const void *opaque)
{
    size_t bytes = 0;

    FOR_EACH_ROW(v, f) {
        bytes += f->kind == VMS_KIND_SINGLE ? (size_t)row_count(f, opaque) * f->info->size : f->kind == VMS_KIND_BYTES ? row_count(f, opaque) * f->size : 0;
    }
    return bytes;
}
