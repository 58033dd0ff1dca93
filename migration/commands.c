/*
 * The monitors' commands about migration, human and QMP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/opts.h"
#include "system/report.h"
#include "system/runstate.h"
#include <inttypes.h>
#include <string.h>

/* ---- QMP ---- */

QMP(migrate, "migrate", "uri:str blk:bool? inc:bool? detach:bool? resume:bool?", "", 0)
{
    if (qmp_bool(args, "blk", false) || qmp_bool(args, "inc", false)) {
        return report_fail(err, "this build has no disks to migrate: leave 'blk' and 'inc' out");
    }
    if (qmp_bool(args, "resume", false)) {
        return report_fail(err, "Cannot resume if there is no paused migration");
    }
    return migration_start(qmp_str(args, "uri", NULL), err);
}

QMP(migrate_cancel, "migrate_cancel", "", "", 0)
{
    migration_cancel();
    return true;
}

static bool start_incoming(const char *uri, GError **err)
{
    return runstate_now() == RUN_INMIGRATE ? migration_incoming(uri, err) : report_fail(err, "'-incoming' was not specified on the command line");
}

QMP(migrate_incoming, "migrate-incoming", "uri:str", "", 0)
{
    return start_incoming(qmp_str(args, "uri", NULL), err);
}

static json_object *ram_info(const MigrationInfo *i)
{
    const RamStats *r = &i->ram;
    uint64_t normal_bytes = r->normal * 4096;

    return qmp_object("total", JINT(r->total), "remaining", JINT(r->remaining), "transferred", JINT(i->transferred), "duplicate",
                      JINT(r->duplicate), "skipped", JINT(0), "normal", JINT(r->normal), "normal-bytes", JINT(normal_bytes),
                      "dirty-pages-rate", JINT(r->dirty_pages_rate), "mbps", json_object_new_double(i->mbps), "dirty-sync-count",
                      JINT(r->dirty_sync_count), "postcopy-requests", JINT(0), "page-size", JINT(4096), "multifd-bytes", JINT(0),
                      "pages-per-second", JINT(i->mbps > 0 && i->total_ms ? (r->normal + r->duplicate) * 1000 / i->total_ms : 0),
                      "precopy-bytes", JINT(i->precopy), "downtime-bytes", JINT(i->transferred - i->precopy), "postcopy-bytes",
                      JINT(0), "dirty-sync-missed-zero-copy", JINT(0), NULL);
}

QMP_ENUM(MigrationStatus, "none setup cancelling cancelled active completed failed device");
QMP_STRUCT(MigrationStats, "transferred:int remaining:int total:int duplicate:int skipped:int normal:int normal-bytes:int dirty-pages-rate:int mbps:num "
           "dirty-sync-count:int postcopy-requests:int page-size:int multifd-bytes:int pages-per-second:int precopy-bytes:int downtime-bytes:int "
           "postcopy-bytes:int dirty-sync-missed-zero-copy:int");
QMP_STRUCT(MigrationInfo, "status:MigrationStatus? ram:MigrationStats? total-time:int? expected-downtime:int? downtime:int? setup-time:int? error-desc:str?");

QMP(query_migrate, "query-migrate", "", "MigrationInfo", 0)
{
    MigrationInfo i = migration_info();

    *ret = json_object_new_object();
    if (i.status == MIGRATION_NONE) {
        return true;
    }
    json_object_object_add(*ret, "status", JSTR(migration_status_name(i.status)));
    if (i.status == MIGRATION_FAILED) {
        if (i.error) {
            json_object_object_add(*ret, "error-desc", JSTR(i.error));
        }
        return true;
    }
    if (i.status == MIGRATION_SETUP || i.status == MIGRATION_CANCELLED || migration_is_incoming()) {
        return true;
    }
    json_object_object_add(*ret, "setup-time", JINT(i.setup_ms));
    json_object_object_add(*ret, "total-time", JINT(i.total_ms));
    if (i.status == MIGRATION_COMPLETED) {
        json_object_object_add(*ret, "downtime", JINT(i.downtime_ms));
    } else {
        json_object_object_add(*ret, "expected-downtime", JINT(i.expected_downtime_ms));
    }
    json_object_object_add(*ret, "ram", ram_info(&i));
    return true;
}

/* ---- parameters and capabilities: those that there are ---- */

/* c_name and range: as the peer's error has them */
typedef struct Parameter { const char *name, *c_name; uint64_t *value, max; const char *unit, *range; } Parameter;
static const Parameter parameters[] = {
    { "max-bandwidth", "max_bandwidth", &migration_parameters.max_bandwidth, INT64_MAX, " bytes/second", "2^63 - 1 bytes/second" },
    { "downtime-limit", "downtime_limit", &migration_parameters.downtime_limit_ms, 2000 * 1000, " ms", "(2000 * 1000) ms" },
};

QMP_STRUCT(MigrationParameters, "max-bandwidth:size? downtime-limit:size?");

QMP(query_migrate_parameters, "query-migrate-parameters", "", "MigrationParameters", 0)
{
    *ret = json_object_new_object();
    for (unsigned i = 0; i < G_N_ELEMENTS(parameters); i++) {
        json_object_object_add(*ret, parameters[i].name, JINT(*parameters[i].value));
    }
    return true;
}

