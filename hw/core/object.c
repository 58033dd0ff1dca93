/*
 * See object.h: the registry of types, the tree of objects.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/object.h"
#include <stdlib.h>
#include <string.h>

extern const ObjectType *const __start_object_type_rows[], *const __stop_object_type_rows[];
extern ObjectFamilyFn *const __start_object_family_rows[], *const __stop_object_family_rows[];

/* ---- types ---- */

OBJECT_TYPE(container_type, .name = "container", .size = sizeof(Object));

static GHashTable *by_name;
static GPtrArray *sorted;

void object_type_register(const ObjectType *t)
{
    bool fresh = g_hash_table_insert(by_name, (char *)t->name, (void *)t);

    g_assert(fresh);            /* two types of one name */
    g_clear_pointer(&sorted, g_ptr_array_unref);
}

static void fill_registry(void)
{
    if (by_name) {
        return;
    }
    by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (const ObjectType *const *t = __start_object_type_rows; t < __stop_object_type_rows; t++) {
        object_type_register(*t);
    }
    for (ObjectFamilyFn *const *f = __start_object_family_rows; f < __stop_object_family_rows; f++) {
        (*f)();
    }
}

const ObjectType *object_type_find(const char *name)
{
    fill_registry();
    return name ? g_hash_table_lookup(by_name, name) : NULL;
}

bool object_type_is(const ObjectType *t, const char *name)
{
    for (; t; t = object_type_find(t->parent)) {
        if (!strcmp(t->name, name)) {
            return true;
        }
        if (t->parent && !strcmp(t->parent, name)) {
            return true;
        }
    }
    return false;
}

static int type_order(const void *a, const void *b)
{
    return strcmp((*(const ObjectType *const *)a)->name, (*(const ObjectType *const *)b)->name);
}

GPtrArray *object_types(void)
{
    fill_registry();
    if (!sorted) {
        GHashTableIter i;
        void *t;
        sorted = g_ptr_array_new();
        g_hash_table_iter_init(&i, by_name);
        while (g_hash_table_iter_next(&i, NULL, &t)) {
            g_ptr_array_add(sorted, t);
        }
        g_ptr_array_sort(sorted, type_order);
    }
    return sorted;
}

const Property *object_type_property(const ObjectType *t, const char *name)
{
    for (; t; t = object_type_find(t->parent)) {
        for (const Property *p = t->props; p && p->name; p++) {
            if (!strcmp(p->name, name)) {
                return p;
            }
        }
    }
    return NULL;
}

static int property_order(const void *a, const void *b)
{
    return strcmp((*(const Property *const *)a)->name, (*(const Property *const *)b)->name);
}

GPtrArray *object_type_properties(const ObjectType *t)
{
    GPtrArray *all = g_ptr_array_new();

    for (; t; t = object_type_find(t->parent)) {
        for (const Property *p = t->props; p && p->name; p++) {
            if (!p->internal) {
                g_ptr_array_add(all, (void *)p);
            }
        }
    }
    g_ptr_array_sort(all, property_order);
    return all;
}

/* ---- the tree ---- */

static Object *child_named(const Object *o, const char *name, size_t len)
{
    g_autofree char *key = g_strndup(name, len);

    return o->names ? g_hash_table_lookup(o->names, key) : NULL;
}

/* "name[*]": the lowest number that is free. Children stay, so those below it are all taken. */
static char *numbered_name(const Object *parent, const char *name)
{
    unsigned free = parent->children ? parent->children->len : 0, from = 0;

    for (;;) {
        unsigned n = from + (free - from) / 2;
        g_autofree char *numbered = g_strdup_printf("%.*s[%u]", (int)strlen(name) - 3, name, n);
        if (from == free) {
            return g_steal_pointer(&numbered);
        }
        if (child_named(parent, numbered, strlen(numbered))) {
            from = n + 1;
        } else {
            free = n;
        }
    }
}

