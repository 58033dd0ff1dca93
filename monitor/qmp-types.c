/*
 * The types of QMP's arguments and answers: checks of arguments, and query-qmp-schema, both out of the rows of commands, events and types.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp.h"
#include "system/report.h"
#include <string.h>

extern const QmpType __start_qmp_types[], __stop_qmp_types[];
extern const QmpEvent __start_qmp_events[], __stop_qmp_events[];

/* Of the words for types: what a fault calls them, what the schema does. */
typedef struct Builtin { const char *word, *expected, *schema, *json; enum json_type type; } Builtin;
static const Builtin builtins[] = {
    { "str", "string", "str", "string", json_type_string }, { "int", "integer", "int", "int", json_type_int },
    { "bool", "boolean", "bool", "boolean", json_type_boolean }, { "num", "number", "number", "number", json_type_double },
    { "size", "uint64", "int", "int", json_type_int }, { "u8", "uint8_t", "int", "int", json_type_int }, { "u32", "uint32_t", "int", "int", json_type_int },
    { "i32", "int32_t", "int", "int", json_type_int },
    { "any", "any", "any", "value", json_type_null }, { "null", "null", "null", "null", json_type_null },
};

/* A type or null. */
static const struct { const char *name, *first; } alternates[] = { { "StrOrNull", "str" } };

static const Builtin *builtin(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(builtins); i++) {
        if (!strcmp(builtins[i].word, word)) {
            return &builtins[i];
        }
    }
    return NULL;
}

/* The place of an alternate's row, or -1. */
static int alternate(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(alternates); i++) {
        if (!strcmp(alternates[i].name, word)) {
            return i;
        }
    }
    return -1;
}

static const QmpType *named(const char *word)
{
    for (const QmpType *t = __start_qmp_types; t < __stop_qmp_types; t++) {
        if (!strcmp(t->name, word)) {
            return t;
        }
    }
    g_error("no QMP type '%s'", word);
}

/* "NAME:TYPE" or "NAME:TYPE?" in two. */
static bool split_member(char *member, const char **type)
{
    size_t n = strlen(member);
    bool optional = member[n - 1] == '?';

    member[n - optional] = 0;
    *type = strchr(member, ':') + 1;
    member[*type - member - 1] = 0;
    return optional;
}

/* The words of an enumeration; g_strfreev(). */
static char **words_of(const QmpType *t)
{
    g_autofree char *made = t->more ? t->more(NULL) : NULL;

    return g_strsplit(made ? made : t->members, " ", -1);
}

/* "T" of "[T]", or NULL. */
static char *element_of(const char *word)
{
    return *word == '[' ? g_strndup(word + 1, strlen(word) - 2) : NULL;
}

/* ---- checks ---- */

static bool check(const char *path, const char *name, const char *word, json_object *v, GError **err);

static bool check_builtin(const char *path, const Builtin *t, json_object *v, GError **err)
{
    bool ok = t->type == json_type_null || json_object_is_type(v, t->type)
        || (t->type == json_type_double && json_object_is_type(v, json_type_int));

    if (!strcmp(t->word, "size") || !strcmp(t->word, "u8") || !strcmp(t->word, "u32")) {
        uint64_t most = !strcmp(t->word, "u8") ? UINT8_MAX : !strcmp(t->word, "u32") ? UINT32_MAX : UINT64_MAX;
        if (!ok) {
            return report_fail(err, "Parameter '%s' expects uint64", path);
        }
        ok = most == UINT64_MAX || (json_object_get_int64(v) >= 0 && json_object_get_uint64(v) <= most);
        return ok || report_fail(err, "Parameter '%s' expects %s", path, t->expected);
    }
    if (ok && !strcmp(t->word, "i32")) {
        int64_t n = json_object_get_int64(v);
        return (n >= INT32_MIN && n <= INT32_MAX) || report_fail(err, "Parameter '%s' expects %s", path, t->expected);
    }
    if (ok && t->type == json_type_int) {
        ok = json_object_get_int64(v) < 0 || json_object_get_uint64(v) <= INT64_MAX;
    }
    return ok || report_fail(err, "Invalid parameter type for '%s', expected: %s", path, t->expected);
}

static bool check_list(const char *path, const char *element, json_object *v, GError **err)
{
    if (!json_object_is_type(v, json_type_array)) {
        return report_fail(err, "Invalid parameter type for '%s', expected: array", path);
    }
    for (size_t i = 0; i < json_object_array_length(v); i++) {
        g_autofree char *at = g_strdup_printf("%s[%zu]", path, i);
        if (!check(at, NULL, element, json_object_array_get_idx(v, i), err)) {
            return false;
        }
    }
    return true;
}

