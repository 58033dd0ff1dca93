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

static const Property simple_props[] = {
    PROP(AuthzSimple, "identity", identity, NULL, .required = true),
    { .name = NULL },
};
static const Property list_props[] = {
    PROP(AuthzList, "policy", policy, "deny", .type_name = "QAuthZListPolicy", .qmp_type = "QAuthZListPolicy"),
    PROP(AuthzList, "rules", rules, NULL, .type_name = "QAuthZListRule", .qmp_type = "[QAuthZListRule]"),
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

/* The first rule that fits decides. */
static bool list_allows(const AuthzList *l, const char *identity)
{
    for (size_t i = 0; l->rules && i < json_object_array_length(l->rules); i++) {
        json_object *rule = json_object_array_get_idx(l->rules, i);
        if (rule_fits(rule, identity)) {
            return !strcmp(qmp_str(rule, "policy", "deny"), "allow");
        }
    }
    return !strcmp(l->policy, "allow");
}

static bool ask(const char *id, const char *identity, bool *allowed, GError **err)
{
    Object *o = user_object_find(id);

    if (!o) {
        return report_fail(err, "Cannot find QAuthZ object ID %s", id);
    }
    if (!object_type_is(o->type, "authz")) {
        return report_fail(err, "Object '%s' is not a QAuthZ subclass", id);
    }
    *allowed = o->type == &authz_list_type ? list_allows((AuthzList *)o, identity) : !strcmp(((AuthzSimple *)o)->identity, identity);
    return true;
}

bool authz_ask(const char *id, const char *identity, bool *allowed, GError **err)
{
    user_objects_lock();
    bool ok = ask(id, identity, allowed, err);
    user_objects_unlock();
    return ok;
}
