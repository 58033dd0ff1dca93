/*
 * -dump-vmstate: the descriptions of all device types' saved state as JSON, in the form that vmstate-static-checker.py compares. Sizes are of
 * one element; of a struct, and of what a pointer leads to, they are this program's own affair.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"
#include <json-c/json.h>
#include <string.h>

static json_object *description(const VMState *v);

static void add(json_object *o, const char *name, json_object *value)
{
    json_object_object_add(o, name, value);
}

static json_object *field(const VMStateField *f)
{
    json_object *o = json_object_new_object();
    bool buffer = f->kind == VMS_KIND_BYTES && f->pointer;

    add(o, "field", json_object_new_string(f->name));
    add(o, "version_id", json_object_new_int(f->since));
    add(o, "field_exists", json_object_new_boolean(f->exists != NULL));
    add(o, "size", json_object_new_int64(f->whole || buffer ? 0 : f->info ? f->info->size : f->size));
    if (f->vmsd) {
        add(o, "Description", description(f->vmsd));
    }
    return o;
}

static json_object *description(const VMState *v)
{
    json_object *o = json_object_new_object(), *fields = json_object_new_array(), *subsections = json_object_new_array();

    add(o, "name", json_object_new_string(v->name));
    add(o, "version_id", json_object_new_int(v->version));
    add(o, "minimum_version_id", json_object_new_int(vmstate_minimum_version(v)));
    for (const VMStateField *f = v->rows; f->kind != VMS_KIND_END; f++) {
        if (f->kind == VMS_KIND_SUBSECTION) {
            json_object_array_add(subsections, description(f->vmsd));
        } else if (f->kind != VMS_KIND_SKIP && f->kind != VMS_KIND_HOOK) {
            json_object_array_add(fields, field(f));
        }
    }
    add(o, "Fields", fields);
    if (json_object_array_length(subsections)) {
        add(o, "Subsections", subsections);
    } else {
        json_object_put(subsections);
    }
    return o;
}

static const VMState *state_of(const ObjectType *t)
{
    while (t && !t->vmsd) {
        t = t->parent ? object_type_find(t->parent) : NULL;
    }
    return t ? t->vmsd : NULL;
}

bool vmstate_dump(FILE *f, const char *machine)
{
    json_object *all = json_object_new_object(), *head = json_object_new_object();
    GPtrArray *types = object_types();

    add(head, "Name", json_object_new_string(machine));
    add(all, "vmschkmachine", head);
    for (guint i = 0; i < types->len; i++) {
        const ObjectType *t = g_ptr_array_index(types, i);
        const VMState *v = object_type_is(t, "device") ? state_of(t) : NULL;
        /* of a processor's many models one is enough: they differ in what of it is sent */
        if (!v || (object_type_is(t, "cpu") && !t->abstract) || g_str_has_suffix(t->name, "-family-powerpc64-cpu")) {
            continue;
        }
        json_object *o = json_object_new_object();
        add(o, "Name", json_object_new_string(t->name));
        add(o, "version_id", json_object_new_int(v->version));
        add(o, "minimum_version_id", json_object_new_int(vmstate_minimum_version(v)));
        add(o, "Description", description(v));
        add(all, t->name, o);
    }
    const char *text = json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
    bool ok = fputs(text, f) >= 0 && fputc('\n', f) >= 0;
    json_object_put(all);
    return fclose(f) == 0 && ok;
}