static bool check_enum(const char *path, const char *name, const QmpType *t, json_object *v, GError **err)
{
    g_auto(GStrv) words = words_of(t);

    if (!json_object_is_type(v, json_type_string)) {
        return report_fail(err, "Invalid parameter type for '%s', expected: string", path);
    }
    return (*json_object_get_string(v) && g_strv_contains((const char *const *)words, json_object_get_string(v)))
        || report_fail(err, "Parameter '%s' does not accept value '%s'", name ? name : "null", json_object_get_string(v));
}

static bool check_members(const char *path, const char *members, json_object *o, GError **err);

/* The members that all have, then with the others that the tag's word brings. */
static bool check_union(const char *path, const QmpType *t, json_object *o, GError **err)
{
    g_autofree char *any = g_strdup_printf("%s ?", t->members);

    if (!check_members(path, any, o, err)) {
        return false;
    }
    g_autofree char *more = t->more(qmp_str(o, t->tag, NULL)), *all = g_strjoin(" ", t->members, *more ? more : NULL, NULL);
    return check_members(path, all, o, err);
}

bool qmp_check_members(const char *path, const char *members, json_object *o, GError **err)
{
    const QmpType *t = *members && !strchr(members, ':') ? named(members) : NULL;

    return t && t->tag ? check_union(path, t, o, err) : check_members(path, t ? t->members : members, o, err);
}

/* Those of the type in order: missing or of another type; then those that it does not have, unless the last word is "?". */
static bool check_members(const char *path, const char *members, json_object *o, GError **err)
{
    g_auto(GStrv) list = g_strsplit(members, " ", -1);
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    const char *type;

    for (char **m = list; *m && **m; m++) {
        if (!strcmp(*m, "?")) {
            return true;
        }
        bool optional = split_member(*m, &type);
        g_autofree char *at = g_strconcat(path, *m, NULL);
        json_object *v;
        g_hash_table_add(known, *m);
        if (!json_object_object_get_ex(o, *m, &v)) {
            if (!optional) {
                return report_fail(err, "Parameter '%s' is missing", at);
            }
        } else if (!check(at, *m, type, v, err)) {
            return false;
        }
    }
    json_object_object_foreach(o, key, value) {
        (void)value;
        if (!g_hash_table_contains(known, key)) {
            return report_fail(err, "Parameter '%s%s' is unexpected", path, key);
        }
    }
    return true;
}

static bool check(const char *path, const char *name, const char *word, json_object *v, GError **err)
{
    g_autofree char *element = element_of(word), *inner = g_strconcat(path, ".", NULL);
    const Builtin *b = builtin(word);
    int either = alternate(word);

    if (either >= 0) {
        return !v || check(path, name, alternates[either].first, v, NULL)
            || report_fail(err, "Invalid parameter type for '%s', expected: %s", path, word);
    }
    if (element || b) {
        return element ? check_list(path, element, v, err) : check_builtin(path, b, v, err);
    }
    const QmpType *t = named(word);
    if (t->is_enum) {
        return check_enum(path, name, t, v, err);
    }
    if (!json_object_is_type(v, json_type_object)) {
        return report_fail(err, "Invalid parameter type for '%s', expected: object", path);
    }
    return t->tag ? check_union(inner, t, v, err) : check_members(inner, t->members, v, err);
}

/* ---- query-qmp-schema ---- */

/* Types have numbers there, so that nobody depends on their names: the place of a type's description in `types`, plus one. */
typedef struct Schema {
    json_object *out;
    GHashTable *numbers;        /* description -> name in the schema */
} Schema;

static const char *type_of(Schema *s, const char *word);

static const char *number(Schema *s, const char *key)
{
    char *name = g_strdup_printf("%u", g_hash_table_size(s->numbers));

    g_hash_table_insert(s->numbers, g_strdup(key), name);
    return name;
}

static const char *object_of(Schema *s, const char *key, const char *members);

static json_object *variants_of(Schema *s, const QmpType *t)
{
    json_object *all = json_object_new_array();
    g_auto(GStrv) list = g_strsplit(t->members, " ", -1);
    const char *type;

    for (char **m = list; *m; m++) {
        split_member(*m, &type);
        if (strcmp(*m, t->tag)) {
            continue;
        }
        g_auto(GStrv) words = words_of(named(type));
        for (char **w = words; *w && **w; w++) {
            g_autofree char *more = t->more(*w);
            json_object_array_add(all, qmp_object("case", JSTR(*w), "type", JSTR(object_of(s, more, more)), NULL));
        }
    }
    return all;
}

