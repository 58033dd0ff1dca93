/*
 * See vmstate.h: saving and loading by description.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/vmstate.h"
#include <inttypes.h>
#include <string.h>

#define SUBSECTION 5            /* what opens one in the stream */
#define CHUNK (64 * 1024)       /* of an array that is read piece by piece */
#define ELEMENT_MAX 16          /* bytes of one element on the wire */

#define FOR_EACH_ROW(v, f) for (const VMStateField *f = (v)->rows; f->kind != VMS_KIND_END; f++)

int vmstate_version(const VMState *v, const void *opaque)
{
    FOR_EACH_ROW(v, f) {
        if (f->save_version) {
            return f->save_version(opaque);
        }
    }
    return v->version;
}

int vmstate_minimum_version(const VMState *v)
{
    FOR_EACH_ROW(v, f) {
        if (f->minimum_version) {
            return f->minimum_version;
        }
    }
    return v->version;
}

bool vmstate_needed(const VMState *v, const void *opaque)
{
    FOR_EACH_ROW(v, f) {
        if (f->needed && !f->needed(opaque)) {
            return false;
        }
    }
    return true;
}

static bool present(const VMStateField *f, const void *opaque, int version)
{
    return f->since <= version && (!f->exists || f->exists(opaque));
}

/* How many elements the row has now. */
static uint32_t count_of(const VMStateField *f, const void *opaque)
{
    return f->pointer ? *(const uint32_t *)((const char *)opaque + f->count_offset) : f->count;
}

static uint8_t *elements(const VMStateField *f, void *opaque)
{
    void *at = (char *)opaque + f->offset;

    return f->pointer ? *(void **)at : at;
}

/* "path / name[index]: " before the message of an error. */
static bool explain(GError **err, const char *path, const VMStateField *f, unsigned index)
{
    char element[64] = "", name[48];

    if (f->array) {
        if (f->element_name) {
            f->element_name(name, sizeof(name), index);
        } else {
            g_snprintf(name, sizeof(name), "%u", index);
        }
        g_snprintf(element, sizeof(element), "[%s]", name);
    }
    g_prefix_error(err, "%s / %s%s: ", path, f->name, element);
    return false;
}

static char *sub_path(const char *path, const VMStateField *f, unsigned index)
{
    return f->array ? g_strdup_printf("%s / %s[%u]", path, f->name, index) : g_strdup_printf("%s / %s", path, f->name);
}

/* ---- saving ---- */

static void json_field(GString *json, const VMStateField *f, const char *type, uint32_t count, size_t size, const char *body)
{
    if (!json) {
        return;
    }
    if (json->str[json->len - 1] == '}') {
        g_string_append(json, ", ");
    }
    g_string_append_printf(json, "{\"name\": \"%s\", ", f->name);
    if (count > 1) {
        g_string_append_printf(json, "\"array_len\": %u, ", count);
    }
    g_string_append_printf(json, "\"type\": \"%s\", ", type);
    if (body) {
        g_string_append_printf(json, "\"struct\": {%s}, ", body);
    }
    g_string_append_printf(json, "\"size\": %zu}", size);
}

static void json_single(GString *json, const VMStateField *f, uint32_t n)
{
    if (f->whole) {
        json_field(json, f, f->whole, 1, (size_t)n * f->info->size, NULL);
    } else if (n) {
        json_field(json, f, f->info->name, n, f->info->size, NULL);
    }
}

static void json_head(GString *json, const VMState *v, int version)
{
    if (json) {
        g_string_append_printf(json, "\"vmsd_name\": \"%s\", \"version\": %d, \"fields\": [", v->name, version);
    }
}

/* Opens the description of a subsection, the first or a further one. */
static void json_subsection(GString *json, bool any)
{
    if (json) {
        g_string_append(json, any ? ", {" : ", \"subsections\": [{");
    }
}

static void json_close(GString *json, const char *brackets)
{
    if (json) {
        g_string_append(json, brackets);
    }
}

