/*
 * Objects that users make: -object, object-add, object_add, and the tree's /objects.
 *
 * Such a type is an ObjectType row with `user_creatable`; from its properties follow the help, the checks and what QMP's schema says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_USER_OBJECTS_H
#define HW_CORE_USER_OBJECTS_H

#include "hw/core/object.h"
#include <json-c/json.h>

/* "help" or "TYPE,help": true, and what to print. */
bool user_object_help(const char *arg, GString *out);
/*
 * "TYPE,id=ID,NAME=VALUE,..." (members of lists as NAME.0.MEMBER=VALUE) or a JSON object, as object-add takes it; NULL: it is nothing that
 * could be added. `option`: with the words that the command line has for what is wrong.
 */
json_object *user_object_parse(const char *arg, bool option, GError **err);
/* What was parsed, or a command's arguments, which were checked. Big lock held. */
bool user_object_add(json_object *o, GError **err);
bool user_object_del(const char *id, GError **err);
/* qom-set: the value of a property of an object that is there, if that can change. Big lock held. */
bool object_change(Object *o, const Property *p, json_object *value, GError **err);
/* The TYPE of its values in QMP, when somebody sets it. */
const char *property_qmp_type(const Property *p);
/* /objects/ID; NULL: none. Big lock held, or between the two below, where what is found stays. */
Object *user_object_find(const char *id);
void user_objects_lock(void);       /* taken last: of threads that shake hands while the big lock may be long in coming */
void user_objects_unlock(void);

#endif
