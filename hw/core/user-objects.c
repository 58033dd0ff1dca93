/*
 * See user-objects.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/user-objects.h"
#include "hw/core/device.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/opts.h"
#include "system/report.h"
#include <string.h>

#define BASE "qom-type:ObjectType id:str"

static Object *objects(void)
{
    return object_container(object_root(), "objects");
}

static GRecMutex lock;

void user_objects_lock(void)
{
    g_rec_mutex_lock(&lock);
}

void user_objects_unlock(void)
{
    g_rec_mutex_unlock(&lock);
}

Object *user_object_find(const char *id)
{
    g_autofree char *path = g_strconcat("/objects/", id, NULL);

    return *id && !strchr(id, '/') ? object_resolve(path) : NULL;
}

static const ObjectType *creatable(const char *name)
{
    const ObjectType *t = object_type_find(name);

    return t && t->user_creatable ? t : NULL;
}

/* ---- what QMP takes ---- */

static char *type_words(const char *unused)
{
    g_autoptr(GString) words = g_string_new(NULL);
    GPtrArray *types = object_types();

    for (guint i = 0; i < types->len; i++) {
        const ObjectType *t = g_ptr_array_index(types, i);
        if (t->user_creatable) {
            g_string_append_printf(words, "%s%s", words->len ? " " : "", t->name);
        }
    }
    return g_string_free(g_steal_pointer(&words), FALSE);
}

const char *property_qmp_type(const Property *p)
{
    const char *type = property_type_name(p);

    return p->qmp_type ? p->qmp_type : !strcmp(type, "bool") ? "bool" : p->kind == PROP_SIZE || strstr(type, "int") ? "size" : "str";
}

/* Of the type with this name, beside BASE. */
static char *type_members(const char *name)
{
    const ObjectType *t = creatable(name);
    g_autoptr(GString) members = g_string_new(NULL);

    if (t) {
        g_autoptr(GPtrArray) props = object_type_properties(t);
        for (guint i = 0; i < props->len; i++) {
            const Property *p = g_ptr_array_index(props, i);
            g_string_append_printf(members, "%s%s:%s%s", members->len ? " " : "", p->name, property_qmp_type(p), p->required ? "" : "?");
        }
    }
    return g_string_free(g_steal_pointer(&members), FALSE);
}

QMP_ENUM_MADE(ObjectType, type_words);
QMP_UNION(ObjectOptions, BASE, "qom-type", type_members);

/* ---- from text ---- */

/* "rules.0.match": the object that "match" belongs into, which is made; NULL: this is no such name. */
static json_object *place_in_list(json_object *o, const ObjectType *t, const char *name, const char **last)
{
    g_auto(GStrv) parts = g_strsplit(name, ".", 4);
    const Property *p = g_strv_length(parts) == 3 ? object_type_property(t, parts[0]) : NULL;
    guint64 n;

    if (!p || p->kind != PROP_JSON || !g_ascii_string_to_unsigned(parts[1], 10, 0, 1023, &n, NULL)) {
        return NULL;
    }
    json_object *list = json_object_object_get(o, parts[0]);
    if (!list) {
        json_object_object_add(o, parts[0], list = json_object_new_array());
    }
    if (n > json_object_array_length(list)) {
        return NULL;
    }
    if (n == json_object_array_length(list)) {
        json_object_array_add(list, json_object_new_object());
    }
    *last = strrchr(name, '.') + 1;
    return json_object_array_get_idx(list, n);
}

#define NUMBERS_MAX 65536

/* "3" or "0-3", given once or more: an array of integers. */
static bool add_numbers(json_object *o, const char *name, const char *value, GError **err)
{
    g_auto(GStrv) ends = g_strsplit(value, "-", 3);
    const unsigned n = g_strv_length(ends);
    json_object *list = json_object_object_get(o, name);
    guint64 from, to;

    if (n < 1 || n > 2 || !g_ascii_string_to_unsigned(ends[0], 10, 0, INT64_MAX, &from, NULL)
        || !g_ascii_string_to_unsigned(ends[n - 1], 10, from, INT64_MAX, &to, NULL) || to - from >= NUMBERS_MAX) {
        return report_fail(err, "Parameter '%s' expects a uint64 value or range", name);
    }
    if (!list) {
        json_object_object_add(o, name, list = json_object_new_array());
    }
    for (guint64 i = from; i <= to; i++) {
        json_object_array_add(list, JINT(i));
    }
    return true;
}