static void save_single(const VMStateField *f, void *opaque, uint32_t n, GByteArray *out)
{
    const uint8_t *p = elements(f, opaque);
    const guint at = out->len, size = f->info->size;

    /* Tables of a hundred thousand elements go while the guest stands still: straight to where they belong. */
    g_byte_array_set_size(out, at + n * size);
    for (uint32_t i = 0; i < n; i++) {
        f->info->put(p + i * f->size, opaque, i, out->data + at + i * size);
    }
}

/* All elements have one shape: the description of the first serves for the rest. */
static bool save_structs(const VMStateField *f, void *opaque, uint32_t n, const char *path, GByteArray *out, GString *json,
                         GError **err)
{
    uint8_t *p = elements(f, opaque);
    g_autoptr(GString) body = json ? g_string_new(NULL) : NULL;
    guint before = out->len;

    for (uint32_t i = 0; i < n; i++) {
        g_autofree char *sub = sub_path(path, f, i);
        if (!vmstate_save(f->vmsd, p + i * f->size, sub, out, i ? NULL : body, err)) {
            return false;
        }
    }
    if (n) {
        json_field(json, f, "struct", n, (out->len - before) / n, body ? body->str : NULL);
    }
    return true;
}

static bool save_list(const VMStateField *f, void *opaque, const char *path, GByteArray *out, GString *json, GError **err)
{
    const GPtrArray *list = *(GPtrArray **)((char *)opaque + f->offset);
    guint before = out->len;

    for (guint i = 0; i < list->len; i++) {
        g_autofree char *sub = g_strdup_printf("%s / %s[%u]", path, f->name, i);
        g_byte_array_append(out, (const uint8_t[]){ 1 }, 1);
        if (!vmstate_save(f->vmsd, g_ptr_array_index(list, i), sub, out, NULL, err)) {
            return false;
        }
    }
    g_byte_array_append(out, (const uint8_t[]){ 0 }, 1);
    json_field(json, f, "qtailq", 1, out->len - before, NULL);
    return true;
}

static bool save_row(const VMStateField *f, void *opaque, const char *path, GByteArray *out, GString *json, GError **err)
{
    uint32_t n = count_of(f, opaque);

    switch (f->kind) {
    case VMS_KIND_SINGLE:
        save_single(f, opaque, n, out);
        json_single(json, f, n);
        return true;
    case VMS_KIND_STRUCT:
        return save_structs(f, opaque, n, path, out, json, err);
    case VMS_KIND_LIST:
        return save_list(f, opaque, path, out, json, err);
    case VMS_KIND_BYTES: {
        size_t size = n * f->size;
        g_byte_array_append(out, size ? elements(f, opaque) : (const uint8_t *)"", size);
        json_field(json, f, "buffer", 1, size, NULL);
        return true;
    }
    case VMS_KIND_UNUSED: {
        guint at = out->len;
        g_byte_array_set_size(out, at + f->size);
        memset(out->data + at, 0, f->size);
        json_field(json, f, "unused_buffer", 1, f->size, NULL);
        return true;
    }
    default:
        return true;
    }
}

static bool save_subsections(const VMState *v, void *opaque, const char *path, GByteArray *out, GString *json, GError **err)
{
    bool any = false;

    FOR_EACH_ROW(v, f) {
        if (f->kind != VMS_KIND_SUBSECTION || !vmstate_needed(f->vmsd, opaque)) {
            continue;
        }
        uint8_t head[2] = { SUBSECTION, strlen(f->vmsd->name) }, version[4];
        g_autofree char *sub = g_strdup_printf("%s / %s", path, f->vmsd->name);
        vms_put_be(version, 4, vmstate_version(f->vmsd, opaque));
        g_byte_array_append(out, head, 2);
        g_byte_array_append(out, (const uint8_t *)f->vmsd->name, head[1]);
        g_byte_array_append(out, version, 4);
        json_subsection(json, any);
        any = true;
        if (!vmstate_save(f->vmsd, opaque, sub, out, json, err)) {
            return false;
        }
        json_close(json, "}");
    }
    json_close(json, any ? "]" : "");
    return true;
}

