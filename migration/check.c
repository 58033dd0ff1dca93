/*
 * See check.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/check.h"
#include "hw/ppc/spapr.h"
#include "migration/ram.h"
#include "system/report.h"
#include <string.h>

struct LoadCheck {
    GPtrArray *reasons, *notes;
    GHashTable *seen;           /* "INSTANCE NAME" of device state */
    GHashTable *blocks;         /* MemoryBlock: here, and the guest has one of this name */
};

typedef struct Hearing { VmsMemory memory; LoadCheck *check; } Hearing;

LoadCheck *load_check_new(void)
{
    LoadCheck *c = g_new0(LoadCheck, 1);

    c->reasons = g_ptr_array_new_with_free_func(g_free);
    c->notes = g_ptr_array_new_with_free_func(g_free);
    c->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    c->blocks = g_hash_table_new(NULL, NULL);
    return c;
}

void load_check_free(LoadCheck *c)
{
    g_ptr_array_unref(c->reasons);
    g_ptr_array_unref(c->notes);
    g_hash_table_unref(c->seen);
    g_hash_table_unref(c->blocks);
    g_free(c);
}

void load_check_reason(LoadCheck *c, const char *reason)
{
    if (!g_ptr_array_find_with_equal_func(c->reasons, reason, g_str_equal, NULL)) {
        g_ptr_array_add(c->reasons, g_strdup(reason));
    }
}

/* Takes the error, if there is one. */
static void add(LoadCheck *c, const char *what, GError *e)
{
    if (e) {
        g_auto(GStrv) lines = g_strsplit(e->message, "\n", -1);         /* report_also() */
        for (char **line = lines; *line; line++) {
            g_autofree char *reason = what ? g_strdup_printf("%s: %s", what, *line) : g_strdup(*line);
            load_check_reason(c, reason);
        }
        g_error_free(e);
    }
}

static void hear(VmsSource *in, GError *e)
{
    add(((Hearing *)in)->check, NULL, e);
}

void load_check_framing(LoadCheck *c, const char *machine, bool footers)
{
    GError *e = NULL;

    savevm_check_configuration(machine != NULL, &e);
    add(c, NULL, g_steal_pointer(&e));
    if (machine) {
        savevm_check_machine(machine, &e);
        add(c, NULL, g_steal_pointer(&e));
    }
    savevm_check_footers(footers, &e);
    add(c, NULL, e);
}

void load_check_block(LoadCheck *c, const char *name, uint64_t bytes)
{
    GError *e = NULL;

    migration_ram_check(name, bytes, &e);
    add(c, "ram", e);
    g_hash_table_add(c->blocks, (gpointer)memory_block_find(name, strlen(name)));
}

void load_check_hash_table(LoadCheck *c, uint64_t shift)
{
    GError *e = NULL;

    spapr_htab_check(shift, &e);
    add(c, "spapr/htab", e);
}

void load_check_iterated(LoadCheck *c, const char *name, uint32_t instance, uint32_t version)
{
    GError *e = NULL;

    savevm_check_section(name, instance, version, true, &e);
    add(c, NULL, e);
}

static char *key_of(const char *name, uint32_t instance)
{
    return g_strdup_printf("%u %s", instance, name);
}

void load_check_section(LoadCheck *c, const char *name, uint32_t instance, uint32_t version, const void *data, size_t size)
{
    g_autofree char *path = g_strdup_printf("%s %u", name, instance);
    GError *e = NULL;
    Hearing h = { .check = c };

    g_hash_table_add(c->seen, key_of(name, instance));
    if (!savevm_check_section(name, instance, version, false, &e)) {
        add(c, NULL, e);
        return;
    }
    const VMStateSection *s = vmstate_find(name, instance);
    vms_memory_init(&h.memory, data, size);
    h.memory.source.complain = hear;
    if (vmstate_load(s->vmsd, s->opaque, path, version, &h.memory.source, &e) && h.memory.source.position != size) {
        report_fail(&e, "%s: %zu of its %zu bytes are not understood: it is damaged, or of a machine with other properties", path,
                    size - (size_t)h.memory.source.position, size);
    }
    add(c, NULL, e);
}

static bool has_block(const MemoryBlock *b, void *blocks)
{
    return g_hash_table_contains(blocks, b);
}

void load_check_end(LoadCheck *c)
{
    GPtrArray *here = vmstate_sections();
    GError *e = NULL;

    migration_ram_check_all(has_block, c->blocks, &e);
    add(c, "ram", e);
    for (guint i = 0; i < here->len; i++) {
        const VMStateSection *d = g_ptr_array_index(here, i);
        g_autofree char *key = key_of(d->name, d->instance);
        bool optional = !strcmp(d->name, "globalstate") && !savevm_stores_global_state();
        if (!optional && !g_hash_table_contains(c->seen, key) && vmstate_needed(d->vmsd, d->opaque)) {
            g_ptr_array_add(c->notes, g_strdup_printf("the machine has a section '%s' %u, the guest has not: it stays as after a reset", d->name,
                                                      d->instance));
        }
    }
}

const GPtrArray *load_check_reasons(const LoadCheck *c) { return c->reasons; }
const GPtrArray *load_check_notes(const LoadCheck *c) { return c->notes; }
