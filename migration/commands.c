/*
 * The monitors' commands about migration, human and QMP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/blocktime.h"
#include "migration/migration.h"
#include "migration/options.h"
#include "monitor/monitor.h"
#include "monitor/qmp.h"
#include "system/report.h"
#include "system/runstate.h"
#include "system/throttle.h"
#include <inttypes.h>
#include <string.h>

/* ---- QMP ---- */

static bool says_where(json_object *args, GError **err)
{
    bool uri = qmp_has(args, "uri"), channels = qmp_has(args, "channels");

    if (!uri && !channels) {
        return report_fail(err, "Parameter 'uri' is missing: it or 'channels' has to say where");
    }
    return !(uri && channels) || report_fail(err, "'uri' and 'channels' both say where: leave one of them out");
}

QMP(migrate, "migrate", "uri:str? channels:[MigrationChannel]? blk:bool? inc:bool? detach:bool? resume:bool?", "", 0)
{
    if (!says_where(args, err)) {
        return false;
    }
    if (qmp_bool(args, "blk", false) || qmp_bool(args, "inc", false)) {
        return report_fail(err, "this build has no disks to migrate: leave 'blk' and 'inc' out");
    }
    return (qmp_bool(args, "resume", false) ? migration_resume : migration_start)(qmp_str(args, "uri", NULL),
                                                                                  json_object_object_get(args, "channels"), err);
}

QMP(migrate_cancel, "migrate_cancel", "", "", 0)
{
    migration_cancel();
    return true;
}

QMP(migrate_start_postcopy, "migrate-start-postcopy", "", "", 0)
{
    return migration_start_postcopy(err);
}

QMP(migrate_pause, "migrate-pause", "", "", QMP_OOB)
{
    return migration_pause(err);
}

QMP(migrate_recover, "migrate-recover", "uri:str", "", QMP_OOB)
{
    return migration_recover(qmp_str(args, "uri", NULL), err);
}

static bool start_incoming(const char *uri, json_object *channels, GError **err)
{
    return runstate_now() == RUN_INMIGRATE ? migration_incoming(uri, channels, err)
       : report_fail(err, "'-incoming' was not specified on the command line");
}

QMP(migrate_incoming, "migrate-incoming", "uri:str? channels:[MigrationChannel]?", "", 0)
{
    return says_where(args, err) && start_incoming(qmp_str(args, "uri", NULL), json_object_object_get(args, "channels"), err);
}

static json_object *ram_info(const MigrationInfo *i)
{
    const RamStats *r = &i->ram;
    uint64_t normal_bytes = r->normal * 4096;

    return qmp_object("total", JINT(r->total), "remaining", JINT(r->remaining), "transferred", JINT(i->transferred), "duplicate",
                      JINT(r->duplicate), "skipped", JINT(0), "normal", JINT(r->normal), "normal-bytes", JINT(normal_bytes),
                      "dirty-pages-rate", JINT(r->dirty_pages_rate), "mbps", json_object_new_double(i->mbps), "dirty-sync-count",
                      JINT(r->dirty_sync_count), "postcopy-requests", JINT(i->postcopy_requests), "page-size", JINT(4096), "multifd-bytes", JINT(r->multifd_bytes),
                      "pages-per-second", JINT(i->mbps > 0 && i->total_ms ? (r->normal + r->duplicate) * 1000 / i->total_ms : 0),
                      "precopy-bytes", JINT(i->precopy), "downtime-bytes", JINT(i->transferred - i->precopy - i->postcopy),
                      "postcopy-bytes", JINT(i->postcopy), "dirty-sync-missed-zero-copy", JINT(r->missed_zero_copy), NULL);
}

static json_object *xbzrle_info(const RamStats *r)
{
    const XbzrleStats *x = &r->xbzrle;
    uint64_t pages = x->pages + x->cache_miss + x->overflow;

    return qmp_object("cache-size", JINT(migration_parameter(PARAM_XBZRLE_CACHE_SIZE)), "bytes", JINT(x->bytes), "pages", JINT(x->pages),
                      "cache-miss", JINT(x->cache_miss), "cache-miss-rate", json_object_new_double(pages ? (double)x->cache_miss / pages : 0),
                      "encoding-rate", json_object_new_double(x->bytes ? x->pages * 4096.0 / x->bytes : 0), "overflow", JINT(x->overflow), NULL);
}

static json_object *compress_info(const RamStats *r)
{
    const CompressStats *c = &r->compress;

    return qmp_object("pages", JINT(c->pages), "busy", JINT(0), "busy-rate", json_object_new_double(0), "compressed-size", JINT(c->bytes),
                      "compression-rate", json_object_new_double(c->bytes ? c->pages * 4096.0 / c->bytes : 0), NULL);
}

