/*
 * qemu-migration diff: two saved guests, field by field under their common names, and page by page.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RANGES_SHOWN 16
#define ELEMENTS_SHOWN 16

typedef struct Diff { const Saved *a, *b; json_object *json; unsigned count; } Diff;

/* One difference; what one side lacks is NULL. */
static void differ(Diff *d, const char *where, const char *a, const char *b)
{
    d->count++;
    if (d->json) {
        json_object *o = json_object_new_object();
        json_object_object_add(o, "where", json_object_new_string(where));
        json_object_object_add(o, "a", a ? json_object_new_string(a) : NULL);
        json_object_object_add(o, "b", b ? json_object_new_string(b) : NULL);
        json_object_array_add(d->json, o);
        return;
    }
    printf("%s\n", where);
    if (a) {
        printf("  - %s\n", a);
    }
    if (b) {
        printf("  + %s\n", b);
    }
}

static void differ_number(Diff *d, const char *where, uint64_t a, uint64_t b)
{
    if (a != b) {
        g_autofree char *x = g_strdup_printf("%" PRIu64, a), *y = g_strdup_printf("%" PRIu64, b);
        differ(d, where, x, y);
    }
}

/* ---- fields ---- */

static char *shown(const SavedSection *s, const SavedField *f, uint32_t i)
{
    g_autofree char *value = saved_value_text(s, f, i, false), *meaning = saved_meaning(s, f, i);

    return meaning && *meaning ? g_strdup_printf("%s  %s", value, meaning) : g_steal_pointer(&value);
}

static const uint8_t *bytes_of(const SavedSection *s, const SavedField *f, uint32_t i)
{
    return (const uint8_t *)g_bytes_get_data(s->contents, NULL) + f->at + (size_t)i * f->size;
}

static void diff_field(Diff *d, const SavedSection *x, const SavedField *f, const SavedSection *y, const SavedField *g)
{
    unsigned n = 0;

    if (f->size != g->size || f->count != g->count) {
        g_autofree char *where = g_strdup_printf("%s %u / %s", x->name, x->instance, f->path);
        g_autofree char *a = g_strdup_printf("%u x %u bytes", f->count, f->size), *b = g_strdup_printf("%u x %u bytes", g->count, g->size);
        differ(d, where, a, b);
        return;
    }
    if (!memcmp(bytes_of(x, f, 0), bytes_of(y, g, 0), (size_t)f->count * f->size)) {
        return;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        if (!memcmp(bytes_of(x, f, i), bytes_of(y, g, i), f->size)) {
            continue;
        }
        if (++n <= ELEMENTS_SHOWN || d->json) {
            g_autofree char *path = saved_element_path(x, f, i), *where = g_strdup_printf("%s %u / %s", x->name, x->instance, path);
            g_autofree char *a = shown(x, f, i), *b = shown(y, g, i);
            differ(d, where, a, b);
        }
    }
    if (n > ELEMENTS_SHOWN && !d->json) {
        printf("  (%u further elements of %s %u / %s differ)\n", n - ELEMENTS_SHOWN, x->name, x->instance, f->path);
    }
}

/* Its fields by their common names; what only pads is left out. */
static GHashTable *index_fields(const SavedSection *s)
{
    GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < s->fields->len; i++) {
        SavedField *f = &g_array_index(s->fields, SavedField, i);
        g_autofree char *path = saved_common_path(f->path);
        if (!f->type || strcmp(path, "unused")) {
            g_hash_table_insert(all, g_steal_pointer(&path), f);
        }
    }
    return all;
}

static void only(Diff *d, const SavedSection *s, const SavedField *f, bool in_a)
{
    g_autofree char *where = g_strdup_printf("%s %u / %s", s->name, s->instance, f->path);
    g_autofree char *text = f->type ? f->count == 1 ? shown(s, f, 0) : g_strdup_printf("%u elements", f->count)
        : g_strdup_printf("subsection, version %u", f->version);

    differ(d, where, in_a ? text : NULL, in_a ? NULL : text);
}

static void diff_fields(Diff *d, const SavedSection *x, const SavedSection *y)
{
    g_autoptr(GHashTable) theirs = index_fields(y), ours = index_fields(x);

    for (guint i = 0; i < x->fields->len; i++) {
        const SavedField *f = &g_array_index(x->fields, SavedField, i);
        g_autofree char *path = saved_common_path(f->path);
        const SavedField *g = g_hash_table_lookup(theirs, path);
        if (g_hash_table_lookup(ours, path) != f) {
            continue;
        }
        if (!g || !g->type != !f->type) {
            only(d, x, f, true);
        } else if (f->type) {
            diff_field(d, x, f, y, g);
        } else if (f->version != g->version) {
            differ_number(d, f->path, f->version, g->version);
        }
    }
    for (guint i = 0; i < y->fields->len; i++) {
        const SavedField *g = &g_array_index(y->fields, SavedField, i);
        g_autofree char *path = saved_common_path(g->path);
        if (g_hash_table_lookup(theirs, path) == g && !g_hash_table_contains(ours, path)) {
            only(d, y, g, false);
        }
    }
}

static void diff_section(Diff *d, const SavedSection *x, const SavedSection *y)
{
    if (x->version != y->version) {
        g_autofree char *where = g_strdup_printf("%s %u / version", x->name, x->instance);
        differ_number(d, where, x->version, y->version);
    }
    if (x->iterated || y->iterated) {
        return;
    }
    if (x->fields && y->fields) {
        diff_fields(d, x, y);
    } else if (!g_bytes_equal(x->contents, y->contents)) {
        g_autofree char *where = g_strdup_printf("%s %u", x->name, x->instance);
        differ(d, where, "(not explained)", "(not explained, and other bytes)");
    }
}

