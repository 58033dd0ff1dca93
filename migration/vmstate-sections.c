/*
 * See vmstate.h: the sections of a machine, in the order of the stream and by name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/vmstate.h"
#include <string.h>

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

char *(*vmstate_explain_unknown)(const char *name, uint32_t instance);

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
