/*
 * Bytes of a section cut into fields by its description (JSON, as streams carry it); see saved.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tools/saved.h"
#include "migration/wire.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define FIELDS_MAX (1u << 20)       /* of one section */
#define WORK_MAX (16u << 20)        /* elements looked at: descriptions of nothing, many times, cost time as well */
#define DEPTH_MAX 16

typedef struct Cut { const uint8_t *data; size_t size, at; GArray *fields; unsigned work; GError **err; } Cut;

static bool cut_struct(Cut *c, json_object *d, const char *prefix, unsigned depth);

static const char *text_of(json_object *d, const char *key)
{
    json_object *v = NULL;

    return json_object_object_get_ex(d, key, &v) && json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static int64_t number_of(json_object *d, const char *key, int64_t otherwise)
{
    json_object *v = NULL;

    return json_object_object_get_ex(d, key, &v) && json_object_is_type(v, json_type_int) ? json_object_get_int64(v) : otherwise;
}

static bool add(Cut *c, SavedField f)
{
    if (c->fields->len >= FIELDS_MAX) {
        g_free(f.path);
        return report_fail(c->err, "it has more than %u fields", FIELDS_MAX);
    }
    g_array_append_val(c->fields, f);
    return true;
}

static bool cut_field(Cut *c, json_object *d, const char *prefix, unsigned depth)
{
    const char *name = text_of(d, "name"), *type = text_of(d, "type");
    int64_t count = number_of(d, "array_len", 1), size = number_of(d, "size", -1), index = number_of(d, "index", -1);
    json_object *inner = NULL;

    if (!name || !type || count < 0 || count > UINT32_MAX || size < 0 || size > UINT32_MAX) {
        return report_fail(c->err, "the description has a field without a name, type or size, or with an impossible one: %.100s",
                           json_object_to_json_string(d));
    }
    g_autofree char *at_index = index >= 0 ? g_strdup_printf("[%" PRId64 "]", index) : NULL;
    g_autofree char *path = g_strconcat(prefix, name, at_index, NULL);
    if (json_object_object_get_ex(d, "struct", &inner) && json_object_is_type(inner, json_type_object)) {
        for (int64_t i = 0; i < count; i++) {
            g_autofree char *element = count > 1 ? g_strdup_printf("%s[%" PRId64 "] / ", path, i) : g_strconcat(path, " / ", NULL);
            if (++c->work > WORK_MAX) {
                return report_fail(c->err, "%s: the description has too many elements", path);
            }
            if (!cut_struct(c, inner, element, depth + 1)) {
                return false;
            }
        }
        return true;
    }
    if ((uint64_t)count * size > c->size - c->at) {
        return report_fail(c->err, "%s takes %" PRId64 " bytes by the description, of which %zu are there", path, count * size, c->size - c->at);
    }
    SavedField f = { g_steal_pointer(&path), g_intern_string(type), c->at, size, count, 0, count != 1 };
    c->at += count * size;
    return add(c, f);
}

static bool cut_subsection(Cut *c, json_object *d, const char *prefix, unsigned depth)
{
    const char *name = text_of(d, "vmsd_name");
    size_t n = name ? strlen(name) : 0;
    const uint8_t *p = c->data + c->at;

    if (!n || n > 255 || c->size - c->at < n + 6 || p[0] != SECTION_SUBSECTION || p[1] != n || memcmp(p + 2, name, n)) {
        return report_fail(c->err, "the description has the subsection '%s' at byte %zu of it, the stream has not", name ? name : "", c->at);
    }
    SavedField f = { g_strconcat(prefix, name, NULL), NULL, c->at, n + 6, 1, vms_get_be(p + 2 + n, 4) };
    g_autofree char *inner = g_strconcat(prefix, name, " / ", NULL);
    c->at += n + 6;
    return add(c, f) && cut_struct(c, d, inner, depth + 1);
}

/* Subsections are named in full; only a struct around them goes before. */
static bool cut_struct(Cut *c, json_object *d, const char *prefix, unsigned depth)
{
    static const struct { const char *key; bool (*cut)(Cut *c, json_object *d, const char *prefix, unsigned depth); } lists[] = {
        { "fields", cut_field }, { "subsections", cut_subsection },
    };

    if (depth > DEPTH_MAX) {
        return report_fail(c->err, "the description is nested too deep");
    }
    for (unsigned k = 0; k < G_N_ELEMENTS(lists); k++) {
        json_object *list = NULL;
        if (!json_object_object_get_ex(d, lists[k].key, &list) || !json_object_is_type(list, json_type_array)) {
            continue;
        }
        for (size_t i = 0; i < json_object_array_length(list); i++) {
            if (!lists[k].cut(c, json_object_array_get_idx(list, i), prefix, depth)) {
                return false;
            }
        }
    }
    return true;
}

bool saved_fields(json_object *description, const uint8_t *data, size_t size, GArray *fields, size_t *used, GError **err)
{
    Cut c = { .data = data, .size = size, .fields = fields, .err = err };
    bool ok = cut_struct(&c, description, "", 0);

    *used = c.at;
    return ok;
}
