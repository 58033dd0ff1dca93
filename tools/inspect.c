/*
 * qemu-migration inspect: what is in a saved guest, as a table or as JSON.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- facts ---- */

static void fact(GPtrArray *all, const char *label, const char *fmt, ...) G_GNUC_PRINTF(3, 4);
static void fact(GPtrArray *all, const char *label, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_ptr_array_add(all, g_strdup(label));
    g_ptr_array_add(all, g_strdup_vprintf(fmt, ap));
    va_end(ap);
}

/* A field of processor 0 with what it means, if the stream has it. */
static void cpu_fact(GPtrArray *all, const Saved *s, const char *label, const char *path, uint32_t i)
{
    const SavedSection *cpu = saved_find(s, "cpu", 0);
    const SavedField *f = saved_field(cpu, path);

    if (f && i < f->count) {
        g_autofree char *value = saved_value_text(cpu, f, i, true), *meaning = saved_meaning(cpu, f, i);
        fact(all, label, "%s%s%s", value, meaning && *meaning ? "  " : "", meaning ? meaning : "");
    }
}

static unsigned count_named(const Saved *s, const char *name)
{
    unsigned n = 0;

    for (guint i = 0; i < s->sections->len; i++) {
        n += !strcmp(((SavedSection *)g_ptr_array_index(s->sections, i))->name, name);
    }
    return n;
}

#define PVR 287

GPtrArray *tool_facts(const Saved *s)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    char size[32];

    fact(all, "machine", "%s", s->machine ? s->machine : "does not say (pseries-2.3 or older)");
    fact(all, "framing", "%s, %s, %s", s->machine ? "named" : "no name", s->footers ? "footers" : "no footers",
         s->described ? "describes itself" : s->own_description ? "no description; explained by this program's loader" : "no description");
    for (guint i = 0; i < s->configuration->len; i++) {
        fact(all, "with", "%s", (const char *)g_ptr_array_index(s->configuration, i) + strlen("configuration/"));
    }
    fact(all, "processors", "%u", count_named(s, "cpu"));
    cpu_fact(all, s, "PVR", "spr", PVR);
    cpu_fact(all, s, "compatible", "cpu/compat / compat_pvr", 0);
    cpu_fact(all, s, "insns_flags", "insns_flags", 0);
    cpu_fact(all, s, "insns_flags2", "insns_flags2", 0);
    cpu_fact(all, s, "msr_mask", "msr_mask", 0);
    cpu_fact(all, s, "MSR", "msr", 0);
    cpu_fact(all, s, "NIP", "nip", 0);
    const SavedSection *state = saved_find(s, "globalstate", 0);
    const SavedField *run = saved_field(state, "runstate");
    g_autofree char *was = run ? saved_meaning(state, run, 0) : NULL;
    if (was) {
        fact(all, "run state", "%s", was);
    }
    for (guint i = 0; i < s->blocks->len; i++) {
        const SavedBlock *b = g_ptr_array_index(s->blocks, i);
        g_autoptr(GString) text = g_string_new(NULL);
        g_string_append_printf(text, "%s, %s: %" PRIu64 " pages (%" PRIu64 " whole, %" PRIu64 " zero, %" PRIu64 " uniform", b->name,
                               saved_size_text(size, sizeof(size), b->bytes), b->present, b->whole, b->zero, b->uniform);
        if (b->delta + b->compressed) {
            g_string_append_printf(text, ", %" PRIu64 " xbzrle, %" PRIu64 " compressed", b->delta, b->compressed);
        }
        g_string_append_printf(text, "; %" PRIu64 " came again)", b->again);
        if (b->mapped_at) {
            g_string_append_printf(text, ", at their places from byte 0x%" PRIx64 " on", b->mapped_at);
        } else if (!b->present) {
            g_string_append(text, ": its pages went another way than the stream, by multifd's channels for instance");
        }
        fact(all, "memory", "%s", text->str);
    }
    if (s->htab.there && s->htab.shift == UINT32_MAX) {
        fact(all, "hash table", "none");
    } else if (s->htab.there) {
        fact(all, "hash table", "%s, %" PRIu64 " valid entries", saved_size_text(size, sizeof(size), 1ull << s->htab.shift), s->htab.entries);
    }
    if (s->note) {
        fact(all, "note", "%s", s->note);
    }
    return all;
}