bool vmstate_save(const VMState *v, void *opaque, const char *path, GByteArray *out, GString *json, GError **err)
{
    int version = vmstate_version(v, opaque);

    FOR_EACH_ROW(v, f) {
        if (f->pre_save && !f->pre_save(opaque, err)) {
            g_prefix_error(err, "%s: ", path);
            return false;
        }
    }
    json_head(json, v, version);
    FOR_EACH_ROW(v, f) {
        if (present(f, opaque, version) && !save_row(f, opaque, path, out, json, err)) {
            return false;
        }
    }
    json_close(json, "]");
    return save_subsections(v, opaque, path, out, json, err);
}

/* ---- loading ---- */

static bool load(const VMState *v, void *opaque, const char *path, int version, VmsSource *in, GError **err);

static bool load_equal(const VMStateField *f, void *opaque, const uint8_t *wire, GError **err)
{
    uint8_t here[ELEMENT_MAX];
    unsigned size = f->info->size;

    f->info->put(elements(f, opaque), opaque, 0, here);
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

static bool load_single(const VMState *v, const VMStateField *f, void *opaque, uint32_t n, const char *path, VmsSource *in, GError **err)
{
    const unsigned size = f->info->size, batch = CHUNK / size;
    uint8_t *p = elements(f, opaque);
    g_autofree uint8_t *wire = g_malloc(MIN(n, batch) * size);

    for (uint32_t i = 0; i < n; i += batch) {
        uint32_t m = MIN(batch, n - i);
        if (!in->read(in, wire, m * size, err)) {
            return explain(err, path, f, i);
        }
        for (uint32_t k = 0; k < m; k++) {
            const uint8_t *w = wire + k * size;
            GError *e = NULL;
            bool ok = f->equal ? load_equal(f, opaque, w, &e) : f->info->get(p + (i + k) * f->size, opaque, i + k, w, &e);
            if (!ok) {
                explain(&e, path, f, i + k);
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

static bool load_structs(const VMStateField *f, void *opaque, uint32_t n, const char *path, VmsSource *in, GError **err)
{
    uint8_t *p = elements(f, opaque);
    GString *outer = in->description;
    g_autoptr(GString) body = outer ? g_string_new(NULL) : NULL;
    uint64_t before = in->position;
    bool ok = true;

    for (uint32_t i = 0; ok && i < n; i++) {
        g_autofree char *sub = sub_path(path, f, i);
        in->description = i ? NULL : body;
        ok = load(f->vmsd, p + i * f->size, sub, f->vmsd->version, in, err);
    }
    in->description = outer;
    if (ok && n) {
        json_field(outer, f, "struct", n, (in->position - before) / n, body ? body->str : NULL);
    }
    return ok;
}

static bool load_elements(const VMStateField *f, void *opaque, const char *path, VmsSource *in, GError **err)
{
    GPtrArray *list = *(GPtrArray **)((char *)opaque + f->offset);
    uint8_t more;

    g_ptr_array_set_size(list, 0);
    for (;;) {
        g_autofree char *sub = g_strdup_printf("%s / %s[%u]", path, f->name, list->len);
        if (!in->read(in, &more, 1, err)) {
            g_prefix_error(err, "%s: ", sub);
            return false;
        }
        if (!more) {
            return true;
        }
        if (more != 1 || list->len >= f->limit) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: the stream has 0x%02x before an element (0: no more, 1: one more; "
                        "at most %u are possible): it is damaged", sub, more, f->limit);
            return false;
        }
        void *element = g_malloc0(f->vmsd->size);
        g_ptr_array_add(list, element);
        if (!load(f->vmsd, element, sub, f->vmsd->version, in, err)) {
            return false;
        }
    }
}

static bool load_list(const VMStateField *f, void *opaque, const char *path, VmsSource *in, GError **err)
{
    GString *json = in->description;
    uint64_t before = in->position;

    in->description = NULL;
    bool ok = load_elements(f, opaque, path, in, err);
    in->description = json;
    if (ok) {
        json_field(json, f, "qtailq", 1, in->position - before, NULL);
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
static bool make_room(const VMStateField *f, void *opaque, const char *path, uint32_t n, GError **err)
{
    if (!f->pointer) {
        return true;
    }
    if (n > f->limit) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s / %s: the stream has %u elements, at most %u are possible: "
                    "it is damaged or of another machine", path, f->name, n, f->limit);
        return false;
    }
    if (f->allocate) {
        void **at = (void **)((char *)opaque + f->offset);
        g_free(*at);
        *at = n ? g_try_malloc0((size_t)n * f->size) : NULL;
        if (n && !*at) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "%s / %s: there is no memory for %u elements of %zu bytes", path, f->name,
                        n, f->size);
            return false;
        }
    }
    return true;
}

static bool load_row(const VMState *v, const VMStateField *f, void *opaque, const char *path, VmsSource *in, GError **err)
{
    uint32_t n = count_of(f, opaque);
    GString *json = in->description;

    if (!make_room(f, opaque, path, n, err)) {
        return false;
    }
    switch (f->kind) {
    case VMS_KIND_SINGLE:
        json_single(json, f, n);
        return load_single(v, f, opaque, n, path, in, err);
    case VMS_KIND_STRUCT:
        return load_structs(f, opaque, n, path, in, err);
    case VMS_KIND_LIST:
        return load_list(f, opaque, path, in, err);
    case VMS_KIND_BYTES:
        json_field(json, f, "buffer", 1, n * f->size, NULL);
        return !n || in->read(in, elements(f, opaque), n * f->size, err) || explain(err, path, f, 0);
    case VMS_KIND_UNUSED:
        json_field(json, f, "unused_buffer", 1, f->size, NULL);
        return skip_bytes(f->size, in, err) || explain(err, path, f, 0);
    default:
        return true;
    }
}

/* The name of the subsection that comes next, in `name`; false if none does. */
static bool next_subsection(VmsSource *in, char *name)
{
    uint8_t head[VMS_PEEK_MAX];
    size_t n = in->peek(in, head, sizeof(head));

    if (n < 2 || head[0] != SUBSECTION || n < 2u + head[1]) {
        return false;
    }
    memcpy(name, head + 2, head[1]);
    name[head[1]] = 0;
    return strlen(name) == head[1];
}

/* A subsection that is not one of `v` belongs to the struct around it; who has no struct around it refuses it. */
static bool load_subsections(const VMState *v, void *opaque, const char *path, VmsSource *in, GError **err)
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
        g_autofree char *sub_at = g_strdup_printf("%s / %s", path, name);
        if (!in->read(in, head, 2 + strlen(name), err) || !in->read(in, version, 4, err)) {
            g_prefix_error(err, "%s: ", sub_at);
            return false;
        }
        json_subsection(in->description, any);
        any = true;
        if (!load(sub, opaque, sub_at, (int)vms_get_be(version, 4), in, err)) {
            return false;
        }
        json_close(in->description, "}");
    }
    json_close(in->description, any ? "]" : "");
    return true;
}

