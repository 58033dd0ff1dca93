/*
 * See vmstate.h: what a description says of a struct, now and in this version, and how it looks as JSON.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/vmstate-int.h"

int vmstate_version(const VMState *v, const void *opaque)
{
    FOR_EACH_ROW(v, f) {
        if (f->save_version) {
            return f->save_version(opaque);
        }
    }
    return v->version;
}

int vmstate_minimum_version(const VMState *v)
{
    FOR_EACH_ROW(v, f) {
        if (f->minimum_version) {
            return f->minimum_version;
        }
    }
    return v->version;
}

bool vmstate_needed(const VMState *v, const void *opaque)
{
    FOR_EACH_ROW(v, f) {
        if (f->needed && !f->needed(opaque)) {
            return false;
        }
    }
    return true;
}

bool row_present(const VMStateField *f, const void *opaque, int version)
{
    return f->since <= version && (!f->exists || f->exists(opaque));
}

uint32_t row_count(const VMStateField *f, const void *opaque)
{
    return f->pointer ? *(const uint32_t *)((const char *)opaque + f->count_offset) : f->count;
}

uint8_t *row_elements(const VMStateField *f, void *opaque)
{
    void *at = (char *)opaque + f->offset;

    return f->pointer ? *(void **)at : at;
}

static void add_path(GString *text, const VmsPath *at)
{
    char name[48];

    if (at->up) {
        add_path(text, at->up);
        g_string_append(text, " / ");
    }
    g_string_append(text, at->name);
    if (at->array && at->array->element_name) {
        at->array->element_name(name, sizeof(name), at->index);
        g_string_append_printf(text, "[%s]", name);
    } else if (at->array) {
        g_string_append_printf(text, "[%u]", at->index);
    }
}

bool vms_explain(GError **err, const VmsPath *at)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_path(text, at);
    g_prefix_error(err, "%s: ", text->str);
    return false;
}

void describe_field(GString *json, const VMStateField *f, const char *type, uint32_t count, size_t size, const char *body)
{
    if (!json) {
        return;
    }
    if (json->str[json->len - 1] == '}') {
        g_string_append(json, ", ");
    }
    g_string_append_printf(json, "{\"name\": \"%s\", ", f->name);
    if (count > 1) {
        g_string_append_printf(json, "\"array_len\": %u, ", count);
    }
    g_string_append_printf(json, "\"type\": \"%s\", ", type);
    if (body) {
        g_string_append_printf(json, "\"struct\": {%s}, ", body);
    }
    g_string_append_printf(json, "\"size\": %zu}", size);
}

void describe_single(GString *json, const VMStateField *f, uint32_t n)
{
    if (f->whole) {
        describe_field(json, f, f->whole, 1, (size_t)n * f->info->size, NULL);
    } else if (n) {
        describe_field(json, f, f->info->name, n, f->info->size, NULL);
    }
}

void describe_head(GString *json, const VMState *v, int version)
{
    if (json) {
        g_string_append_printf(json, "\"vmsd_name\": \"%s\", \"version\": %d, \"fields\": [", v->name, version);
    }
}

void describe_subsection(GString *json, bool any)
{
    if (json) {
        g_string_append(json, any ? ", {" : ", \"subsections\": [{");
    }
}

void describe_close(GString *json, const char *brackets)
{
    if (json) {
        g_string_append(json, brackets);
    }
}
