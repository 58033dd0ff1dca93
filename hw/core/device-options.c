/*
 * -device, -global and what is printed about types, properties and the tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "migration/migration.h"
#include "monitor/qmp.h"
#include "system/opts.h"
#include "system/report.h"
#include <string.h>

/* ---- "driver,a=b,c=d" (",," is a comma), or the same as a JSON object ---- */

typedef struct Pair { char *key, *value; } Pair;

static void free_pair(void *p)
{
    g_free(((Pair *)p)->key);
    g_free(((Pair *)p)->value);
    g_free(p);
}

static void add_pair(GPtrArray *pairs, char *key, char *value)
{
    Pair *p = g_new(Pair, 1);

    *p = (Pair){ key, value };
    g_ptr_array_add(pairs, p);
}

static void add_members(GPtrArray *pairs, json_object *o)
{
    json_object_object_foreach(o, key, value) {
        bool on = json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
        add_pair(pairs, g_strdup(key), g_strdup(json_object_is_type(value, json_type_boolean) ? on ? "on" : "off"
                                                : json_object_get_string(value)));
    }
}

static bool json_pairs(const char *text, GPtrArray *pairs, GError **err)
{
    enum json_tokener_error why;
    json_object *o = json_tokener_parse_verbose(text, &why);

    if (!o || !json_object_is_type(o, json_type_object)) {
        json_object_put(o);
        return report_fail(err, "JSON parse error: %s", why == json_tokener_success ? "an object is expected"
                      : json_tokener_error_desc(why));
    }
    add_members(pairs, o);
    json_object_put(o);
    return true;
}

static bool parse_pairs(const char *arg, const char *implied, GPtrArray *pairs, GError **err)
{
    g_autoptr(GString) cur = g_string_new(NULL);
    bool first = true;

    if (*arg == '{') {
        return json_pairs(arg, pairs, err);
    }
    for (const char *p = arg;; p++) {
        if (*p == ',' && p[1] == ',') {
            g_string_append_c(cur, *p++);
        } else if (*p && *p != ',') {
            g_string_append_c(cur, *p);
        } else {
            char *eq = strchr(cur->str, '=');
            if (eq) {
                add_pair(pairs, g_strndup(cur->str, eq - cur->str), g_strdup(eq + 1));
            } else if (first && implied && (cur->len || *p)) {
                add_pair(pairs, g_strdup(implied), g_strdup(cur->str));
            } else if (cur->len) {
                add_pair(pairs, g_strdup(cur->str), NULL);
            }
            first = false;
            g_string_truncate(cur, 0);
            if (!*p) {
                return true;
            }
        }
    }
}

/* The value of a key, which is taken out of the list; NULL: not there. */
static char *take(GPtrArray *pairs, const char *key)
{
    char *value = NULL;

    for (guint i = 0; i < pairs->len; i++) {
        Pair *p = g_ptr_array_index(pairs, i);
        if (!strcmp(p->key, key)) {
            g_free(value);
            value = g_strdup(p->value ? p->value : "on");
            g_ptr_array_remove_index(pairs, i--);
        }
    }
    return value;
}

/* ---- help ---- */

void object_type_help(const ObjectType *t, GString *out)
{
    g_autoptr(GPtrArray) props = object_type_properties(t);
    guint before = out->len;

    g_string_append_printf(out, "%s options:\n", t->name);
    guint head = out->len;
    for (guint i = 0; i < props->len; i++) {
        const Property *p = g_ptr_array_index(props, i);
        if (p->of_instance) {
            continue;
        }
        bool shows_default = object_type_is(t, "device") && p->value && p->kind != PROP_STRING;
        g_autofree char *name = g_strdup_printf("  %s=<%s>", p->name, property_type_name(p));
        if (!p->help && !shows_default) {
            g_string_append_printf(out, "%s\n", name);
            continue;
        }
        g_string_append_printf(out, "%-24s - %s", name, p->help ? p->help : "");
        if (shows_default) {
            Object *o = g_malloc0(t->size);
            object_init((Object *)((char *)o + t->object_at), t);
            g_autofree char *value = property_print(p, o);
            g_string_append_printf(out, " (default: %s)", value);
            g_free(o);
        }
        g_string_append_c(out, '\n');
    }
    if (out->len == head) {
        g_string_truncate(out, before);
        g_string_append_printf(out, "There are no options for %s.\n", t->name);
    }
}

