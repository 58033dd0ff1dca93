/*
 * The monitors' commands about capabilities and parameters, out of the rows of options.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/options.h"
#include "migration/migration.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include <string.h>

/* ---- types ---- */

#define C(id, name, ...) name " "
QMP_ENUM(MigrationCapability, MIGRATION_CAPABILITIES(C));
#undef C
QMP_STRUCT(MigrationCapabilityStatus, "capability:MigrationCapability state:bool");
QMP_ENUM(MultiFDCompression, MULTIFD_COMPRESSION_WORDS);
QMP_ENUM(ZeroPageDetection, ZERO_PAGE_WORDS);
QMP_ENUM(MigMode, MIG_MODE_WORDS);

#define QMP_U8 "u8"
#define QMP_U32 "u32"
#define QMP_SIZE "size"
#define QMP_MSIZE "size"
#define QMP_BOOL "bool"
#define QMP_COMPRESSION "MultiFDCompression"
#define QMP_ZERO_PAGE "ZeroPageDetection"
#define QMP_MODE "MigMode"
#define QMP_BITMAPS "[BitmapMigrationNodeAlias]"
#define P(id, name, type, ...) name ":" QMP_##type "? "
#define QMP_STRING "str"
QMP_STRUCT(MigrationParameters, MIGRATION_PARAMETERS(P));
#undef QMP_STRING
#define QMP_STRING "StrOrNull"
#define SETTABLE MIGRATION_PARAMETERS(P)

/* ---- QMP ---- */

QMP(query_migrate_capabilities, "query-migrate-capabilities", "", "[MigrationCapabilityStatus]", 0)
{
    *ret = json_object_new_array();
    for (unsigned i = 0; i < CAP_COUNT; i++) {
        json_object_array_add(*ret, qmp_object("state", JBOOL(migration_has(i)), "capability", JSTR(migration_capability_name(i)), NULL));
    }
    return true;
}

static bool idle(GError **err)
{
    return !migration_running() || report_fail(err, "There's a migration process in progress");
}

QMP(migrate_set_capabilities, "migrate-set-capabilities", "capabilities:[MigrationCapabilityStatus]", "", 0)
{
    json_object *list = json_object_object_get(args, "capabilities");
    g_auto(MigrationOptions) o = migration_options_copy();

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *one = json_object_array_get_idx(list, i);
        o.cap[migration_capability_find(qmp_str(one, "capability", ""), NULL)] = qmp_bool(one, "state", false);
    }
    return idle(err) && migration_options_set(&o, err);
}

QMP(query_migrate_parameters, "query-migrate-parameters", "", "MigrationParameters", 0)
{
    *ret = json_object_new_object();
    for (unsigned i = 0; i < PARAM_COUNT; i++) {
        const MigrationParameterRow *r = &migration_parameter_rows[i];
        uint64_t v = migration_parameter(i);
        g_autofree char *word = migration_parameter_print(i);
        json_object *value;
        switch (r->type) {
        case PT_BOOL: value = JBOOL(v); break;
        case PT_BITMAPS:
            if (!word) {
                continue;
            }
            value = json_tokener_parse(migration_parameter_text(i));
            break;
        case PT_STRING: value = JSTR(migration_parameter_text(i)); break;
        case PT_U8: case PT_U32: case PT_SIZE: case PT_MSIZE: value = json_object_new_uint64(v); break;
        default: value = JSTR(word);
        }
        json_object_object_add(*ret, r->name, value);
    }
    return true;
}

QMP(migrate_set_parameters, "migrate-set-parameters", SETTABLE, "", 0)
{
    g_auto(MigrationOptions) o = migration_options_copy();

    json_object_object_foreach(args, name, value) {
        int p = migration_parameter_find(name, NULL);
        switch (migration_parameter_rows[p].type) {
        case PT_BOOL:
            o.number[p] = json_object_get_boolean(value);
            break;
        case PT_STRING: case PT_BITMAPS:
            g_free(o.text[p]);
            o.text[p] = g_strdup(json_object_get_string(value));
            break;
        case PT_U8: case PT_U32: case PT_SIZE: case PT_MSIZE:
            o.number[p] = json_object_get_int64(value) < 0 ? (uint64_t)json_object_get_int64(value) : json_object_get_uint64(value);
            break;
        default:
            migration_parameter_word(p, json_object_get_string(value), &o.number[p]);
        }
    }
    return migration_options_set(&o, err);
}

/* ---- the human monitor ---- */

HMP(migrate_set_capability, "migrate_set_capability", "capability:s state:b", "capability state", "Enable/Disable the usage of a capability for migration")
{
    g_autoptr(GError) err = NULL;
    g_auto(MigrationOptions) o = migration_options_copy();
    int c = migration_capability_find(a->str[0], &err);

    if (c >= 0) {
        o.cap[c] = a->num[1];
        if (idle(&err)) {
            migration_options_set(&o, &err);
        }
    }
    monitor_print_error(out, err);
}

HMP(migrate_set_parameter, "migrate_set_parameter", "parameter:s value:s", "parameter value", "Set the parameter for migration")
{
    g_autoptr(GError) err = NULL;
    g_auto(MigrationOptions) o = migration_options_copy();
    int p = migration_parameter_find(a->str[0], &err);

    if (p >= 0 && migration_parameter_parse(&o, p, a->str[1], &err)) {
        migration_options_set(&o, &err);
    }
    monitor_print_error(out, err);
}

HMP_INFO(migrate_capabilities, "migrate_capabilities", "", "", "show current migration capabilities")
{
    for (unsigned i = 0; i < CAP_COUNT; i++) {
        g_string_append_printf(out, "%s: %s\n", migration_capability_name(i), migration_has(i) ? "on" : "off");
    }
}

HMP_INFO(migrate_parameters, "migrate_parameters", "", "", "show current migration parameters")
{
    for (unsigned i = 0; i < PARAM_COUNT; i++) {
        g_autofree char *value = migration_parameter_print(i);
        if (value) {
            /* several lines begin on one of their own */
            g_string_append_printf(out, "%s:%s%s%s\n", migration_parameter_rows[i].name, migration_parameter_rows[i].type == PT_BITMAPS ? "" : " ", value,
                                   migration_parameter_rows[i].unit);
        }
    }
}
