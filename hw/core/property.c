/*
 * See object.h: reading and printing properties.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/object.h"
#include "chardev/char.h"
#include "system/report.h"
#include <inttypes.h>
#include <json.h>
#include <string.h>

/* Names as shown, C types as messages have them, width of the member. */
static const struct { const char *name, *c_type; uint8_t size; bool is_signed; } kinds[] = {
    [PROP_BOOL] = { "bool", "bool", sizeof(bool) }, [PROP_BIT] = { "bool", "bool", 8 },
    [PROP_UINT8] = { "uint8", "uint8_t", 1 }, [PROP_UINT16] = { "uint16", "uint16_t", 2 },
    [PROP_UINT32] = { "uint32", "uint32_t", 4 }, [PROP_UINT64] = { "uint64", "uint64", 8 },
    [PROP_INT32] = { "int32", "int32_t", 4, true }, [PROP_INT64] = { "int64", "int64", 8, true },
    [PROP_SIZE] = { "size", "size", 8 },
    [PROP_TEXT] = { "string" }, [PROP_JSON] = { "any" },
    [PROP_STRING] = { "str" }, [PROP_CHARDEV] = { "str" }, [PROP_DRIVE] = { "str" }, [PROP_READ_ONLY] = { "str" },
};

const char *property_type_name(const Property *p)
{
    return p->type_name ? p->type_name : kinds[p->kind].name;
}

static void *member(const Property *p, const void *object)
{
    return (char *)object + p->offset;
}

static uint64_t load_integer(const Property *p, const void *object)
{
    const void *at = member(p, object);

    switch (kinds[p->kind].size) {
    case 1: return *(const uint8_t *)at;
    case 2: return *(const uint16_t *)at;
    case 4: return p->kind == PROP_INT32 ? (uint64_t)*(const int32_t *)at : *(const uint32_t *)at;
    default: return *(const uint64_t *)at;
    }
}

static void store_integer(const Property *p, void *object, uint64_t v)
{
    void *at = member(p, object);

    switch (kinds[p->kind].size) {
    case 1: *(uint8_t *)at = v; break;
    case 2: *(uint16_t *)at = v; break;
    case 4: *(uint32_t *)at = v; break;
    default: *(uint64_t *)at = v;
    }
}

static bool set_bool(const Property *p, void *object, const char *v, GError **err)
{
    bool on = !v || !strcmp(v, "on") || !strcmp(v, "yes") || !strcmp(v, "true") || !strcmp(v, "y");

    if (!on && strcmp(v, "off") && strcmp(v, "no") && strcmp(v, "false") && strcmp(v, "n")) {
        return report_fail(err, "Parameter '%s' expects 'on' or 'off'", p->name);
    }
    if (p->kind == PROP_BIT) {
        uint64_t *word = member(p, object), mask = 1ull << p->bit;
        *word = on ? *word | mask : *word & ~mask;
    } else {
        *(bool *)member(p, object) = on;
    }
    return true;
}

/* Decimal, 0x or octal, with a sign; false: not a number, or more than 64 bits. */
static bool parse_integer(const char *v, bool *negative, uint64_t *n)
{
    char *end;
    const char *digits = v && (*v == '-' || *v == '+') ? v + 1 : v;

    if (!v || !g_ascii_isdigit(*digits)) {
        return false;
    }
    *negative = *v == '-';
    *n = g_ascii_strtoull(digits, &end, 0);
    return !*end;
}

static bool set_integer(const Property *p, void *object, const char *v, PropSource from, GError **err)
{
    unsigned bits = kinds[p->kind].size * 8;
    bool negative, fits, is_signed = kinds[p->kind].is_signed;
    uint64_t n;

    if (!parse_integer(v, &negative, &n)) {
        return report_fail(err, "Parameter '%s' expects %s", p->name,
                      from == PROP_FROM_OPTION ? "integer" : is_signed ? "int64" : "uint64");
    }
    if (is_signed) {
        fits = n <= (1ull << (bits - 1)) - !negative;
    } else {        /* -1 is the largest number where it is 64 bits wide */
        fits = bits == 64 || (!negative && n >> bits == 0);
    }
    if (!fits) {
        return report_fail(err, "Parameter '%s' expects %s", p->name, kinds[p->kind].c_type);
    }
    store_integer(p, object, negative ? -n : n);
    return true;
}

static bool set_size(const Property *p, void *object, const char *v, GError **err)
{
    static const char suffixes[] = "bkmgtpe";
    char *end = NULL;
    uint64_t n = v && g_ascii_isdigit(*v) ? g_ascii_strtoull(v, &end, 0) : 0;
    const char *suffix = end && *end ? strchr(suffixes, g_ascii_tolower(*end)) : NULL;
    unsigned shift = suffix ? 10 * (suffix - suffixes) : 0;

    if (!end || (*end && (!suffix || end[1])) || n << shift >> shift != n) {
        return report_fail(err, "Parameter '%s' expects size", p->name);
    }
    *(uint64_t *)member(p, object) = n << shift;
    return true;
}

static bool set_string(const Property *p, void *object, const char *v, GError **err)
{
    g_autofree char *word = g_strdup_printf("|%s|", v ? v : "");

    if (p->choices && v && (strchr(v, '|') || !strstr(p->choices, word))) {
        g_auto(GStrv) parts = g_strsplit(p->complaint, "%s", 2);
        g_autofree char *text = g_strjoinv(v, parts);
        return report_fail(err, "%s", text);
    }
    *(const char **)member(p, object) = v ? g_intern_string(v) : NULL;
    return true;
}

