/*
 * qemu-migration convert, one section: see convert.h.
 *
 * The section as it came, as the wanted dialect has it and as the others have it are three trees of descriptions with bytes at the leaves. They are merged
 * node by node: what the dialects agree on stays as it came.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/convert.h"
#include "migration/dialect.h"
#include "migration/wire.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

/* A section as one dialect has it; or as it came. */
struct Form { GByteArray *bytes; json_object *description; GHashTable *fields; /* common path -> SavedField */ GArray *all; };

typedef struct Conversion {
    Form came, wanted, again;           /* again: the wanted one, saved a second time: what differs by then is the clock's */
    GPtrArray *others;                  /* of Form: the other dialects, each that differs from those before */
    GByteArray *out;
    GError **err;
} Conversion;

static void form_clear(Form *f)
{
    g_clear_pointer(&f->bytes, g_byte_array_unref);
    g_clear_pointer(&f->fields, g_hash_table_unref);
    saved_fields_free(g_steal_pointer(&f->all));
    json_object_put(g_steal_pointer(&f->description));
}

void form_free(void *p)
{
    if (p) {
        form_clear(p);
        g_free(p);
    }
}

/* Takes bytes and description. */
static bool form_fill(Form *f, GByteArray *bytes, json_object *description, GError **err)
{
    size_t used;

    *f = (Form){ bytes, description, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), g_array_new(FALSE, TRUE, sizeof(SavedField)) };
    if (!saved_fields(description, bytes->data, bytes->len, f->all, &used, err)) {
        return false;
    }
    for (guint i = 0; i < f->all->len; i++) {
        SavedField *field = &g_array_index(f->all, SavedField, i);
        if (field->type) {
            g_hash_table_insert(f->fields, saved_common_path(field->path), field);
        }
    }
    return used == bytes->len || report_fail(err, "%zu of %u bytes are described", used, bytes->len);
}

static bool form_save(Form *f, const VMStateSection *s, GError **err)
{
    g_autoptr(GString) json = g_string_new("{");
    GByteArray *bytes = g_byte_array_new();

    if (!vmstate_save(s->vmsd, s->opaque, s->name, &(VmsSink){ .bytes = bytes }, json, err)) {
        g_byte_array_unref(bytes);
        return false;
    }
    g_string_append_c(json, '}');
    return form_fill(f, bytes, json_tokener_parse(json->str), err);
}

Form *form_of(const VMStateSection *s, GError **err)
{
    Form *f = g_new0(Form, 1);

    if (!form_save(f, s, err)) {
        form_free(f);
        return NULL;
    }
    return f;
}

/* ---- descriptions ---- */

json_object *description_list(json_object *node, const char *key)
{
    json_object *list = NULL;

    return node && json_object_object_get_ex(node, key, &list) && json_object_is_type(list, json_type_array) ? list : NULL;
}

/* What the item of a list is called: a field, a subsection. */
static char *item_name(json_object *item)
{
    json_object *name = NULL;

    if (!json_object_object_get_ex(item, "name", &name)) {
        json_object_object_get_ex(item, "vmsd_name", &name);
    }
    return saved_common_path(name ? json_object_get_string(name) : "");
}

static json_object *item_of(json_object *node, const char *key, const char *name)
{
    json_object *list = description_list(node, key);

    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        json_object *item = json_object_array_get_idx(list, i);
        g_autofree char *this = item_name(item);
        if (!strcmp(this, name)) {
            return item;
        }
    }
    return NULL;
}

/* The nodes of all other dialects that stand where `wanted` stands. */
typedef GPtrArray Nodes;

static Nodes *descend(const Nodes *from, const char *key, const char *name)
{
    Nodes *n = g_ptr_array_new();

    for (guint i = 0; i < from->len; i++) {
        json_object *item = item_of(from->pdata[i], key, name);
        if (item) {
            g_ptr_array_add(n, item);
        }
    }
    return n;
}

static json_object *merge(json_object *came, json_object *wanted, const Nodes *others);