/* ---- table ---- */

static bool is_zero(const SavedSection *s, const SavedField *f, uint32_t i)
{
    const uint8_t *p = (const uint8_t *)g_bytes_get_data(s->contents, NULL) + f->at + (size_t)i * f->size;

    for (uint32_t k = 0; k < f->size; k++) {
        if (p[k]) {
            return false;
        }
    }
    return true;
}

static void print_field(const SavedSection *s, const SavedField *f)
{
    if (!f->type) {
        printf("    %s, version %u\n", f->path, f->version);
        return;
    }
    if (f->count > 1 && saved_all_equal(s, f)) {
        g_autofree char *value = saved_value_text(s, f, 0, false);
        printf("      %s[0..%u] = %s\n", f->path, f->count - 1, value);
        return;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->count > 8 && is_zero(s, f, i)) {
            continue;           /* in an array, what is not said is 0 */
        }
        g_autofree char *path = saved_element_path(s, f, i), *value = saved_value_text(s, f, i, false), *meaning = saved_meaning(s, f, i);
        printf("      %s = %s%s%s\n", path, value, meaning && *meaning ? "  " : "", meaning ? meaning : "");
    }
}

static void print_table(const Saved *s, bool fields)
{
    g_autoptr(GPtrArray) facts = tool_facts(s);

    for (guint i = 0; i < facts->len; i += 2) {
        printf("%-12s %s\n", (char *)facts->pdata[i], (char *)facts->pdata[i + 1]);
    }
    printf("\n%12s %12s  %7s  %s\n", "OFFSET", "BYTES", "VERSION", "SECTION");
    for (guint i = 0; i < s->sections->len; i++) {
        const SavedSection *d = g_ptr_array_index(s->sections, i);
        g_autofree char *note = d->iterated ? g_strdup_printf("  in %" PRIu64 " parts", d->parts) : d->fields ? NULL : g_strdup("  (not explained)");
        printf("%#12" PRIx64 " %12" PRIu64 "  %7u  %s %u%s\n", d->offset, d->size, d->version, d->name, d->instance, note ? note : "");
        for (guint k = 0; fields && d->fields && k < d->fields->len; k++) {
            print_field(d, &g_array_index(d->fields, SavedField, k));
        }
    }
}

/* ---- JSON ---- */

static json_object *json_value(const SavedSection *s, const SavedField *f, uint32_t i)
{
    g_autofree char *text = saved_value_text(s, f, i, true);

    return json_object_new_string(text);
}

static json_object *json_field(const SavedSection *s, const SavedField *f)
{
    json_object *o = json_object_new_object();

    json_object_object_add(o, "name", json_object_new_string(f->path));
    json_object_object_add(o, "offset", json_object_new_int64(f->at));
    if (!f->type) {
        json_object_object_add(o, "subsection-version", json_object_new_int64(f->version));
        return o;
    }
    json_object_object_add(o, "type", json_object_new_string(f->type));
    json_object_object_add(o, "size", json_object_new_int64(f->size));
    if (!f->array) {
        json_object_object_add(o, "value", json_value(s, f, 0));
    } else {
        json_object_object_add(o, "count", json_object_new_int64(f->count));
        if (f->count && saved_all_equal(s, f)) {
            json_object_object_add(o, "each", json_value(s, f, 0));
        } else {
            json_object *list = json_object_new_array();
            for (uint32_t i = 0; i < f->count; i++) {
                json_object_array_add(list, json_value(s, f, i));
            }
            json_object_object_add(o, "values", list);
        }
    }
    json_object *means = NULL;
    for (uint32_t i = 0; i < f->count && f->count <= 1024; i++) {
        g_autofree char *meaning = saved_meaning(s, f, i), *path = meaning ? saved_element_path(s, f, i) : NULL;
        if (meaning) {
            means = means ? means : json_object_new_object();
            json_object_object_add(means, path, json_object_new_string(meaning));
        }
    }
    if (means) {
        json_object_object_add(o, "means", means);
    }
    return o;
}

