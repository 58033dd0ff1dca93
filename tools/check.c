/*
 * qemu-migration check: would an emulator with these options load the stream? The rules are the loader's own: the machine is made in this
 * process and migration/check.h asks it of each part of the stream. Memory is not loaded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"
#include "migration/check.h"
#include <stdio.h>

static void check_all(const Saved *s, const char *damage, LoadCheck *c)
{
    load_check_framing(c, s->machine, s->footers);
    for (guint i = 0; i < s->blocks->len; i++) {
        const SavedBlock *b = g_ptr_array_index(s->blocks, i);
        load_check_block(c, b->name, b->bytes);
    }
    if (s->htab.there) {
        load_check_hash_table(c, s->htab.shift);
    }
    for (guint i = 0; i < s->sections->len; i++) {
        const SavedSection *d = g_ptr_array_index(s->sections, i);
        if (d->iterated) {
            load_check_iterated(c, d->name, d->instance, d->version);
        } else {
            gsize size;
            const void *data = g_bytes_get_data(d->contents, &size);
            load_check_section(c, d->name, d->instance, d->version, data, size);
        }
    }
    load_check_end(c);
    if (damage) {
        load_check_reason(c, damage);
    }
}

static json_object *list_of(const GPtrArray *texts)
{
    json_object *list = json_object_new_array();

    for (guint i = 0; i < texts->len; i++) {
        json_object_array_add(list, json_object_new_string(g_ptr_array_index(texts, i)));
    }
    return list;
}

static void print(const ToolArgs *a, const LoadCheck *c)
{
    const GPtrArray *reasons = load_check_reasons(c), *notes = load_check_notes(c);
    bool loads = !reasons->len;

    if (a->json) {
        json_object *o = json_object_new_object();
        json_object_object_add(o, "loads", json_object_new_boolean(loads));
        json_object_object_add(o, "reasons", list_of(reasons));
        json_object_object_add(o, "notes", list_of(notes));
        puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
        json_object_put(o);
        return;
    }
    if (loads) {
        printf("%s: loads\n", a->files[0]);
    } else {
        printf("%s: does not load, for %u reason%s:\n", a->files[0], reasons->len, reasons->len == 1 ? "" : "s");
    }
    for (guint i = 0; i < reasons->len; i++) {
        printf("  - %s\n", (char *)reasons->pdata[i]);
    }
    for (guint i = 0; i < notes->len; i++) {
        printf("  note: %s\n", (char *)notes->pdata[i]);
    }
}

int tool_check(const ToolArgs *a)
{
    g_autofree char *damage = NULL;
    g_autoptr(GError) err = NULL;

    if (!a->own) {
        tool_error("say the options of the emulator that is to load it: qemu-migration check FILE -- -M pseries-2.6 -cpu POWER8 ...");
        return TOOL_ERROR;
    }
    Saved *s = tool_read(a, a->files[0], (SavedOptions){ 0 }, &damage);
    if (!s) {
        return TOOL_ERROR;
    }
    if (!own_machine(a->own, &err)) {
        tool_error("the emulator does not start with these options: %s", err->message);
        return TOOL_ERROR;
    }
    LoadCheck *c = load_check_new();
    check_all(s, damage, c);
    print(a, c);
    int status = load_check_reasons(c)->len ? TOOL_NO : TOOL_YES;
    load_check_free(c);
    saved_free(s);
    return status;
}