/* In the order in which it came; what the wanted dialect has in addition goes behind what it has before it. */
static json_object *merge_list(json_object *came, json_object *wanted, const Nodes *others, const char *key)
{
    json_object *ours = description_list(came, key), *theirs = description_list(wanted, key);
    g_autoptr(GPtrArray) all = g_ptr_array_new();

    for (size_t i = 0; ours && i < json_object_array_length(ours); i++) {
        json_object *item = json_object_array_get_idx(ours, i);
        g_autofree char *name = item_name(item);
        json_object *there = item_of(wanted, key, name);
        g_autoptr(GPtrArray) elsewhere = descend(others, key, name);
        if (there || !elsewhere->len) {
            g_ptr_array_add(all, there ? merge(item, there, elsewhere) : json_object_get(item));
        }
    }
    guint at = 0;
    for (size_t i = 0; theirs && i < json_object_array_length(theirs); i++) {
        json_object *item = json_object_array_get_idx(theirs, i);
        g_autofree char *name = item_name(item);
        g_autoptr(GPtrArray) elsewhere = descend(others, key, name);
        bool of_dialect = elsewhere->len < others->len;
        if (!item_of(came, key, name)) {
            if (of_dialect) {
                g_ptr_array_insert(all, at++, json_object_get(item));
            }
            continue;
        }
        for (guint k = 0; k < all->len; k++) {
            g_autofree char *this = item_name(all->pdata[k]);
            at = strcmp(this, name) ? at : k + 1;
        }
    }
    json_object *list = json_object_new_array();
    for (guint k = 0; k < all->len; k++) {
        json_object_array_add(list, all->pdata[k]);
    }
    return list;
}

static json_object *merge(json_object *came, json_object *wanted, const Nodes *others)
{
    json_object *node = json_object_new_object(), *inner, *version = NULL;
    bool has_subsections = false;

    json_object_object_foreach(came, key, value) {
        if (!strcmp(key, "fields") || !strcmp(key, "subsections")) {
            json_object *list = merge_list(came, wanted, others, key);
            bool subsections = *key == 's';
            has_subsections |= subsections;
            if (subsections && !json_object_array_length(list)) {
                json_object_put(list);
            } else {
                json_object_object_add(node, key, list);
            }
        } else if (!strcmp(key, "struct") && json_object_object_get_ex(wanted, "struct", &inner)) {
            g_autoptr(GPtrArray) elsewhere = g_ptr_array_new();
            for (guint i = 0; i < others->len; i++) {
                json_object *other = NULL;
                if (json_object_object_get_ex(others->pdata[i], "struct", &other)) {
                    g_ptr_array_add(elsewhere, other);
                }
            }
            json_object_object_add(node, key, merge(value, inner, elsewhere));
        } else if (!strcmp(key, "version") && json_object_object_get_ex(wanted, "version", &version)) {
            bool varies = false;
            for (guint i = 0; i < others->len; i++) {
                json_object *other = NULL;
                varies |= json_object_object_get_ex(others->pdata[i], "version", &other) && !json_object_equal(other, version);
            }
            json_object_object_add(node, key, json_object_get(varies ? version : value));
        } else {
            json_object_object_add(node, key, json_object_get(value));
        }
    }
    if (!has_subsections) {
        json_object *list = merge_list(came, wanted, others, "subsections");
        if (json_object_array_length(list)) {
            json_object_object_add(node, "subsections", list);
        } else {
            json_object_put(list);
        }
    }
    return node;
}

/* ---- bytes ---- */

static const uint8_t *bytes_of(const Form *f, const char *path, size_t size)
{
    const SavedField *field = g_hash_table_lookup(f->fields, path);

    return field && (size_t)field->size * field->count == size ? f->bytes->data + field->at : NULL;
}

static bool put_leaf(Conversion *c, const char *path, size_t size)
{
    const uint8_t *came = bytes_of(&c->came, path, size), *wanted = bytes_of(&c->wanted, path, size), *again = bytes_of(&c->again, path, size);
    guint at = c->out->len;

    if (!came && !wanted) {
        return report_fail(c->err, "%s: has nothing to be made of", path);
    }
    g_byte_array_append(c->out, came ? came : wanted, size);
    for (guint i = 0; came && wanted && again && i < c->others->len; i++) {
        const uint8_t *other = bytes_of(c->others->pdata[i], path, size);
        for (size_t k = 0; other && k < size; k++) {
            if (other[k] != wanted[k] && wanted[k] == again[k]) {
                c->out->data[at + k] = wanted[k];
            }
        }
    }
    return true;
}

static bool put_node(Conversion *c, json_object *node, const char *prefix);

