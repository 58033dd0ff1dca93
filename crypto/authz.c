/*
 * See authz.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "crypto/authz.h"
#include "hw/core/user-objects.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

QMP_ENUM(QAuthZListPolicy, "deny allow");
QMP_ENUM(QAuthZListFormat, "exact glob");
QMP_STRUCT(QAuthZListRule, "match:str policy:QAuthZListPolicy format:QAuthZListFormat?");

typedef struct AuthzSimple {
    Object object;
    char *identity;
} AuthzSimple;

typedef struct AuthzList {
    Object object;
    const char *policy;         /* where no rule fits */
    json_object *rules;
} AuthzList;

typedef struct AuthzListFile {
    Object object;
    char *filename;
    bool refresh;
    json_object *list;          /* what the file holds; NULL: it could not be read */
    struct stat state;          /* of the file, when it was read */
} AuthzListFile;

static const Property simple_props[] = {
    PROP(AuthzSimple, "identity", identity, NULL, .required = true),
    { .name = NULL },
};
static const Property list_props[] = {
    PROP(AuthzList, "policy", policy, "deny", .type_name = "QAuthZListPolicy", .qmp_type = "QAuthZListPolicy"),
    PROP(AuthzList, "rules", rules, NULL, .type_name = "QAuthZListRule", .qmp_type = "[QAuthZListRule]"),
    { .name = NULL },
};

static const Property file_props[] = {
    PROP(AuthzListFile, "filename", filename, NULL, .required = true, .fixed = "the file of an object of the type %s cannot change: make another object"),
    PROP(AuthzListFile, "refresh", refresh, "on"),
    { .name = NULL },
};

OBJECT_TYPE(authz_type, .name = "authz", .abstract = true);
OBJECT_TYPE(authz_simple_type, .name = "authz-simple", .parent = "authz", .size = sizeof(AuthzSimple), .props = simple_props, .user_creatable = true);
OBJECT_TYPE(authz_list_type, .name = "authz-list", .parent = "authz", .size = sizeof(AuthzList), .props = list_props, .user_creatable = true);

static bool rule_fits(json_object *rule, const char *identity)
{
    const char *match = qmp_str(rule, "match", "");

    return !strcmp(qmp_str(rule, "format", "exact"), "glob") ? !fnmatch(match, identity, 0) : !strcmp(match, identity);
}

/* The first rule that fits decides. `rules` NULL: none. */
static bool list_allows(const char *policy, json_object *rules, const char *identity)
{
    for (size_t i = 0; rules && i < json_object_array_length(rules); i++) {
        json_object *rule = json_object_array_get_idx(rules, i);
        if (rule_fits(rule, identity)) {
            return !strcmp(qmp_str(rule, "policy", "deny"), "allow");
        }
    }
    return !strcmp(policy, "allow");
}

/* ---- a list in a file ---- */

/* Which state of the file it is. */
static bool file_state(const AuthzListFile *l, struct stat *st)
{
    if (stat(l->filename, st)) {
        memset(st, 0, sizeof(*st));
        return false;
    }
    return true;
}

static json_object *read_list(const char *path, GError **err)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *text = NULL;
    enum json_tokener_error bad;

    if (!g_file_get_contents(path, &text, NULL, &why)) {
        report_fail(err, "Unable to read '%s': %s", path, why->message);
        return NULL;
    }
    json_object *o = json_tokener_parse_verbose(text, &bad);
    if (!o && bad != json_tokener_success) {
        report_fail(err, "'%s': JSON parse error: %s", path, json_tokener_error_desc(bad));
    } else if (!json_object_is_type(o, json_type_object)) {
        report_fail(err, "File '%s' must contain a JSON object", path);
    } else if (qmp_check_members("", "policy:QAuthZListPolicy? rules:[QAuthZListRule]?", o, &why)) {
        return o;
    } else {
        report_fail(err, "'%s': %s", path, why->message);
    }
    json_object_put(o);
    return NULL;
}

static bool load_file(AuthzListFile *l, GError **err)
{
    g_clear_pointer(&l->list, json_object_put);
    file_state(l, &l->state);
    l->list = read_list(l->filename, err);
    return l->list;
}

static bool complete_file(Object *o, GError **err)
{
    AuthzListFile *l = (AuthzListFile *)o;

    if (!load_file(l, err)) {
        return false;
    }
    return !l->refresh || g_path_is_absolute(l->filename) || report_fail(err, "Filename must be an absolute path");
}

static void destroy_file(Object *o)
{
    g_clear_pointer(&((AuthzListFile *)o)->list, json_object_put);
}

/* A file that was changed is read again; while it cannot be, nobody is let in. */
static bool file_allows(AuthzListFile *l, const char *identity)
{
    g_autoptr(GError) err = NULL;
    struct stat now;

    file_state(l, &now);
    if (l->refresh && (now.st_ino != l->state.st_ino || now.st_dev != l->state.st_dev || now.st_size != l->state.st_size
                       || now.st_mtim.tv_sec != l->state.st_mtim.tv_sec || now.st_mtim.tv_nsec != l->state.st_mtim.tv_nsec)
        && !load_file(l, &err)) {
        report_warning("object '%s': %s: nobody is let in", l->object.name, err->message);
    }
    return l->list && list_allows(qmp_str(l->list, "policy", "deny"), json_object_object_get(l->list, "rules"), identity);
}

OBJECT_TYPE(authz_list_file_type, .name = "authz-list-file", .parent = "authz", .size = sizeof(AuthzListFile), .props = file_props, .user_creatable = true,
            .complete = complete_file, .destroy = destroy_file);

/* ---- asking ---- */

static bool ask(const char *id, const char *identity, bool *allowed, GError **err)
{
    Object *o = user_object_find(id);

    if (!o) {
        return report_fail(err, "Cannot find QAuthZ object ID %s", id);
    }
    if (!object_type_is(o->type, "authz")) {
        return report_fail(err, "Object '%s' is not a QAuthZ subclass", id);
    }
    if (o->type == &authz_list_type) {
        *allowed = list_allows(((AuthzList *)o)->policy, ((AuthzList *)o)->rules, identity);
    } else if (o->type == &authz_list_file_type) {
        *allowed = file_allows((AuthzListFile *)o, identity);
    } else {
        *allowed = !strcmp(((AuthzSimple *)o)->identity, identity);
    }
    return true;
}

bool authz_ask(const char *id, const char *identity, bool *allowed, GError **err)
{
    user_objects_lock();
    bool ok = ask(id, identity, allowed, err);
    user_objects_unlock();
    return ok;
}