static void list_types(GString *out)
{
    static const char *const titles[CATEGORY_COUNT] = {
        [CATEGORY_NONE] = "Uncategorized", [CATEGORY_BRIDGE] = "Controller/Bridge/Hub", [CATEGORY_STORAGE] = "Storage",
        [CATEGORY_NETWORK] = "Network", [CATEGORY_INPUT] = "Input", [CATEGORY_MISC] = "Misc", [CATEGORY_CPU] = "CPU",
    };
    static const DeviceCategory order[] = { CATEGORY_BRIDGE, CATEGORY_STORAGE, CATEGORY_NETWORK, CATEGORY_INPUT, CATEGORY_MISC,
                                            CATEGORY_CPU, CATEGORY_NONE };
    GPtrArray *types = object_types();

    for (guint c = 0; c < G_N_ELEMENTS(order); c++) {
        bool titled = false;
        for (guint i = 0; i < types->len; i++) {
            const ObjectType *t = g_ptr_array_index(types, i);
            if (!t->pluggable || t->category != order[c]) {
                continue;
            }
            if (!titled) {
                g_string_append_printf(out, "%s%s devices:\n", out->len ? "\n" : "", titles[order[c]]);
                titled = true;
            }
            g_string_append_printf(out, "name \"%s\"", t->name);
            if (t->bus) {
                g_string_append_printf(out, ", bus %s", t->bus);
            }
            if (t->desc) {
                g_string_append_printf(out, ", desc \"%s\"", t->desc);
            }
            g_string_append_c(out, '\n');
        }
    }
}

bool device_option_help(const char *arg, GString *out, GError **err)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(free_pair);

    if (!parse_pairs(arg, "driver", pairs, NULL)) {
        return false;
    }
    g_autofree char *driver = take(pairs, "driver"), *help = take(pairs, "help"), *question = take(pairs, "?");
    if (driver && (!strcmp(driver, "help") || !strcmp(driver, "?"))) {
        list_types(out);
        return true;
    }
    if (!driver || (!help && !question)) {
        return false;
    }
    const ObjectType *t = object_type_find(driver);
    if (!t || !object_type_is(t, "device")) {
        report_fail(err, "Device '%s' not found", driver);
    } else if (t->abstract) {
        report_fail(err, "Parameter 'typename' expects a non-abstract device type");
    } else {
        object_type_help(t, out);
    }
    return true;
}

/* ---- -device ---- */

static bool choose_bus(const ObjectType *t, const char *name, Bus **bus, GError **err)
{
    Bus *b = name || t->bus ? bus_find(name, name ? NULL : t->bus) : NULL;

    *bus = b;
    if (name && !b) {
        return report_fail(err, "Bus '%s' not found", name);
    }
    if (t->bus && !b) {
        return report_fail(err, "No '%s' bus found for device '%s'", t->bus, t->name);
    }
    return !b || (t->bus && object_type_is(b->object.type, t->bus)) || report_fail(err, "Device '%s' can't go on %s bus", t->name, b->object.type->name);
}

static bool check_type(const char *driver, const ObjectType **type, GError **err)
{
    if (!driver) {
        return report_fail(err, "Parameter 'driver' is missing");
    }
    const ObjectType *t = *type = object_type_find(driver);
    if (!t || !object_type_is(t, "device")) {
        return report_fail(err, "'%s' is not a valid device model name", driver);
    }
    if (t->abstract) {
        return report_fail(err, "Parameter 'driver' expects a non-abstract device type");
    }
    return t->pluggable || report_fail(err, "Parameter 'driver' expects a pluggable device type");
}