static bool put_field(Conversion *c, json_object *d, const char *prefix)
{
    json_object *inner = NULL, *o = NULL;
    int64_t count = json_object_object_get_ex(d, "array_len", &o) ? json_object_get_int64(o) : 1;
    int64_t size = json_object_get_int64(json_object_object_get(d, "size"));
    const char *name = json_object_get_string(json_object_object_get(d, "name"));
    g_autofree char *index = json_object_object_get_ex(d, "index", &o) ? g_strdup_printf("[%" PRId64 "]", json_object_get_int64(o)) : NULL;
    g_autofree char *path = g_strconcat(prefix, name, index, NULL);

    if (!json_object_object_get_ex(d, "struct", &inner)) {
        g_autofree char *common = saved_common_path(path);
        return put_leaf(c, common, (size_t)count * size);
    }
    for (int64_t i = 0; i < count; i++) {
        g_autofree char *element = count > 1 ? g_strdup_printf("%s[%" PRId64 "] / ", path, i) : g_strconcat(path, " / ", NULL);
        if (!put_node(c, inner, element)) {
            return false;
        }
    }
    return true;
}

static bool put_node(Conversion *c, json_object *node, const char *prefix)
{
    json_object *fields = description_list(node, "fields"), *subsections = description_list(node, "subsections");

    for (size_t i = 0; fields && i < json_object_array_length(fields); i++) {
        if (!put_field(c, json_object_array_get_idx(fields, i), prefix)) {
            return false;
        }
    }
    for (size_t i = 0; subsections && i < json_object_array_length(subsections); i++) {
        json_object *d = json_object_array_get_idx(subsections, i);
        const char *name = json_object_get_string(json_object_object_get(d, "vmsd_name"));
        uint8_t head[2] = { SECTION_SUBSECTION, strlen(name) }, version[4];
        g_autofree char *inner = g_strconcat(prefix, name, " / ", NULL);
        vms_put_be(version, 4, json_object_get_int64(json_object_object_get(d, "version")));
        g_byte_array_append(c->out, head, 2);
        g_byte_array_append(c->out, (const uint8_t *)name, head[1]);
        g_byte_array_append(c->out, version, 4);
        if (!put_node(c, d, inner)) {
            return false;
        }
    }
    return true;
}

/* ---- the whole of it ---- */

/* The section as each program that has this machine would send it; of those to which it cannot go there is nothing to learn. */
static void save_others(Conversion *c, const VMStateSection *s)
{
    for (unsigned major = 2; major < 12; major++) {
        for (unsigned minor = 0; minor < 13; minor++) {
            g_autofree char *program = g_strdup_printf("%u.%u", major, minor);
            if (!dialect_choose(program, NULL)) {
                continue;
            }
            Form *f = form_of(s, NULL);
            if (!f) {
                continue;
            }
            bool known = false;
            for (guint i = 0; i < c->others->len && !known; i++) {
                const Form *g = c->others->pdata[i];
                known = g->bytes->len == f->bytes->len && (!g->bytes->len || !memcmp(g->bytes->data, f->bytes->data, f->bytes->len))
                    && json_object_equal(g->description, f->description);
            }
            if (known) {
                form_free(f);
            } else {
                g_ptr_array_add(c->others, f);
            }
        }
    }
}

/* Into c->out. Takes `before`, which is one of the others. */
static bool convert_by_forms(Conversion *c, const SavedSection *d, const VMStateSection *s, const char *to, Form *before, json_object **entry,
                             GError **err)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    GByteArray *bytes = g_byte_array_new();
    gsize size;
    const void *data = g_bytes_get_data(d->contents, &size);

    g_byte_array_append(bytes, data, size);
    if (!form_fill(&c->came, bytes, json_object_get(*entry), err) || !dialect_choose(to, err) || !form_save(&c->wanted, s, err)) {
        form_free(before);
        return false;
    }
    save_others(c, s);
    if (!dialect_choose(to, err) || !form_save(&c->again, s, err)) {
        form_free(before);
        return false;
    }
    if (before) {
        g_ptr_array_add(c->others, before);
    }
    for (guint i = 0; i < c->others->len; i++) {
        g_ptr_array_add(nodes, ((Form *)c->others->pdata[i])->description);
    }
    json_object *merged = merge(*entry, c->wanted.description, nodes);
    c->err = err;
    bool ok = put_node(c, merged, "");
    json_object_put(*entry);
    *entry = merged;
    return ok;
}

bool convert_section(const SavedSection *d, const VMStateSection *s, const char *to, Form *before, json_object **entry, GByteArray *out, GError **err)
{
    Conversion c = { .others = g_ptr_array_new_with_free_func(form_free), .out = out };
    bool ok = convert_by_forms(&c, d, s, to, before, entry, err);

    form_clear(&c.came);
    form_clear(&c.wanted);
    form_clear(&c.again);
    g_ptr_array_unref(c.others);
    return ok;
}
