/*
 * QMP commands about types of objects, and the tree of those that there are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include "hw/core/user-objects.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include <string.h>

QMP_STRUCT(ObjectTypeInfo, "name:str abstract:bool? parent:str?");
QMP_STRUCT(ObjectPropertyInfo, "name:str type:str description:str? default-value:any?");

static const char *const numbers[] = { "int", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "size", NULL };

/* A property's text as JSON of its type. */
static json_object *value_of(const Property *p, const char *text)
{
    if (!strcmp(property_type_name(p), "bool")) {
        return JBOOL(!g_strcmp0(text, "on") || !g_strcmp0(text, "true"));
    }
    if (g_strv_contains(numbers, property_type_name(p))) {
        return !text ? JINT(0) : *text == '-' ? JINT(g_ascii_strtoll(text, NULL, 0)) : json_object_new_uint64(g_ascii_strtoull(text, NULL, 0));
    }
    if (p->kind == PROP_JSON) {
        return json_tokener_parse(text);
    }
    return JSTR(text ? text : "");
}

static void add_plain(json_object *list, const char *name, const char *type)
{
    json_object_array_add(list, qmp_object("name", JSTR(name), "type", JSTR(type), NULL));
}

/* What every object and every device has. */
static void add_common(json_object *list, const ObjectType *t)
{
    add_plain(list, "type", "string");
    if (object_type_is(t, "device")) {
        add_plain(list, "parent_bus", "link<bus>");
        add_plain(list, "realized", "bool");
        add_plain(list, "hotplugged", "bool");
    }
}

/* Those that an object adds itself have no default. */
static void add_properties(json_object *list, const ObjectType *t, bool of_object, bool described, bool defaults)
{
    g_autoptr(GPtrArray) props = object_type_properties(t);

    for (guint i = 0; i < props->len; i++) {
        const Property *p = g_ptr_array_index(props, i);
        if (p->of_instance && !of_object) {
            continue;
        }
        json_object *o = qmp_object("name", JSTR(p->name), "type", JSTR(property_type_name(p)), NULL);
        if (described && p->help) {
            json_object_object_add(o, "description", JSTR(p->help));
        }
        if (defaults && (p->value || g_strv_contains(numbers, property_type_name(p)))) {
            json_object_object_add(o, "default-value", value_of(p, p->value));
        }
        json_object_array_add(list, o);
    }
}

QMP(qom_list_types, "qom-list-types", "implements:str? abstract:bool?", "[ObjectTypeInfo]", 0)
{
    const char *implements = qmp_str(args, "implements", NULL);
    GPtrArray *types = object_types();

    *ret = json_object_new_array();
    for (guint i = 0; i < types->len; i++) {
        const ObjectType *t = g_ptr_array_index(types, i);
        if ((t->abstract && !qmp_bool(args, "abstract", false)) || (implements && !(strcmp(implements, "user-creatable") ? object_type_is(t, implements) : t->user_creatable))) {
            continue;
        }
        json_object *o = qmp_object("name", JSTR(t->name), "parent", JSTR(t->parent ? t->parent : "object"), NULL);
        if (t->abstract) {
            json_object_object_add(o, "abstract", JBOOL(true));
        }
        json_object_array_add(*ret, o);
    }
    return true;
}