static bool set_json(const Property *p, void *object, const char *v, GError **err)
{
    json_object **at = member(p, object), *new = v ? json_tokener_parse(v) : NULL;

    if (v && !new) {
        return report_fail(err, "Parameter '%s' expects JSON", p->name);
    }
    json_object_put(*at);
    *at = new;
    return true;
}

static bool set_chardev(const Property *p, const Object *o, void *object, const char *v, GError **err)
{
    struct Chardev *chr = v ? chardev_find(v) : NULL;

    if (!chr) {
        return report_fail(err, "Property '%s.%s' can't find value '%s'", o->type->name, p->name, v ? v : "");
    }
    if (chardev_busy(chr)) {
        return report_fail(err, "Property '%s.%s' can't take value '%s': Device '%s' is in use", o->type->name, p->name, v, v);
    }
    *(struct Chardev **)member(p, object) = chr;
    return true;
}

static bool set_value(const Property *p, const Object *o, void *object, const char *v, PropSource from, GError **err)
{
    switch (p->kind) {
    case PROP_BOOL: case PROP_BIT:
        return set_bool(p, object, v, err);
    case PROP_SIZE:
        return set_size(p, object, v, err);
    case PROP_STRING:
        return set_string(p, object, v, err);
    case PROP_TEXT: {
        char **at = member(p, object);
        g_free(*at);
        *at = g_strdup(v);
        return true;
    }
    case PROP_JSON:
        return set_json(p, object, v, err);
    case PROP_CHARDEV:
        return set_chardev(p, o, object, v, err);
    case PROP_DRIVE:
        return !v || !*v || report_fail(err, "Property '%s.%s' can't find value '%s'", o->type->name, p->name, v);
    case PROP_READ_ONLY:
        return report_fail(err, "Property '%s.%s' is not writable", o->type->name, p->name);
    default:
        return set_integer(p, object, v, from, err);
    }
}

bool object_set(Object *o, const char *name, const char *value, PropSource from, GError **err)
{
    const Property *p = object_type_property(o->type, name);

    if (!p || (p->internal && from != PROP_FROM_PIN)) {
        return report_fail(err, "Property '%s.%s' not found", o->type->name, name);
    }
    void *object = object_struct(o);
    uint64_t before = 0;
    g_assert(!p->check || (p->kind != PROP_TEXT && p->kind != PROP_JSON));
    size_t size = p->kind == PROP_READ_ONLY ? 0 : kinds[p->kind].size ? kinds[p->kind].size : sizeof(void *);
    memcpy(&before, member(p, object), size);
    if (!set_value(p, o, object, value, from, err)) {
        return false;
    }
    if (p->check && !p->check(p, object, err)) {
        memcpy(member(p, object), &before, size);
        return false;
    }
    return true;
}

void object_init(Object *o, const ObjectType *t)
{
    o->type = t;
    for (; t; t = object_type_find(t->parent)) {
        for (const Property *p = t->props; p && p->name; p++) {
            if (p->value) {
                bool ok = set_value(p, o, object_struct(o), p->value, PROP_FROM_PIN, NULL);
                g_assert(ok);       /* the table says what its own types admit */
            }
        }
    }
}

void object_clear(Object *o)
{
    for (const ObjectType *t = o->type; t; t = object_type_find(t->parent)) {
        for (const Property *p = t->props; p && p->name; p++) {
            if (p->kind == PROP_TEXT) {
                g_clear_pointer((char **)member(p, object_struct(o)), g_free);
            } else if (p->kind == PROP_JSON) {
                g_clear_pointer((json_object **)member(p, object_struct(o)), json_object_put);
            }
        }
    }
}

char *property_print(const Property *p, const void *object)
{
    if (p->print) {
        return p->print(object);
    }
    switch (p->kind) {
    case PROP_BOOL:
        return g_strdup(*(bool *)member(p, object) ? "true" : "false");
    case PROP_BIT:
        return g_strdup(*(uint64_t *)member(p, object) >> p->bit & 1 ? "true" : "false");
    case PROP_STRING: case PROP_DRIVE: {
        const char *s = *(const char **)member(p, object);
        return g_strdup(s ? s : "");
    }
    case PROP_TEXT: {
        const char *s = *(char **)member(p, object);
        return g_strdup(s ? s : "");
    }
    case PROP_JSON: {
        json_object *o = *(json_object **)member(p, object);
        return g_strdup(o ? json_object_to_json_string(o) : "[]");
    }
    case PROP_CHARDEV: {
        struct Chardev *chr = *(struct Chardev **)member(p, object);
        return g_strdup(chr ? chardev_id(chr) : "");
    }
    case PROP_INT32: case PROP_INT64:
        return g_strdup_printf("%" PRId64, (int64_t)load_integer(p, object));
    case PROP_READ_ONLY:
        return g_strdup("");
    default:
        return g_strdup_printf("%" PRIu64, load_integer(p, object));
    }
}

char *object_get(const Object *o, const char *name)
{
    const Property *p = object_type_property(o->type, name);

    return p ? property_print(p, object_struct(o)) : NULL;
}
