/*
 * QMP: commands and answers as JSON on a character device (QEMU's docs/interop/qmp-spec).
 *
 * A command is a row and a function, wherever its subject lives; query-commands and the checks of arguments follow from the
 * row, as does the schema. A row's `args` names the members that "arguments" may have, separated by spaces: NAME:TYPE, with ? behind it if
 * it may be missing; or it is the name of a QMP_UNION row. TYPE is str, int, bool, num, size (any 64 bits), any, [TYPE] for a list, or the name of a QMP_STRUCT or QMP_ENUM row;
 * `returns` is a TYPE, "" for an empty object. A function gets arguments that fit, and returns false with an error, or true with *ret
 * set, or left NULL for an empty object. It runs in the main loop under the big lock; one with QMP_OOB, if it was asked for by "exec-oob", on the thread
 * that serves the connections ("monitor"), beside it and without the lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_QMP_H
#define MONITOR_QMP_H

#include "chardev/char.h"
#include <json-c/json.h>
#include <stdint.h>

/* An error of another domain is a GenericError. */
#define QMP_ERROR qmp_error_quark()
GQuark qmp_error_quark(void);
typedef enum QmpErrorClass {
    QMP_GENERIC_ERROR, QMP_COMMAND_NOT_FOUND, QMP_DEVICE_NOT_ACTIVE, QMP_DEVICE_NOT_FOUND, QMP_KVM_MISSING_CAP
} QmpErrorClass;

enum { QMP_OOB = 1 << 0, QMP_PRECONFIG = 1 << 1 };
typedef struct QmpRow {
    const char *name, *args, *returns;
    unsigned flags;
    bool (*fn)(json_object *args, json_object **ret, GError **err);
} QmpRow;
#define QMP(id, name_, args_, returns_, flags_)                                                         \
    static bool qmp_##id(json_object *args, json_object **ret, GError **err);                           \
    static const QmpRow qmp_row_##id __attribute__((used, section("qmp_commands"), aligned(8))) =       \
        { name_, args_, returns_, flags_, qmp_##id };                                                   \
    static bool qmp_##id(json_object *args, json_object **ret, GError **err)
extern const QmpRow __start_qmp_commands[], __stop_qmp_commands[];
#define qmp_rows __start_qmp_commands
#define qmp_rows_end __stop_qmp_commands

/* Members as in `args`; of an enumeration, its words. */
typedef struct QmpType {
    const char *name, *members;
    bool is_enum;
    const char *tag;                    /* of a union: the member, an enumeration, that says which others there are */
    char *(*more)(const char *word);    /* of a union: the others with this word; of an enumeration: its words, instead of `members`; g_free() */
} QmpType;
#define QMP_TYPE_ROW(name_, ...)                                                                        \
    static const QmpType qmp_type_##name_ __attribute__((used, section("qmp_types"), aligned(8))) =     \
        { #name_, __VA_ARGS__ }
#define QMP_STRUCT(name, members) QMP_TYPE_ROW(name, members)
#define QMP_ENUM(name, words) QMP_TYPE_ROW(name, words, true)
#define QMP_ENUM_MADE(name, fn) QMP_TYPE_ROW(name, NULL, true, .more = fn)
#define QMP_UNION(name, members, tag_, fn) QMP_TYPE_ROW(name, members, .tag = tag_, .more = fn)

/* `data` as `args`. */
typedef struct QmpEvent { const char *name, *data; } QmpEvent;
#define QMP_EVENT(name_, data_)                                                                         \
    static const QmpEvent qmp_event_##name_ __attribute__((used, section("qmp_events"), aligned(8))) =  \
        { #name_, data_ }

/* Members of arguments that were checked; the default when missing. */
const char *qmp_str(json_object *args, const char *name, const char *missing);
int64_t qmp_int(json_object *args, const char *name, int64_t missing);
bool qmp_bool(json_object *args, const char *name, bool missing);
bool qmp_has(json_object *args, const char *name);
/* {"name": value, ...}: pairs of a name and a json_object, up to NULL. */
json_object *qmp_object(const char *name, ...) G_GNUC_NULL_TERMINATED;
#define JSTR(s) json_object_new_string(s)
#define JINT(n) json_object_new_int64(n)
#define JBOOL(b) json_object_new_boolean(b)

/* Takes a part of the device. Lives as long as the process. */
bool qmp_new(Chardev *chr, bool pretty, GError **err);
/* To everyone who negotiated; `data` is taken, NULL: none. Any thread. */
void qmp_event(const char *name, json_object *data);
/* One input as a client would send it, answered; for tests and -readconfig-like uses: unref the result. */
json_object *qmp_dispatch(json_object *input, bool negotiated, bool oob);
/* Do the members of `o` fit? `path` is put before their names in the error. */
bool qmp_check_members(const char *path, const char *members, json_object *o, GError **err);
json_object *qmp_version(void);
int qmp_take_fd(void);                  /* chardev_take_fd() of whoever sent the command that runs */
void qmp_commands_init(void);           /* events of the machine from now on */

#endif