static json_object *json_section(const SavedSection *d)
{
    json_object *o = json_object_new_object();

    json_object_object_add(o, "name", json_object_new_string(d->name));
    json_object_object_add(o, "instance", json_object_new_int64(d->instance));
    json_object_object_add(o, "version", json_object_new_int64(d->version));
    json_object_object_add(o, "id", json_object_new_int64(d->id));
    json_object_object_add(o, "offset", json_object_new_int64(d->offset));
    json_object_object_add(o, "size", json_object_new_int64(d->size));
    if (d->iterated) {
        json_object_object_add(o, "parts", json_object_new_int64(d->parts));
    }
    if (d->fields) {
        json_object *list = json_object_new_array();
        for (guint k = 0; k < d->fields->len; k++) {
            json_object_array_add(list, json_field(d, &g_array_index(d->fields, SavedField, k)));
        }
        json_object_object_add(o, "fields", list);
    }
    return o;
}

static json_object *json_block(const SavedBlock *b)
{
    const struct { const char *name; uint64_t v; } all[] = {
        { "size", b->bytes }, { "pages", b->present }, { "again", b->again }, { "zero", b->zero }, { "uniform", b->uniform }, { "whole", b->whole },
        { "xbzrle", b->delta }, { "compressed", b->compressed },
        { "mapped-at", b->mapped_at },
    };
    json_object *o = json_object_new_object();

    json_object_object_add(o, "name", json_object_new_string(b->name));
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        json_object_object_add(o, all[i].name, json_object_new_int64(all[i].v));
    }
    return o;
}

json_object *tool_json(const Saved *s, const char *damage)
{
    json_object *o = json_object_new_object(), *list = json_object_new_array();

    json_object_object_add(o, "machine", s->machine ? json_object_new_string(s->machine) : NULL);
    for (guint i = 0; i < s->configuration->len; i++) {
        json_object_array_add(list, json_object_new_string(g_ptr_array_index(s->configuration, i)));
    }
    json_object_object_add(o, "configuration", list);
    json_object_object_add(o, "footers", json_object_new_boolean(s->footers));
    json_object_object_add(o, "description", json_object_new_string(s->described ? "stream" : s->own_description ? "loader" : "none"));
    json_object_object_add(o, "size", json_object_new_int64(s->bytes));
    const char *model = own_model(s);
    json_object_object_add(o, "cpu-model", model ? json_object_new_string(model) : NULL);
    list = json_object_new_array();
    for (guint i = 0; i < s->blocks->len; i++) {
        json_object_array_add(list, json_block(g_ptr_array_index(s->blocks, i)));
    }
    json_object_object_add(o, "memory", list);
    if (s->htab.there) {
        json_object *h = json_object_new_object();
        json_object_object_add(h, "shift", s->htab.shift == UINT32_MAX ? NULL : json_object_new_int64(s->htab.shift));
        json_object_object_add(h, "entries", json_object_new_int64(s->htab.entries));
        json_object_object_add(o, "hash-table", h);
    }
    list = json_object_new_array();
    for (guint i = 0; i < s->sections->len; i++) {
        json_object_array_add(list, json_section(g_ptr_array_index(s->sections, i)));
    }
    json_object_object_add(o, "sections", list);
    if (s->note) {
        json_object_object_add(o, "note", json_object_new_string(s->note));
    }
    if (damage) {
        json_object_object_add(o, "error", json_object_new_string(damage));
    }
    return o;
}

int tool_inspect(const ToolArgs *a)
{
    g_autofree char *damage = NULL;
    Saved *s = tool_read(a, a->files[0], (SavedOptions){ 0 }, &damage);

    if (!s) {
        return TOOL_ERROR;
    }
    if (a->json) {
        json_object *o = tool_json(s, damage);
        puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
        json_object_put(o);
    } else if (a->html) {
        g_autoptr(GString) page = g_string_new(NULL);
        tool_html(s, a->files[0], damage, page);
        fputs(page->str, stdout);
    } else {
        print_table(s, a->fields);
    }
    saved_free(s);
    if (damage) {
        fflush(stdout);
        tool_error("%s: %s", a->files[0], damage);
    }
    return damage ? TOOL_ERROR : TOOL_YES;
}