QMP(device_list_properties, "device-list-properties", "typename:str", "[ObjectPropertyInfo]", 0)
{
    const char *name = qmp_str(args, "typename", NULL);
    const ObjectType *t = object_type_find(name);

    if (!t) {
        g_set_error(err, QMP_ERROR, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", name);
        return false;
    }
    if (t->abstract || !object_type_is(t, "device")) {
        return report_fail(err, "Parameter 'typename' expects a non-abstract device type");
    }
    *ret = json_object_new_array();
    add_properties(*ret, t, false, true, true);
    return true;
}

QMP(qom_list_properties, "qom-list-properties", "typename:str", "[ObjectPropertyInfo]", 0)
{
    const char *name = qmp_str(args, "typename", NULL);
    const ObjectType *t = object_type_find(name);

    if (!t) {
        g_set_error(err, QMP_ERROR, QMP_DEVICE_NOT_FOUND, "Class '%s' not found", name);
        return false;
    }
    *ret = json_object_new_array();
    add_common(*ret, t);
    add_properties(*ret, t, true, true, false);
    return true;
}

static Object *resolve(json_object *args, GError **err)
{
    const char *path = qmp_str(args, "path", NULL);
    Object *o = *path ? object_resolve(path) : NULL;

    if (!*path) {
        report_fail(err, "Path '' is ambiguous");
    } else if (!o) {
        g_set_error(err, QMP_ERROR, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", path);
    }
    return o;
}

QMP(qom_list, "qom-list", "path:str", "[ObjectPropertyInfo]", 0)
{
    Object *o = resolve(args, err);

    if (!o) {
        return false;
    }
    *ret = json_object_new_array();
    add_common(*ret, o->type);
    add_properties(*ret, o->type, true, false, false);
    for (guint i = 0; o->children && i < o->children->len; i++) {
        Object *child = g_ptr_array_index(o->children, i);
        g_autofree char *type = g_strdup_printf("child<%s>", child->type->name);
        add_plain(*ret, child->name, type);
    }
    return true;
}

static json_object *path_of(const Object *o)
{
    g_autofree char *path = o ? object_path(o) : g_strdup("");

    return JSTR(path);
}

static json_object *common_value(const Object *o, const char *name)
{
    const Device *d = object_type_is(o->type, "device") ? (const Device *)o : NULL;

    return !strcmp(name, "type") ? JSTR(o->type->name) : d && !strcmp(name, "realized") ? JBOOL(d->realized)
        : d && !strcmp(name, "hotplugged") ? JBOOL(d->hotplugged) : d && !strcmp(name, "parent_bus") ? path_of(d->bus ? &d->bus->object : NULL) : NULL;
}

QMP(qom_get, "qom-get", "path:str property:str", "any", 0)
{
    const char *name = qmp_str(args, "property", NULL);
    Object *o = resolve(args, err);

    if (!o) {
        return false;
    }
    const Property *p = object_type_property(o->type, name);
    if (p && !p->internal) {
        g_autofree char *text = object_get(o, name);
        *ret = value_of(p, text);
        return true;
    }
    *ret = common_value(o, name);
    for (guint i = 0; !*ret && o->children && i < o->children->len; i++) {
        Object *child = g_ptr_array_index(o->children, i);
        *ret = strcmp(child->name, name) ? NULL : path_of(child);
    }
    return *ret || report_fail(err, "Property '%s.%s' not found", o->type->name, name);
}

/* What every object or device has, and its children. */
static bool has_besides(const Object *o, const char *name)
{
    json_object *common = common_value(o, name);
    bool has = common;

    json_object_put(common);
    for (guint i = 0; !has && o->children && i < o->children->len; i++) {
        has = !strcmp(((const Object *)g_ptr_array_index(o->children, i))->name, name);
    }
    return has;
}

/* A device stays until the emulator ends. */
static bool set_realized(const Object *o, json_object *value, GError **err)
{
    if (!json_object_is_type(value, json_type_boolean)) {
        return report_fail(err, "Invalid parameter type for 'realized', expected: boolean");
    }
    return json_object_get_boolean(value) || report_fail(err, "Device '%s' cannot be taken out of the machine", o->type->name);
}

QMP(qom_set, "qom-set", "path:str property:str value:any", "", 0)
{
    const char *path = qmp_str(args, "path", NULL), *name = qmp_str(args, "property", NULL);
    json_object *value = json_object_object_get(args, "value");
    Object *o = *path ? object_resolve(path) : NULL;

    if (!o) {
        g_set_error(err, QMP_ERROR, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", path);
        return false;
    }
    const Property *p = object_type_property(o->type, name);
    if (!strcmp(name, "realized") && object_type_is(o->type, "device")) {
        return set_realized(o, value, err);
    }
    if ((p && p->kind == PROP_READ_ONLY) || ((!p || p->internal) && has_besides(o, name))) {
        return report_fail(err, "Property '%s.%s' is not writable", o->type->name, name);
    }
    if (!p || p->internal) {
        return report_fail(err, "Property '%s.%s' not found", o->type->name, name);
    }
    return object_change(o, p, value, err);
}