static bool set_parameter(const char *name, uint64_t v, GError **err)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(parameters); i++) {
        const Parameter *p = &parameters[i];
        if (strcmp(p->name, name)) {
            continue;
        }
        if (v > p->max) {
            return report_fail(err, "Parameter '%s' expects an integer in the range of 0 to %s", p->c_name, p->range);
        }
        *p->value = v;
        return true;
    }
    return report_fail(err, "Parameter '%s' is unexpected", name);
}

QMP(migrate_set_parameters, "migrate-set-parameters", "max-bandwidth:size? downtime-limit:size?", "", 0)
{
    json_object_object_foreach(args, name, value) {
        if (!set_parameter(name, json_object_get_int64(value) < 0 ? json_object_get_int64(value) : json_object_get_uint64(value), err)) {
            return false;
        }
    }
    return true;
}

QMP_ENUM(MigrationCapability, "events");
QMP_STRUCT(MigrationCapabilityStatus, "capability:MigrationCapability state:bool");

QMP(query_migrate_capabilities, "query-migrate-capabilities", "", "[MigrationCapabilityStatus]", 0)
{
    *ret = json_object_new_array();
    json_object_array_add(*ret, qmp_object("state", JBOOL(migration_parameters.events), "capability", JSTR("events"), NULL));
    return true;
}

QMP(migrate_set_capabilities, "migrate-set-capabilities", "capabilities:[MigrationCapabilityStatus]", "", 0)
{
    json_object *list = json_object_object_get(args, "capabilities");

    if (migration_running()) {
        return report_fail(err, "There's a migration process in progress");
    }
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        migration_parameters.events = qmp_bool(json_object_array_get_idx(list, i), "state", false);
    }
    return true;
}

/* ---- the human monitor ---- */

HMP(migrate, "migrate", "-d uri:S", "[-d] uri", "migrate to URI (using -d to not wait for completion)")
{
    g_autoptr(GError) err = NULL;

    if (!migration_start(a->str[0], &err)) {
        g_string_append_printf(out, "Error: %s\n", err->message);
        return;
    }
    if (HMP_FLAG(a, 'd')) {
        return;
    }
    migration_wait();
    MigrationInfo i = migration_info();
    if (i.status == MIGRATION_FAILED) {
        g_string_append_printf(out, "Error: %s\n", i.error);
    }
}

HMP(migrate_cancel, "migrate_cancel", "", "", "cancel the current VM migration")
{
    migration_cancel();
}

HMP(migrate_incoming, "migrate_incoming", "uri:S", "uri", "Continue an incoming migration from an -incoming defer")
{
    g_autoptr(GError) err = NULL;

    if (!start_incoming(a->str[0], &err)) {
        g_string_append_printf(out, "Error: %s\n", err->message);
    }
}

HMP(migrate_set_parameter, "migrate_set_parameter", "parameter:s value:s", "parameter value", "Set the parameter for migration")
{
    g_autoptr(GError) err = NULL;
    uint64_t v;

    if (!opts_parse_number(a->str[0], a->str[1], &v, &err) || !set_parameter(a->str[0], v, &err)) {
        g_string_append_printf(out, "Error: %s\n", err->message);
    }
}

HMP_INFO(migrate_parameters, "migrate_parameters", "", "", "show current migration parameters")
{
    for (unsigned i = 0; i < G_N_ELEMENTS(parameters); i++) {
        g_string_append_printf(out, "%s: %" PRIu64 "%s\n", parameters[i].name, *parameters[i].value, parameters[i].unit);
    }
}

HMP_INFO(migrate, "migrate", "", "", "show migration status")
{
    MigrationInfo i = migration_info();
    const RamStats *r = &i.ram;

    if (i.status == MIGRATION_NONE) {
        return;
    }
    g_string_append_printf(out, "Migration status: %s%s%s%s\n", migration_status_name(i.status), i.error ? " (" : "", i.error ? i.error : "",
                           i.error ? ")" : "");
    if (i.status == MIGRATION_FAILED || i.status == MIGRATION_SETUP || i.status == MIGRATION_CANCELLED || migration_is_incoming()) {
        return;
    }
    g_string_append_printf(out, "total time: %" PRIu64 " ms\n", i.total_ms);
    if (i.status == MIGRATION_COMPLETED) {
        g_string_append_printf(out, "downtime: %" PRIu64 " ms\n", i.downtime_ms);
    } else {
        g_string_append_printf(out, "expected downtime: %" PRIu64 " ms\n", i.expected_downtime_ms);
    }
    g_string_append_printf(out, "setup: %" PRIu64 " ms\n", i.setup_ms);
    g_string_append_printf(out, "transferred ram: %" PRIu64 " kbytes\nthroughput: %0.2f mbps\nremaining ram: %" PRIu64 " kbytes\n"
                           "total ram: %" PRIu64 " kbytes\nduplicate: %" PRIu64 " pages\nskipped: 0 pages\nnormal: %" PRIu64 " pages\n"
                           "normal bytes: %" PRIu64 " kbytes\ndirty sync count: %" PRIu64 "\npage size: 4 kbytes\n", i.transferred >> 10,
                           i.mbps, r->remaining >> 10, r->total >> 10, r->duplicate, r->normal, r->normal * 4, r->dirty_sync_count);
}