void object_add_child(Object *parent, const char *name, Object *child)
{
    g_autofree char *numbered = NULL;

    g_assert(!child->parent);
    if (g_str_has_suffix(name, "[*]")) {
        name = numbered = numbered_name(parent, name);
    }
    g_assert(!child_named(parent, name, strlen(name)));
    if (!parent->children) {
        parent->children = g_ptr_array_new();
        parent->names = g_hash_table_new(g_str_hash, g_str_equal);
    }
    child->parent = parent;
    child->name = g_strdup(name);
    g_ptr_array_add(parent->children, child);
    g_hash_table_insert(parent->names, child->name, child);
}

void object_remove(Object *child)
{
    g_hash_table_remove(child->parent->names, child->name);
    g_ptr_array_remove(child->parent->children, child);
    child->parent = NULL;
    g_clear_pointer(&child->name, g_free);
}

Object *object_root(void)
{
    static Object root;

    if (!root.type) {
        object_init(&root, &container_type);
    }
    return &root;
}

Object *object_container(Object *parent, const char *name)
{
    Object *o = child_named(parent, name, strlen(name));

    if (!o) {
        o = g_new0(Object, 1);
        object_init(o, &container_type);
        object_add_child(parent, name, o);
    }
    return o;
}

Object *object_machine_container(const char *name)
{
    Object *machine = child_named(object_root(), "machine", 7);

    return object_container(machine ? machine : object_root(), name);
}

char *object_path(const Object *o)
{
    if (!o->parent) {
        return g_strdup("/");
    }
    g_autofree char *above = o->parent->parent ? object_path(o->parent) : g_strdup("");

    return g_strdup_printf("%s/%s", above, o->name);
}

static Object *walk(Object *from, const char *path)
{
    while (from && *path) {
        size_t n = strcspn(path, "/");
        if (n) {
            from = child_named(from, path, n);
        }
        path += n + (path[n] == '/');
    }
    return from;
}

/* Every place below `o` from which `path` leads somewhere. */
static void search(Object *o, const char *path, Object **found, unsigned *count)
{
    Object *at = walk(o, path);

    if (at && at != o) {
        *found = at;
        (*count)++;
    }
    for (guint i = 0; o->children && i < o->children->len; i++) {
        search(g_ptr_array_index(o->children, i), path, found, count);
    }
}

Object *object_resolve(const char *path)
{
    Object *found = NULL;
    unsigned count = 0;

    if (*path == '/') {
        return walk(object_root(), path);
    }
    search(object_root(), path, &found, &count);
    return count == 1 ? found : NULL;
}

/* ---- -global and pins ---- */

static GPtrArray *globals;

void globals_add(const char *type, const char *property, const char *value, bool pin)
{
    GlobalProp *g = g_new0(GlobalProp, 1);
    guint at = 0;

    *g = (GlobalProp){ g_intern_string(type), g_intern_string(property), g_intern_string(value), pin };
    if (!globals) {
        globals = g_ptr_array_new_with_free_func(g_free);
    }
    while (at < globals->len && (!pin || ((GlobalProp *)g_ptr_array_index(globals, at))->pin)) {
        at++;
    }
    g_ptr_array_insert(globals, at, g);
}

void globals_clear_pins(void)
{
    while (globals && globals->len && ((GlobalProp *)g_ptr_array_index(globals, 0))->pin) {
        g_ptr_array_remove_index(globals, 0);
    }
}

bool object_apply_globals(Object *o, GError **err)
{
    for (guint i = 0; globals && i < globals->len; i++) {
        GlobalProp *g = g_ptr_array_index(globals, i);
        if (!object_type_is(o->type, g->type)) {
            continue;
        }
        g->used = true;
        if (!object_set(o, g->property, g->value, g->pin ? PROP_FROM_PIN : PROP_FROM_GLOBAL, err)) {
            g_prefix_error(err, "can't apply global %s.%s=%s: ", g->type, g->property, g->value);
            return false;
        }
    }
    return true;
}

void globals_warn_unused(void)
{
    for (guint i = 0; globals && i < globals->len; i++) {
        GlobalProp *g = g_ptr_array_index(globals, i);
        if (!g->pin && !g->used && !object_type_find(g->type)) {
            g_printerr("qemu-system-ppc64: warning: global %s.%s has invalid class name\n", g->type, g->property);
        }
    }
}
