/*
 * See vmstate.h: loading by description, in one pass and without believing a count.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/vmstate-int.h"
#include <inttypes.h>
#include <string.h>

#define CHUNK (64 * 1024)       /* of an array that is read piece by piece */

/* Of a field, or of the element of one. */
static bool explain(GError **err, const VmsPath *at, const VMStateField *f, unsigned index)
{
    return vms_explain(err, &(VmsPath){ at, f->name, f->array ? f : NULL, index });
}

static bool load(const VMState *v, void *opaque, const VmsPath *at, int version, VmsSource *in, GError **err);

static bool load_equal(const VMStateField *f, void *opaque, const uint8_t *wire, GError **err)
{
    uint8_t here[ELEMENT_MAX];
    unsigned size = f->info->size;

    f->info->put(row_elements(f, opaque), opaque, 0, here);
    if (memcmp(here, wire, size)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the stream has 0x%" PRIx64 ", here it is 0x%" PRIx64 ": %s",
                    vms_get_be(wire, size), vms_get_be(here, size), f->remedy);
        return false;
    }
    return true;
}

/* Is it said to one who hears all reasons? Then the load goes on; else `e` ends it. */
static bool told(VmsSource *in, GError *e, GError **err)
{
    if (in->complain) {
        in->complain(in, e);
        return true;
    }
    g_propagate_error(err, e);
    return false;
}

/* Do later rows of this description take their number of elements from it? Then nothing after a wrong one can be read. */
static bool counts_others(const VMState *v, const VMStateField *f)
{
    FOR_EACH_ROW(v, other) {
        if (other->pointer && other->count_offset == f->offset) {
            return true;
        }
    }
    return false;
}

static bool load_single(const VMState *v, const VMStateField *f, void *opaque, uint32_t n, const VmsPath *at, VmsSource *in, GError **err)
{
    const unsigned size = f->info->size, batch = CHUNK / size;
    uint8_t *p = row_elements(f, opaque);
    g_autofree uint8_t *wire = g_malloc(MIN(n, batch) * size);

    for (uint32_t i = 0; i < n; i += batch) {
        uint32_t m = MIN(batch, n - i);
        if (!in->read(in, wire, m * size, err)) {
            return explain(err, at, f, i);
        }
        if (f->info->get_many && !f->equal && f->size == size) {
            f->info->get_many(p + (size_t)i * size, m, wire);
            continue;
        }
        for (uint32_t k = 0; k < m; k++) {
            const uint8_t *w = wire + k * size;
            GError *e = NULL;
            bool ok = f->equal ? load_equal(f, opaque, w, &e) : f->info->get(p + (i + k) * f->size, opaque, i + k, w, &e);
            if (!ok) {
                explain(&e, at, f, i + k);
                if (counts_others(v, f)) {
                    g_propagate_error(err, e);
                    return false;
                }
                if (!told(in, e, err)) {
                    return false;
                }
            }
        }
    }
    return true;
}

static bool load_structs(const VMStateField *f, void *opaque, uint32_t n, const VmsPath *at, VmsSource *in, GError **err)
{
    uint8_t *p = row_elements(f, opaque);
    GString *outer = in->description;
    g_autoptr(GString) body = outer ? g_string_new(NULL) : NULL;
    uint64_t before = in->position;
    bool ok = true;

    for (uint32_t i = 0; ok && i < n; i++) {
        const VmsPath element = { at, f->name, f->array ? f : NULL, i };
        in->description = i ? NULL : body;
        ok = load(f->vmsd, p + i * f->size, &element, f->vmsd->version, in, err);
    }
    in->description = outer;
    if (ok && n) {
        describe_field(outer, f, "struct", n, (in->position - before) / n, body ? body->str : NULL);
    }
    return ok;
}

static bool load_elements(const VMStateField *f, void *opaque, const VmsPath *at, VmsSource *in, GError **err)
{
    GPtrArray *list = *(GPtrArray **)((char *)opaque + f->offset);
    uint8_t more;

    g_ptr_array_set_size(list, 0);
    for (;;) {
        const VmsPath here = { at, f->name, f, list->len };
        if (!in->read(in, &more, 1, err)) {
            return vms_explain(err, &here);
        }
        if (!more) {
            return true;
        }
        if (more != 1 || list->len >= f->limit) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the stream has 0x%02x before an element (0: no more, 1: one more; "
                        "at most %u are possible): it is damaged", more, f->limit);
            return vms_explain(err, &here);
        }
        void *element = g_malloc0(f->vmsd->size);
        g_ptr_array_add(list, element);
        if (!load(f->vmsd, element, &here, f->vmsd->version, in, err)) {
            return false;
        }
    }
}

static bool load_list(const VMStateField *f, void *opaque, const VmsPath *at, VmsSource *in, GError **err)
{
    GString *json = in->description;
    uint64_t before = in->position;

    in->description = NULL;
    bool ok = load_elements(f, opaque, at, in, err);
    in->description = json;
    if (ok) {
        describe_field(json, f, "qtailq", 1, in->position - before, NULL);
    }
    return ok;
}

static bool skip_bytes(size_t n, VmsSource *in, GError **err)
{
    uint8_t scrap[256];

    for (; n; n -= MIN(n, sizeof(scrap))) {
        if (!in->read(in, scrap, MIN(n, sizeof(scrap)), err)) {
            return false;
        }
    }
    return true;
}