QMP_STRUCT(XBZRLECacheStats, "cache-size:size bytes:int pages:int cache-miss:int cache-miss-rate:num encoding-rate:num overflow:int");
QMP_STRUCT(CompressionStats, "pages:int busy:int busy-rate:num compressed-size:int compression-rate:num");
#define S(id, name) name " "
QMP_ENUM(MigrationStatus, MIGRATION_STATES(S));
#undef S
QMP_STRUCT(MigrationStats, "transferred:int remaining:int total:int duplicate:int skipped:int normal:int normal-bytes:int dirty-pages-rate:int mbps:num "
           "dirty-sync-count:int postcopy-requests:int page-size:int multifd-bytes:int pages-per-second:int precopy-bytes:int downtime-bytes:int "
           "postcopy-bytes:int dirty-sync-missed-zero-copy:int");
QMP_STRUCT(MigrationInfo, "status:MigrationStatus? ram:MigrationStats? total-time:int? expected-downtime:int? downtime:int? setup-time:int? "
           "cpu-throttle-percentage:int? xbzrle-cache:XBZRLECacheStats? compression:CompressionStats? error-desc:str? blocked-reasons:[str]? "
           "postcopy-blocktime:int? postcopy-vcpu-blocktime:[int]?");

/* What post-copy's destination measured, when it is through. */
static const uint32_t *waited(const MigrationInfo *i, uint32_t *all, unsigned *n)
{
    return i->status == MIGRATION_COMPLETED ? blocktime_ms(all, n) : NULL;
}

/* Figures are shown of one that moves or has moved memory. */
static bool has_figures(const MigrationInfo *i)
{
    return i->status != MIGRATION_NONE && i->status != MIGRATION_SETUP && i->status != MIGRATION_CANCELLING && i->status != MIGRATION_CANCELLED
        && i->status != MIGRATION_FAILED && !migration_is_incoming();
}

QMP(query_migrate, "query-migrate", "", "MigrationInfo", 0)
{
    MigrationInfo i = migration_info();

    *ret = json_object_new_object();
    if (migration_blocker(0)) {
        json_object *reasons = json_object_new_array();
        for (unsigned n = 0; migration_blocker(n); n++) {
            json_object_array_add(reasons, JSTR(migration_blocker(n)));
        }
        json_object_object_add(*ret, "blocked-reasons", reasons);
    }
    if (i.status == MIGRATION_NONE) {
        return true;
    }
    json_object_object_add(*ret, "status", JSTR(migration_status_name(i.status)));
    if (i.status == MIGRATION_FAILED && i.error) {
        json_object_object_add(*ret, "error-desc", JSTR(i.error));
    }
    uint32_t all;
    unsigned n;
    const uint32_t *each = waited(&i, &all, &n);
    if (each) {
        json_object *list = json_object_new_array();
        for (unsigned k = 0; k < n; k++) {
            json_object_array_add(list, JINT(each[k]));
        }
        json_object_object_add(*ret, "postcopy-blocktime", JINT(all));
        json_object_object_add(*ret, "postcopy-vcpu-blocktime", list);
    }
    if (!has_figures(&i)) {
        return true;
    }
    json_object_object_add(*ret, "setup-time", JINT(i.setup_ms));
    json_object_object_add(*ret, "total-time", JINT(i.total_ms));
    if (i.status == MIGRATION_COMPLETED) {
        json_object_object_add(*ret, "downtime", JINT(i.downtime_ms));
    } else {
        json_object_object_add(*ret, "expected-downtime", JINT(i.expected_downtime_ms));
    }
    if (throttle_percent()) {
        json_object_object_add(*ret, "cpu-throttle-percentage", JINT(throttle_percent()));
    }
    json_object_object_add(*ret, "ram", ram_info(&i));
    if (migration_has(CAP_XBZRLE)) {
        json_object_object_add(*ret, "xbzrle-cache", xbzrle_info(&i.ram));
    }
    if (migration_has(CAP_COMPRESS)) {
        json_object_object_add(*ret, "compression", compress_info(&i.ram));
    }
    return true;
}

QMP(migrate_continue, "migrate-continue", "state:MigrationStatus", "", 0)
{
    MigrationStatus s;

    return migration_status_find(qmp_str(args, "state", ""), &s) && migration_continue(s, err);
}

/* ---- the human monitor ---- */