/* ---- pages ---- */

typedef struct Ranges { Diff *d; const char *block; GString *text; uint64_t pages, ranges, first, next; } Ranges;

static void end_range(Ranges *r)
{
    if (r->next && r->ranges++ < RANGES_SHOWN) {
        g_string_append_printf(r->text, "%s0x%" PRIx64 "..0x%" PRIx64, r->text->len ? ", " : "", r->first, r->next - 1);
    }
    r->next = 0;
}

static void page_differs(Ranges *r, uint64_t addr)
{
    if (addr != r->next || !r->next) {
        end_range(r);
        r->first = addr;
    }
    r->next = addr + 4096;
    r->pages++;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)*(void *const *)a, y = *(const gint64 *)*(void *const *)b;

    return (x > y) - (x < y);
}

/* A page that did not come is one of zeros: that is how it is where the guest starts. */
static uint64_t hash_at(const SavedChunk *c, unsigned i, uint64_t zero)
{
    return c && c->seen[i / 64] >> i % 64 & 1 ? c->hash[i] : zero;
}

static void diff_pages(Diff *d, const SavedBlock *x, const SavedBlock *y, uint64_t zero)
{
    g_autoptr(GPtrArray) numbers = g_ptr_array_new();
    Ranges r = { .d = d, .text = g_string_new(NULL) };
    GHashTableIter it;
    gpointer key;

    for (unsigned side = 0; side < 2; side++) {
        g_hash_table_iter_init(&it, side ? y->chunks : x->chunks);
        while (g_hash_table_iter_next(&it, &key, NULL)) {
            if (!side || !g_hash_table_contains(x->chunks, key)) {
                g_ptr_array_add(numbers, key);
            }
        }
    }
    g_ptr_array_sort(numbers, by_number);
    for (guint k = 0; k < numbers->len; k++) {
        const gint64 *number = numbers->pdata[k];
        const SavedChunk *a = g_hash_table_lookup(x->chunks, number), *b = g_hash_table_lookup(y->chunks, number);
        for (unsigned i = 0; i < SAVED_CHUNK; i++) {
            if (hash_at(a, i, zero) != hash_at(b, i, zero)) {
                page_differs(&r, (*number * SAVED_CHUNK + i) * 4096);
            }
        }
    }
    end_range(&r);
    if (r.pages) {
        g_autofree char *where = g_strdup_printf("ram / %s", x->name);
        g_autofree char *text = g_strdup_printf("%" PRIu64 " pages differ, in %" PRIu64 " ranges: %s%s", r.pages, r.ranges, r.text->str,
                                                r.ranges > RANGES_SHOWN ? ", ..." : "");
        differ(d, where, NULL, text);
    }
    g_string_free(r.text, TRUE);
}

static void diff_memory(Diff *d)
{
    for (guint i = 0; i < d->a->blocks->len; i++) {
        const SavedBlock *x = g_ptr_array_index(d->a->blocks, i), *y = saved_block(d->b, x->name);
        g_autofree char *where = g_strdup_printf("ram / %s / size", x->name);
        if (!y) {
            differ(d, where, "there", NULL);
        } else {
            differ_number(d, where, x->bytes, y->bytes);
            diff_pages(d, x, y, saved_zero_page_hash());
        }
    }
    for (guint i = 0; i < d->b->blocks->len; i++) {
        const SavedBlock *y = g_ptr_array_index(d->b->blocks, i);
        if (!saved_block(d->a, y->name)) {
            g_autofree char *where = g_strdup_printf("ram / %s / size", y->name);
            differ(d, where, NULL, "there");
        }
    }
}

int tool_diff(const ToolArgs *a)
{
    char *damage[2] = { NULL, NULL };
    Saved *s[2] = { NULL, NULL };
    bool ok = true;

    for (unsigned i = 0; i < 2 && ok; i++) {
        s[i] = tool_read(a, a->files[i], (SavedOptions){ .hash_pages = true }, &damage[i]);
        ok = s[i] && !damage[i];
        if (damage[i]) {
            tool_error("%s: %s", a->files[i], damage[i]);
            g_free(damage[i]);
        }
    }
    if (!ok) {
        return TOOL_ERROR;
    }
    Diff d = { s[0], s[1], a->json ? json_object_new_array() : NULL };
    if (g_strcmp0(d.a->machine, d.b->machine)) {
        differ(&d, "machine", d.a->machine, d.b->machine);
    }
    diff_memory(&d);
    if (d.a->htab.there != d.b->htab.there || d.a->htab.shift != d.b->htab.shift) {
        differ_number(&d, "spapr/htab / shift", d.a->htab.shift, d.b->htab.shift);
    }
    for (guint i = 0; i < d.a->sections->len; i++) {
        const SavedSection *x = g_ptr_array_index(d.a->sections, i), *y = saved_find(d.b, x->name, x->instance);
        if (y) {
            diff_section(&d, x, y);
        } else {
            g_autofree char *where = g_strdup_printf("%s %u", x->name, x->instance);
            differ(&d, where, "there", NULL);
        }
    }
    for (guint i = 0; i < d.b->sections->len; i++) {
        const SavedSection *y = g_ptr_array_index(d.b->sections, i);
        if (!saved_find(d.a, y->name, y->instance)) {
            g_autofree char *where = g_strdup_printf("%s %u", y->name, y->instance);
            differ(&d, where, NULL, "there");
        }
    }
    if (d.json) {
        puts(json_object_to_json_string_ext(d.json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
        json_object_put(d.json);
    }
    saved_free(s[0]);
    saved_free(s[1]);
    return d.count ? TOOL_NO : TOOL_YES;
}