typedef struct Reading { json_object *o; const ObjectType *type; } Reading;

static bool read_pair(const char *name, const char *value, void *opaque, GError **err)
{
    Reading *r = opaque;
    const Property *p = object_type_property(r->type, name);
    const char *word = p ? property_qmp_type(p) : "str", *last;
    uint64_t n;
    bool b;

    if (!strcmp(word, "bool")) {
        if (!opts_parse_bool(name, value, &b, err)) {
            return false;
        }
        json_object_object_add(r->o, name, JBOOL(b));
    } else if (!strcmp(word, "size")) {
        if (!opts_parse_size(name, value, 1, &n, NULL)) {
            return report_fail(err, "Parameter '%s' expects a size value", name);
        }
        json_object_object_add(r->o, name, json_object_new_uint64(n));
    } else if (!strcmp(word, "[int]")) {
        return add_numbers(r->o, name, value, err);
    } else if (!strcmp(word, "u32")) {
        guint64 u;
        if (!g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &u, NULL)) {
            return report_fail(err, "Parameter '%s' expects a uint64 value", name);
        }
        json_object_object_add(r->o, name, JINT(u));
    } else if (!strcmp(word, "i32")) {
        char *end;
        int64_t number = g_ascii_strtoll(value, &end, 0);
        if (end == value || *end) {
            return report_fail(err, "Parameter '%s' expects an int64 value", name);
        }
        json_object_object_add(r->o, name, JINT(number));
    } else {
        json_object *in_list = place_in_list(r->o, r->type, name, &last);
        json_object_object_add(in_list ? in_list : r->o, in_list ? last : name, JSTR(value));
    }
    return true;
}

/* The names that the command line knows; values are looked at later. */
static bool known_names(const Opts *o, const ObjectType *t, GError **err)
{
    g_autoptr(GPtrArray) props = object_type_properties(t);
    g_autofree OptDesc *known = g_new0(OptDesc, props->len + 2);

    known[0].name = "qom-type";
    for (guint i = 0; i < props->len; i++) {
        const Property *p = g_ptr_array_index(props, i);
        known[i + 1] = (OptDesc){ p->name, !strcmp(property_qmp_type(p), "bool") ? OPT_BOOL : OPT_STRING };
    }
    return opts_check(o, known, err);
}

static json_object *from_pairs(const char *arg, bool option, GError **err)
{
    g_autoptr(Opts) o = opts_parse(arg, "qom-type", NULL, err);
    const char *name = o ? opts_get(o, "qom-type") : NULL;

    if (!name || !*name) {
        report_fail(err, "Parameter 'qom-type' is missing");
        return NULL;
    }
    Reading r = { NULL, creatable(name) };
    if (!r.type) {
        report_fail(err, "Parameter 'qom-type' does not accept value '%s'", name);
        return NULL;
    }
    if (!opts_get(o, "id")) {
        report_fail(err, "Parameter 'id' is missing");
        return NULL;
    }
    r.o = json_object_new_object();
    if ((option && !known_names(o, r.type, err)) || !opts_each(o, read_pair, &r, err)) {
        json_object_put(r.o);
        return NULL;
    }
    return r.o;
}

static json_object *from_json(const char *text, GError **err)
{
    enum json_tokener_error why;
    json_object *o = json_tokener_parse_verbose(text, &why);

    if (!o || !json_object_is_type(o, json_type_object)) {
        json_object_put(o);
        report_fail(err, "JSON parse error: %s", why == json_tokener_success ? "an object is expected" : json_tokener_error_desc(why));
        return NULL;
    }
    return o;
}

json_object *user_object_parse(const char *arg, bool option, GError **err)
{
    json_object *o = *arg == '{' ? from_json(arg, err) : from_pairs(arg, option, err);

    if (o && !qmp_check_members("", "ObjectOptions", o, err)) {
        g_clear_pointer(&o, json_object_put);
    }
    return o;
}

bool user_object_help(const char *arg, GString *out)
{
    const char *name = g_str_has_prefix(arg, "qom-type=") ? arg + strlen("qom-type=") : arg, *comma = strchr(name, ',');
    g_autofree char *first = comma ? g_strndup(name, comma - name) : g_strdup(name);
    const ObjectType *t = creatable(first);

    if (!comma && (!strcmp(first, "help") || !strcmp(first, "?"))) {
        g_autofree char *words = type_words(NULL);
        g_auto(GStrv) list = g_strsplit(words, " ", -1);
        g_string_append(out, "List of user creatable objects:\n");
        for (char **w = list; *w; w++) {
            g_string_append_printf(out, "  %s\n", *w);
        }
        return true;
    }
    if (!t || !comma || (strcmp(comma, ",help") && strcmp(comma, ",?"))) {
        return false;
    }
    object_type_help(t, out);
    return true;
}