/* The count was loaded before: believe it only below the limit, then make room. */
static bool make_room(const VMStateField *f, void *opaque, const VmsPath *at, uint32_t n, GError **err)
{
    if (!f->pointer) {
        return true;
    }
    if (n > f->limit) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the stream has %u elements, at most %u are possible: "
                    "it is damaged or of another machine", n, f->limit);
        return vms_explain(err, &(VmsPath){ at, f->name });
    }
    if (f->allocate) {
        void **elements = (void **)((char *)opaque + f->offset);
        g_free(*elements);
        *elements = n ? g_try_malloc0((size_t)n * f->size) : NULL;
        if (n && !*elements) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "there is no memory for %u elements of %zu bytes", n, f->size);
            return vms_explain(err, &(VmsPath){ at, f->name });
        }
    }
    return true;
}

static bool load_row(const VMState *v, const VMStateField *f, void *opaque, const VmsPath *at, VmsSource *in, GError **err)
{
    uint32_t n = row_count(f, opaque);
    GString *json = in->description;

    if (!make_room(f, opaque, at, n, err)) {
        return false;
    }
    switch (f->kind) {
    case VMS_KIND_SINGLE:
        describe_single(json, f, n);
        return load_single(v, f, opaque, n, at, in, err);
    case VMS_KIND_STRUCT:
        return load_structs(f, opaque, n, at, in, err);
    case VMS_KIND_LIST:
        return load_list(f, opaque, at, in, err);
    case VMS_KIND_BYTES:
        describe_field(json, f, "buffer", 1, n * f->size, NULL);
        return !n || in->read(in, row_elements(f, opaque), n * f->size, err) || explain(err, at, f, 0);
    case VMS_KIND_UNUSED:
        describe_field(json, f, "unused_buffer", 1, f->size, NULL);
        return skip_bytes(f->size, in, err) || explain(err, at, f, 0);
    default:
        return true;
    }
}

/*
 * The name of the subsection that comes next, in `name`; false if none does. No more is asked for than that takes: a source that waits whether
 * its devices are refused sends nothing behind them meanwhile.
 */
static bool next_subsection(VmsSource *in, char *name)
{
    uint8_t head[VMS_PEEK_MAX];

    if (!in->peek(in, head, 1) || head[0] != SUBSECTION || in->peek(in, head, 2) < 2 || in->peek(in, head, 2u + head[1]) < 2u + head[1]) {
        return false;
    }
    memcpy(name, head + 2, head[1]);
    name[head[1]] = 0;
    return strlen(name) == head[1];
}

/* A subsection that is not one of `v` belongs to the struct around it; who has no struct around it refuses it. */
static bool load_subsections(const VMState *v, void *opaque, const VmsPath *at, VmsSource *in, GError **err)
{
    char name[256];
    bool any = false;

    while (next_subsection(in, name)) {
        const VMState *sub = NULL;
        uint8_t head[VMS_PEEK_MAX], version[4];
        FOR_EACH_ROW(v, f) {
            if (f->kind == VMS_KIND_SUBSECTION && !strcmp(f->vmsd->name, name)) {
                sub = f->vmsd;
            }
        }
        if (!sub) {
            break;
        }
        const VmsPath sub_at = { at, name };
        if (!in->read(in, head, 2 + strlen(name), err) || !in->read(in, version, 4, err)) {
            return vms_explain(err, &sub_at);
        }
        describe_subsection(in->description, any);
        any = true;
        if (!load(sub, opaque, &sub_at, (int)vms_get_be(version, 4), in, err)) {
            return false;
        }
        describe_close(in->description, "}");
    }
    describe_close(in->description, any ? "]" : "");
    return true;
}

static bool load(const VMState *v, void *opaque, const VmsPath *at, int version, VmsSource *in, GError **err)
{
    int oldest = vmstate_minimum_version(v);

    if (version > v->version || version < oldest) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "the stream has version %d of '%s', this program knows "
                    "%d to %d: it was saved by %s program", version, v->name, oldest, v->version,
                    version > v->version ? "a newer" : "too old a");
        return vms_explain(err, at);
    }
    FOR_EACH_ROW(v, f) {
        if (f->pre_load && !f->pre_load(opaque, err)) {
            return vms_explain(err, at);
        }
    }
    describe_head(in->description, v, version);
    FOR_EACH_ROW(v, f) {
        if (row_present(f, opaque, version) && !load_row(v, f, opaque, at, in, err)) {
            return false;
        }
    }
    describe_close(in->description, "]");
    if (!load_subsections(v, opaque, at, in, err)) {
        return false;
    }
    FOR_EACH_ROW(v, f) {
        GError *e = NULL;
        if (f->post_load && !f->post_load(opaque, version, &e)) {
            vms_explain(&e, at);
            if (!told(in, e, err)) {
                return false;
            }
        }
    }
    return true;
}

bool vmstate_load(const VMState *v, void *opaque, const char *path, int version, VmsSource *in, GError **err)
{
    char name[256];

    if (!load(v, opaque, &(VmsPath){ .name = path }, version, in, err)) {
        return false;
    }
    if (next_subsection(in, name)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s: the stream has the subsection '%s', which this program does "
                    "not know here: it was saved by a newer program, or with a property that this machine lacks", path, name);
        return false;
    }
    return true;
}