HMP(migrate, "migrate", "-d -r uri:S", "[-d] [-r] uri", "migrate to URI (using -d to not wait for completion)\n\t\t\t -r to resume a paused migration")
{
    g_autoptr(GError) err = NULL;

    if (!(HMP_FLAG(a, 'r') ? migration_resume : migration_start)(a->str[0], NULL, &err)) {
        monitor_print_error(out, err);
        return;
    }
    if (HMP_FLAG(a, 'r')) {
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

HMP(migrate_continue, "migrate_continue", "state:s", "state", "Continue migration from the given paused state")
{
    g_autoptr(GError) err = NULL;
    MigrationStatus s;

    if (!migration_status_find(a->str[0], &s)) {
        g_string_append_printf(out, "Error: invalid parameter value: %s\n", a->str[0]);
    } else if (!migration_continue(s, &err)) {
        monitor_print_error(out, err);
    }
}

HMP(migrate_start_postcopy, "migrate_start_postcopy", "", "", "Followup to a migration command to switch the migration to postcopy mode. The "
    "postcopy-ram capability must be set on both source and destination before the original migration command .")
{
    g_autoptr(GError) err = NULL;

    migration_start_postcopy(&err);
    monitor_print_error(out, err);
}

HMP(migrate_pause, "migrate_pause", "", "", "Pause an ongoing migration (postcopy-only)")
{
    g_autoptr(GError) err = NULL;

    migration_pause(&err);
    monitor_print_error(out, err);
}

HMP(migrate_recover, "migrate_recover", "uri:S", "uri", "Continue a paused incoming postcopy migration")
{
    g_autoptr(GError) err = NULL;

    migration_recover(a->str[0], &err);
    monitor_print_error(out, err);
}

HMP(migrate_incoming, "migrate_incoming", "uri:S", "uri", "Continue an incoming migration from an -incoming defer")
{
    g_autoptr(GError) err = NULL;

    start_incoming(a->str[0], NULL, &err);
    monitor_print_error(out, err);
}

#define BAR 30

/* How far it is: of what memory there is, what has not to be sent any more; how fast, and how long that will take. */
static void print_progress(const MigrationInfo *i, GString *out)
{
    const RamStats *r = &i->ram;
    double done = r->total ? 1.0 - (double)MIN(r->remaining, r->total) / r->total : 1.0;
    int filled = i->status == MIGRATION_COMPLETED ? BAR : (int)(done * BAR);

    g_string_append(out, "progress: [");
    for (int k = 0; k < BAR; k++) {
        g_string_append_c(out, k < filled ? '#' : '.');
    }
    g_string_append_printf(out, "] %d%%, pass %" PRIu64, (int)(i->status == MIGRATION_COMPLETED ? 100 : done * 100), r->dirty_sync_count);
    if (i->status == MIGRATION_ACTIVE && i->bytes_per_second) {
        g_string_append_printf(out, ", %0.1f MiB/s, %" PRIu64 " s left", i->bytes_per_second / 1048576.0, r->remaining / i->bytes_per_second);
        if (r->dirty_pages_rate * 4096 > i->bytes_per_second) {
            g_string_append(out, " and more: the guest writes faster than that");
        }
    }
    g_string_append_c(out, '\n');
}

HMP_INFO(migrate, "migrate", "", "", "show migration status")
{
    MigrationInfo i = migration_info();
    const RamStats *r = &i.ram;

    migration_print_globals(out);
    if (migration_blocker(0)) {
        g_string_append(out, "Outgoing migration blocked:\n");
        for (unsigned n = 0; migration_blocker(n); n++) {
            g_string_append_printf(out, "  %s\n", migration_blocker(n));
        }
    }
    if (i.status == MIGRATION_NONE) {
        return;
    }
    g_string_append_printf(out, "Migration status: %s%s%s%s\n", migration_status_name(i.status), i.error ? " (" : "", i.error ? i.error : "",
                           i.error ? ")" : "");
    if (!has_figures(&i)) {
        g_string_append(out, "total time: 0 ms\n");
        uint32_t all;
        unsigned n;
        const uint32_t *each = waited(&i, &all, &n);
        if (each) {
            g_string_append_printf(out, "postcopy blocktime: %u\npostcopy vcpu blocktime: ", all);
            for (unsigned k = 0; k < n; k++) {
                g_string_append_printf(out, "%s%u", k ? "," : "", each[k]);
            }
            g_string_append_c(out, '\n');
        }
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
                           "normal bytes: %" PRIu64 " kbytes\ndirty sync count: %" PRIu64 "\npage size: 4 kbytes\nmultifd bytes: 0 kbytes\n"
                           "pages-per-second: %" PRIu64 "\n", i.transferred >> 10,
                           i.mbps, r->remaining >> 10, r->total >> 10, r->duplicate, r->normal, r->normal * 4, r->dirty_sync_count,
                           i.total_ms ? (r->normal + r->duplicate) * 1000 / i.total_ms : 0);
    if (r->dirty_pages_rate) {
        g_string_append_printf(out, "dirty pages rate: %" PRIu64 " pages\n", r->dirty_pages_rate);
    }
    g_string_append_printf(out, "precopy ram: %" PRIu64 " kbytes\ndowntime ram: %" PRIu64 " kbytes\n", i.precopy >> 10, (i.transferred - i.precopy) >> 10);
    if (throttle_percent()) {
        g_string_append_printf(out, "cpu throttle percentage: %u\n", throttle_percent());
    }
    print_progress(&i, out);
}