static bool load(const VMState *v, void *opaque, const char *path, int version, VmsSource *in, GError **err)
{
    int oldest = vmstate_minimum_version(v);

    if (version > v->version || version < oldest) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s: the stream has version %d of '%s', this program knows "
                    "%d to %d: it was saved by %s program", path, version, v->name, oldest, v->version,
                    version > v->version ? "a newer" : "too old a");
        return false;
    }
    FOR_EACH_ROW(v, f) {
        if (f->pre_load && !f->pre_load(opaque, err)) {
            g_prefix_error(err, "%s: ", path);
            return false;
        }
    }
    json_head(in->description, v, version);
    FOR_EACH_ROW(v, f) {
        if (present(f, opaque, version) && !load_row(v, f, opaque, path, in, err)) {
            return false;
        }
    }
    json_close(in->description, "]");
    if (!load_subsections(v, opaque, path, in, err)) {
        return false;
    }
    FOR_EACH_ROW(v, f) {
        GError *e = NULL;
        if (f->post_load && !f->post_load(opaque, version, &e)) {
            g_prefix_error(&e, "%s: ", path);
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

    if (!load(v, opaque, path, version, in, err)) {
        return false;
    }
    if (next_subsection(in, name)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "%s: the stream has the subsection '%s', which this program does "
                    "not know here: it was saved by a newer program, or with a property that this machine lacks", path, name);
        return false;
    }
    return true;
}