static Device *by_id(const char *id)
{
    const GPtrArray *all = object_machine_container("peripheral")->children;

    for (guint i = 0; all && i < all->len; i++) {
        Object *o = g_ptr_array_index(all, i);
        if (!strcmp(o->name, id)) {
            return (Device *)o;
        }
    }
    return NULL;
}

/* hot: while the machine is there. */
static bool add(GPtrArray *pairs, bool hot, GError **err)
{
    g_autofree char *driver = take(pairs, "driver"), *id = take(pairs, "id"), *bus_name = take(pairs, "bus");
    const ObjectType *t = NULL;
    Bus *bus;

    if (id && !opts_is_identifier(id)) {
        return report_fail(err, "Parameter 'id' expects an identifier%s",
                           hot ? "" : "\nIdentifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
    }
    if (!check_type(driver, &t, err) || !choose_bus(t, bus_name, &bus, err)) {
        return false;
    }
    if (hot && !t->hotpluggable) {
        return t->bus && strcmp(t->bus, "System") ? report_fail(err, "Bus '%s' does not support hotplugging", bus->object.name)
            : report_fail(err, "Device '%s' does not support hotplugging: give it to the next start (-device)", driver);
    }
    if (id && by_id(id)) {
        return hot ? report_fail(err, "Duplicate device ID '%s'", id) : report_fail(err, "Duplicate ID '%s' for device", id);
    }
    Device *d = device_new(driver, err);
    if (!d) {
        return false;
    }
    d->by_user = true;
    d->hotplugged = hot;
    d->id = id ? g_intern_string(id) : NULL;
    object_add_child(object_machine_container(id ? "peripheral" : "peripheral-anon"), id ? id : "device[*]", &d->object);
    bool ok = true;
    for (guint i = 0; ok && i < pairs->len; i++) {
        Pair *p = g_ptr_array_index(pairs, i);
        ok = device_set(d, p->key, p->value, err);
    }
    if (!ok || !device_realize(d, bus, err)) {
        object_remove(&d->object);
        object_clear(&d->object);
        g_free(d);
        return false;
    }
    return true;
}

bool device_option_add(const char *arg, GError **err)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(free_pair);

    if (!parse_pairs(arg, "driver", pairs, err) || !add(pairs, false, err)) {
        g_prefix_error(err, "-device %s: ", arg);
        return false;
    }
    return true;
}

/* ---- device_add and device_del ---- */

static bool may_change(const char *command, GError **err)
{
    return !migration_needs_memory() || report_fail(err, "%s not allowed while migrating%s", command, migration_running() ? "" : ", receiving or measuring memory");
}

bool device_add_json(json_object *args, GError **err)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(free_pair);

    add_members(pairs, args);
    return may_change("device_add", err) && add(pairs, true, err);
}

bool device_add_text(const char *arg, GError **err)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(free_pair);

    return parse_pairs(arg, "driver", pairs, err) && may_change("device_add", err) && add(pairs, true, err);
}