/* ---- making and deleting ---- */

static void free_object(Object *o)
{
    if (o->type->destroy) {
        o->type->destroy(o);
    }
    object_clear(o);
    g_free(o);
}

/* `value` has been checked. */
static bool set_one(Object *o, const char *name, json_object *value, GError **err)
{
    bool is_bool = json_object_is_type(value, json_type_boolean);

    return object_set(o, name, is_bool ? json_object_get_boolean(value) ? "on" : "off" : json_object_get_string(value), PROP_FROM_OPTION, err);
}

static bool set_all(Object *o, json_object *from, GError **err)
{
    json_object_object_foreach(from, name, value) {
        if (strcmp(name, "qom-type") && strcmp(name, "id") && !set_one(o, name, value, err)) {
            return false;
        }
    }
    return true;
}

bool object_change(Object *o, const Property *p, json_object *value, GError **err)
{
    const Device *d = object_type_is(o->type, "device") ? (const Device *)o : NULL;
    g_autofree char *member = g_strdup_printf("%s:%s", p->name, property_qmp_type(p)), *who = d && d->id ? g_strdup_printf("device '%s'", d->id) : g_strdup("anonymous device");
    json_object *one = qmp_object(p->name, json_object_get(value), NULL);
    bool ok = qmp_check_members("", member, one, err);

    json_object_put(one);
    if (!ok) {
        return false;
    }
    if (d) {
        return report_fail(err, "Attempt to set property '%s' on %s (type '%s') after it was realized", p->name, who, o->type->name);
    }
    if (p->fixed) {
        g_auto(GStrv) around = g_strsplit(p->fixed, "%s", 2);
        return report_fail(err, "%s%s%s", around[0], around[1] ? o->type->name : "", around[1] ? around[1] : "");
    }
    user_objects_lock();            /* who shakes hands on another thread asks objects */
    ok = set_one(o, p->name, value, err);
    user_objects_unlock();
    return ok;
}

bool user_object_add(json_object *from, GError **err)
{
    const ObjectType *t = creatable(qmp_str(from, "qom-type", NULL));
    const char *id = qmp_str(from, "id", NULL);

    if (!opts_is_identifier(id)) {
        return report_fail(err, "Parameter 'id' expects an identifier");
    }
    if (user_object_find(id)) {
        return report_fail(err, "attempt to add duplicate property '%s' to object (type 'container')", id);
    }
    Object *o = g_malloc0(t->size);
    object_init(o, t);
    if (!object_apply_globals(o, err) || !set_all(o, from, err) || (t->complete && !t->complete(o, err))) {
        free_object(o);
        return false;
    }
    user_objects_lock();
    object_add_child(objects(), id, o);
    user_objects_unlock();
    return true;
}

bool user_object_del(const char *id, GError **err)
{
    Object *o = user_object_find(id);

    if (!o) {
        return report_fail(err, "object '%s' not found", id);
    }
    if (o->type->in_use && o->type->in_use(o)) {
        return report_fail(err, "object '%s' is in use, can not be deleted", id);
    }
    user_objects_lock();
    object_remove(o);
    free_object(o);
    user_objects_unlock();
    return true;
}

/* ---- the monitors ---- */

QMP(object_add, "object-add", "ObjectOptions", "", 0)
{
    return user_object_add(args, err);
}

QMP(object_del, "object-del", "id:str", "", 0)
{
    return user_object_del(qmp_str(args, "id", NULL), err);
}

HMP(object_add, "object_add", "object:S", "[qom-type=]type,id=str[,prop=value][,...]", "create QOM object")
{
    g_autoptr(GError) err = NULL;

    if (user_object_help(a->str[0], out)) {
        return;
    }
    json_object *o = user_object_parse(a->str[0], false, &err);
    if (o) {
        user_object_add(o, &err);
    }
    json_object_put(o);
    monitor_print_error(out, err);
}

HMP(object_del, "object_del", "id:s", "id", "destroy QOM object")
{
    g_autoptr(GError) err = NULL;

    user_object_del(a->str[0], &err);
    monitor_print_error(out, err);
}