/* ---- the registry ---- */

static GPtrArray *sections;
static GHashTable *by_name;         /* the same, by name and instance */

static guint section_hash(gconstpointer p)
{
    const VMStateSection *s = p;

    return g_str_hash(s->name) + s->instance * 0x9e3779b9u;
}

static gboolean section_equal(gconstpointer a, gconstpointer b)
{
    const VMStateSection *x = a, *y = b;

    return x->instance == y->instance && !strcmp(x->name, y->name);
}

static void free_section(void *p)
{
    VMStateSection *s = p;

    g_free(s->name);
    g_free(s);
}

GPtrArray *vmstate_sections(void)
{
    if (!sections) {
        sections = g_ptr_array_new_with_free_func(free_section);
        by_name = g_hash_table_new(section_hash, section_equal);
    }
    return sections;
}

const VMStateSection *vmstate_find(const char *name, uint32_t instance)
{
    const VMStateSection wanted = { .name = (char *)name, .instance = instance };

    return by_name ? g_hash_table_lookup(by_name, &wanted) : NULL;
}

static gint by_order(gconstpointer a, gconstpointer b)
{
    const VMStateSection *x = *(VMStateSection *const *)a, *y = *(VMStateSection *const *)b;

    return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : (x->serial > y->serial) - (x->serial < y->serial);
}

void vmstate_register(const char *device_path, uint32_t instance, int order, const VMState *v, void *opaque)
{
    GPtrArray *all = vmstate_sections();
    VMStateSection *s = g_new0(VMStateSection, 1);
    guint at = all->len;
    static unsigned registered;

    s->name = device_path ? g_strdup_printf("%s/%s", device_path, v->name) : g_strdup(v->name);
    if (instance == VMSTATE_ANY_INSTANCE) {
        for (instance = 0; vmstate_find(s->name, instance); instance++) { }
    }
    g_assert(!vmstate_find(s->name, instance));
    s->instance = instance;
    s->order = order;
    s->serial = registered++;
    s->vmsd = v;
    s->opaque = opaque;
    while (at > 0 && ((VMStateSection *)g_ptr_array_index(all, at - 1))->order > order) {
        at--;
    }
    g_ptr_array_insert(all, at, s);
    g_hash_table_add(by_name, s);
}

void vmstate_reorder(const char *name, int order)
{
    GPtrArray *all = vmstate_sections();

    for (guint i = 0; i < all->len; i++) {
        VMStateSection *s = g_ptr_array_index(all, i);
        s->order = strcmp(s->name, name) ? s->order : order;
    }
    g_ptr_array_sort(all, by_order);
}

void vmstate_unregister(const VMState *v, void *opaque)
{
    GPtrArray *all = vmstate_sections();

    for (guint i = 0; i < all->len; i++) {
        VMStateSection *s = g_ptr_array_index(all, i);
        if (s->vmsd == v && s->opaque == opaque) {
            g_hash_table_remove(by_name, s);
            g_ptr_array_remove_index(all, i);
            return;
        }
    }
}