bool device_del(const char *id, GError **err)
{
    Object *o = *id == '/' ? object_resolve(id) : (Object *)by_id(id);
    bool (*unplug)(Device *, GError **) = NULL;

    if (!o) {
        g_set_error(err, QMP_ERROR, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", id);
        return false;
    }
    if (!object_type_is(o->type, "device")) {
        return report_fail(err, "%s is not a hotpluggable device", id);
    }
    for (const ObjectType *t = o->type; t && !unplug; t = object_type_find(t->parent)) {
        unplug = t->unplug;
    }
    if (!unplug) {
        return report_fail(err, "Device '%s' does not support hotplugging", o->type->name);
    }
    return may_change("device_del", err) && unplug((Device *)o, err);
}

/* ---- -global TYPE.prop=value, or driver=,property=,value= ---- */

bool global_option_add(const char *arg, GError **err)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(free_pair);
    const char *dot = strchr(arg, '.'), *eq = strchr(arg, '=');

    if (dot && eq && dot < eq && dot > arg && eq > dot + 1) {
        g_autofree char *type = g_strndup(arg, dot - arg), *property = g_strndup(dot + 1, eq - dot - 1);
        globals_add(type, property, eq + 1, false);
        return true;
    }
    parse_pairs(arg, NULL, pairs, NULL);
    g_autofree char *driver = take(pairs, "driver"), *property = take(pairs, "property"), *value = take(pairs, "value");
    if (pairs->len) {
        return report_fail(err, "-global %s: Invalid parameter '%s'", arg, ((Pair *)g_ptr_array_index(pairs, 0))->key);
    }
    if (!driver || !property || !value) {
        return report_fail(err, "-global %s: options 'driver', 'property', and 'value' are required", arg);
    }
    globals_add(driver, property, value, false);
    return true;
}

/* ---- the tree ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(Object *const *)a)->name, (*(Object *const *)b)->name);
}

static void print_objects(const Object *o, unsigned indent, GString *out)
{
    g_autoptr(GPtrArray) children = g_ptr_array_new();

    g_string_append_printf(out, "%*s/%s (%s)\n", indent, "", o->name ? o->name : "", o->type->name);
    for (guint i = 0; o->children && i < o->children->len; i++) {
        g_ptr_array_add(children, g_ptr_array_index(o->children, i));
    }
    g_ptr_array_sort(children, by_name);
    for (guint i = 0; i < children->len; i++) {
        print_objects(g_ptr_array_index(children, i), indent + 2, out);
    }
}

void object_print_tree(const Object *o, GString *out)
{
    print_objects(o, 0, out);
}

static void print_bus(const Bus *b, unsigned indent, GString *out);

static void print_device(const Device *d, unsigned indent, GString *out)
{
    g_autofree char *path = !d->id && d->bus->object.type->device_path ? d->bus->object.type->device_path((Device *)d) : NULL;

    g_string_append_printf(out, "%*sdev: %s, id \"%s\"\n", indent, "", d->object.type->name, d->id ? d->id : path ? path : "");
    for (const ObjectType *t = d->object.type; t; t = object_type_find(t->parent)) {
        for (const Property *p = t->props; p && p->name; p++) {
            if (p->internal || p->of_instance) {
                continue;
            }
            g_autofree char *value = property_print(p, device_struct(d));
            bool text = p->kind == PROP_STRING || p->kind == PROP_CHARDEV || p->kind == PROP_DRIVE;
            bool number = !text && p->kind != PROP_BOOL && p->kind != PROP_READ_ONLY;
            g_string_append_printf(out, "%*s%s = %s%s%s", indent + 2, "", p->name, text ? "\"" : "", value, text ? "\"" : "");
            if (number) {
                g_string_append_printf(out, " (0x%" G_GINT64_MODIFIER "x)", g_ascii_strtoull(value, NULL, 10));
            }
            g_string_append_c(out, '\n');
        }
    }
    for (guint i = 0; d->buses && i < d->buses->len; i++) {
        print_bus(g_ptr_array_index(d->buses, i), indent + 2, out);
    }
}

/* The newest device comes first, as in QEMU's list. */
static void print_bus(const Bus *b, unsigned indent, GString *out)
{
    g_string_append_printf(out, "%*sbus: %s\n%*stype %s\n", indent, "", b->owner ? b->object.name : "main-system-bus", indent + 2, "",
                           b->object.type->name);
    for (guint i = b->devices->len; i > 0; i--) {
        print_device(g_ptr_array_index(b->devices, i - 1), indent + 2, out);
    }
}

void bus_print_tree(GString *out)
{
    Bus *b = bus_find(NULL, "System");

    if (b) {
        print_bus(b, 0, out);
    }
}