/* The object with these members, or a union's name; key: what it is found by. */
static const char *object_of(Schema *s, const char *key, const char *members)
{
    const QmpType *t = *members && !strchr(members, ':') ? named(members) : NULL;
    const char *name = g_hash_table_lookup(s->numbers, key), *type;
    g_auto(GStrv) list = g_strsplit(t ? t->members : members, " ", -1);
    json_object *all;

    if (name) {
        return name;
    }
    name = number(s, key);
    all = json_object_new_array();
    for (char **m = list; *m && **m && strcmp(*m, "?"); m++) {      /* what is behind that has no name */
        bool optional = split_member(*m, &type);
        json_object *o = qmp_object("name", JSTR(*m), NULL);
        if (optional) {
            json_object_object_add(o, "default", NULL);
        }
        json_object_object_add(o, "type", JSTR(type_of(s, type)));
        json_object_array_add(all, o);
    }
    json_object *o = qmp_object("name", JSTR(name), "members", all, "meta-type", JSTR("object"), NULL);
    if (t && t->tag) {
        json_object_object_add(o, "tag", JSTR(t->tag));
        json_object_object_add(o, "variants", variants_of(s, t));
    }
    json_object_array_add(s->out, o);
    return name;
}

static const char *enum_of(Schema *s, const QmpType *t)
{
    g_auto(GStrv) words = words_of(t);
    json_object *members = json_object_new_array(), *values = json_object_new_array();
    const char *name = number(s, t->name);

    for (char **w = words; *w && **w; w++) {
        json_object_array_add(members, qmp_object("name", JSTR(*w), NULL));
        json_object_array_add(values, JSTR(*w));
    }
    json_object_array_add(s->out, qmp_object("name", JSTR(name), "members", members, "meta-type", JSTR("enum"), "values", values, NULL));
    return name;
}

static const char *list_of(Schema *s, const char *key, const char *element)
{
    const char *of = type_of(s, element);
    char *name = g_strdup_printf("[%s]", of);

    g_hash_table_insert(s->numbers, g_strdup(key), name);
    json_object_array_add(s->out, qmp_object("name", JSTR(name), "element-type", JSTR(of), "meta-type", JSTR("array"), NULL));
    return name;
}

static const char *alternate_of(Schema *s, const char *key, const char *first)
{
    const char *name = number(s, key);
    json_object *members = json_object_new_array();

    json_object_array_add(members, qmp_object("type", JSTR(type_of(s, first)), NULL));
    json_object_array_add(members, qmp_object("type", JSTR(type_of(s, "null")), NULL));
    json_object_array_add(s->out, qmp_object("name", JSTR(name), "members", members, "meta-type", JSTR("alternate"), NULL));
    return name;
}

static const char *type_of(Schema *s, const char *word)
{
    const char *found = g_hash_table_lookup(s->numbers, word);
    g_autofree char *element = element_of(word);
    const Builtin *b = builtin(word);

    if (found) {
        return found;
    }
    if (element) {
        return list_of(s, word, element);
    }
    if (alternate(word) >= 0) {
        return alternate_of(s, word, alternates[alternate(word)].first);
    }
    if (b) {
        if (g_hash_table_insert(s->numbers, g_strdup(b->schema), g_strdup(b->schema))) {
            json_object_array_add(s->out, qmp_object("name", JSTR(b->schema), "json-type", JSTR(b->json), "meta-type", JSTR("builtin"), NULL));
        }
        return b->schema;
    }
    const QmpType *t = named(word);
    return t->is_enum ? enum_of(s, t) : object_of(s, word, t->tag ? word : t->members);
}

QMP_STRUCT(SchemaMember, "name:str type:str default:any?");
QMP_STRUCT(SchemaEnumMember, "name:str");
QMP_ENUM(SchemaMetaType, "builtin enum array object alternate command event");
QMP_STRUCT(SchemaVariant, "case:str type:str");
QMP_STRUCT(SchemaInfo, "name:str meta-type:SchemaMetaType json-type:str? element-type:str? members:[any]? values:[str]? arg-type:str? ret-type:str? "
           "allow-oob:bool? features:[str]? tag:str? variants:[SchemaVariant]?");

QMP(query_qmp_schema, "query-qmp-schema", "", "[SchemaInfo]", 0)
{
    Schema s = { json_object_new_array(), g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free) };
    json_object *o;

    for (const QmpRow *r = qmp_rows; r < qmp_rows_end; r++) {
        o = qmp_object("name", JSTR(r->name), "ret-type", JSTR(*r->returns ? type_of(&s, r->returns) : object_of(&s, "", "")), "meta-type",
                       JSTR("command"), "arg-type", JSTR(object_of(&s, r->args, r->args)), NULL);
        if (r->flags & QMP_OOB) {
            json_object_object_add(o, "allow-oob", JBOOL(true));
        }
        json_object_array_add(s.out, o);
    }
    for (const QmpEvent *e = __start_qmp_events; e < __stop_qmp_events; e++) {
        json_object_array_add(s.out, qmp_object("name", JSTR(e->name), "meta-type", JSTR("event"), "arg-type", JSTR(object_of(&s, e->data, e->data)), NULL));
    }
    g_hash_table_unref(s.numbers);
    *ret = s.out;
    return true;
}
