/*
 * qemu-migration check: would an emulator with these options load the stream? The rules are the loader's own: the machine is made in this
 * process, each question that the loader asks on its way is asked here of the stream's parts, and device state is loaded into it, with every
 * complaint heard rather than the first. Memory is not loaded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/tool.h"
#include "hw/ppc/spapr.h"
#include "migration/migration.h"
#include "system/report.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct Findings { GPtrArray *reasons, *notes; } Findings;

static Findings found;

static void add_reason(GError *e)
{
    g_ptr_array_add(found.reasons, g_strdup(e->message));
    g_error_free(e);
}

static void hear(VmsSource *in, GError *e)
{
    add_reason(e);
}

static void note(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
static void note(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_ptr_array_add(found.notes, g_strdup_vprintf(fmt, ap));
    va_end(ap);
}

static void check_section(const SavedSection *d)
{
    g_autofree char *path = g_strdup_printf("%s %u", d->name, d->instance);
    GError *err = NULL;
    VmsMemory m;
    gsize size;

    if (!savevm_check_section(d->name, d->instance, d->version, d->iterated, &err)) {
        add_reason(err);
        return;
    }
    if (d->iterated) {
        return;
    }
    const VMStateSection *s = vmstate_find(d->name, d->instance);
    const void *data = g_bytes_get_data(d->contents, &size);
    vms_memory_init(&m, data, size);
    m.source.complain = hear;
    if (!vmstate_load(s->vmsd, s->opaque, path, d->version, &m.source, &err)) {
        add_reason(err);
    } else if (m.source.position != size) {
        report_fail(&err, "%s: %zu of its %zu bytes are not understood: it is damaged, or of a machine with other properties", path,
                    size - (size_t)m.source.position, size);
        add_reason(err);
    }
}

static void check_all(const Saved *s)
{
    GPtrArray *here = vmstate_sections();
    GError *err = NULL;

    if (!savevm_check_configuration(s->machine != NULL, &err)) {
        add_reason(g_steal_pointer(&err));
    }
    if (s->machine && !savevm_check_machine(s->machine, &err)) {
        add_reason(g_steal_pointer(&err));
    }
    if (!savevm_check_footers(s->footers, &err)) {
        add_reason(g_steal_pointer(&err));
    }
    for (guint i = 0; i < s->blocks->len; i++) {
        const SavedBlock *b = g_ptr_array_index(s->blocks, i);
        if (!migration_ram_check(b->name, b->bytes, &err)) {
            g_prefix_error(&err, "ram: ");
            add_reason(g_steal_pointer(&err));
        }
    }
    if (s->htab.there && !spapr_htab_check(s->htab.shift, &err)) {
        g_prefix_error(&err, "spapr/htab: ");
        add_reason(g_steal_pointer(&err));
    }
    for (guint i = 0; i < s->sections->len; i++) {
        check_section(g_ptr_array_index(s->sections, i));
    }
    for (guint i = 0; i < here->len; i++) {
        const VMStateSection *d = g_ptr_array_index(here, i);
        bool optional = !strcmp(d->name, "globalstate") && !savevm_stores_global_state();
        if (!optional && !saved_find(s, d->name, d->instance) && vmstate_needed(d->vmsd, d->opaque)) {
            note("the machine has a section '%s' %u, the stream has not: it stays as after a reset", d->name, d->instance);
        }
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

static void print(const ToolArgs *a, bool loads)
{
    if (a->json) {
        json_object *o = json_object_new_object();
        json_object_object_add(o, "loads", json_object_new_boolean(loads));
        json_object_object_add(o, "reasons", list_of(found.reasons));
        json_object_object_add(o, "notes", list_of(found.notes));
        puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
        json_object_put(o);
        return;
    }
    if (loads) {
        printf("%s: loads\n", a->files[0]);
    } else {
        printf("%s: does not load, for %u reason%s:\n", a->files[0], found.reasons->len, found.reasons->len == 1 ? "" : "s");
    }
    for (guint i = 0; i < found.reasons->len; i++) {
        printf("  - %s\n", (char *)found.reasons->pdata[i]);
    }
    for (guint i = 0; i < found.notes->len; i++) {
        printf("  note: %s\n", (char *)found.notes->pdata[i]);
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
    found = (Findings){ g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(g_free) };
    Saved *s = tool_read(a, a->files[0], (SavedOptions){ 0 }, &damage);
    if (!s) {
        return TOOL_ERROR;
    }
    if (!own_machine(a->own, &err)) {
        tool_error("the emulator does not start with these options: %s", err->message);
        return TOOL_ERROR;
    }
    check_all(s);
    if (damage) {
        g_ptr_array_add(found.reasons, g_strdup(damage));
    }
    print(a, !found.reasons->len);
    saved_free(s);
    return found.reasons->len ? TOOL_NO : TOOL_YES;
}
