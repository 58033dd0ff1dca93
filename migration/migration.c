/*
 * See migration.h.
 *
 * A thread connects, sends the start, and then the machine, in one of the ways of outgoing.h. A failure before the last byte, or the word of a
 * destination that answers, leaves the machine as it was, running if it ran. What arrives: incoming.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/outgoing.h"
#include "migration/channel.h"
#include "migration/converge.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "monitor/qmp.h"
#include "system/cpus.h"
#include "system/report.h"
#include "system/yank.h"
#include <string.h>

bool (*migration_settle)(bool last);

Outgoing outgoing;
static GMutex channel_lock;     /* of outgoing.channel, against who breaks it */

QMP_EVENT(MIGRATION, "status:MigrationStatus");

MigrationStatus migration_status(void)
{
    return __atomic_load_n(&outgoing.status, __ATOMIC_ACQUIRE);
}

void migration_set_status(MigrationStatus s)
{
    __atomic_store_n(&outgoing.status, s, __ATOMIC_RELEASE);
    if (migration_has(CAP_EVENTS)) {
        qmp_event("MIGRATION", qmp_object("status", JSTR(migration_status_name(s)), NULL));
    }
}

QMP_EVENT(MIGRATION_PASS, "pass:int");

void migration_note_pass(uint64_t n)
{
    if (!migration_has(CAP_EVENTS)) {
        return;
    }
    qmp_event("MIGRATION_PASS", qmp_object("pass", JINT(n), NULL));
}

const char *migration_status_name(MigrationStatus s)
{
#define S(id, name) name,
    static const char *const names[] = { MIGRATION_STATES(S) };
#undef S

    return names[s];
}

bool migration_status_find(const char *name, MigrationStatus *s)
{
    for (*s = 0; *s <= MIGRATION_WAIT_UNPLUG; (*s)++) {
        if (!strcmp(migration_status_name(*s), name)) {
            return true;
        }
    }
    return false;
}

bool migration_running(void)
{
    return !migration_is_incoming() && outgoing.status != MIGRATION_NONE && outgoing.status != MIGRATION_CANCELLED && outgoing.status != MIGRATION_COMPLETED
        && outgoing.status != MIGRATION_FAILED;
}

bool migration_needs_memory(void)
{
    return migration_running() || migration_incoming_begun() || dirty_rate_is_measured();
}

MigrationInfo migration_info(void)
{
    bool over = !migration_running();
    gint64 end = over ? outgoing.ended : g_get_monotonic_time();
    MigrationInfo i = {
        .status = outgoing.status, .error = outgoing.error, .total_ms = (end - outgoing.started) / 1000, .setup_ms = outgoing.setup_ms,
        .downtime_ms = outgoing.stopped ? ((outgoing.resumed ? outgoing.resumed : end) - outgoing.stopped) / 1000 : 0,
        .expected_downtime_ms = outgoing.expected_downtime_ms, .transferred = __atomic_load_n(&outgoing.transferred, __ATOMIC_RELAXED),
        .precopy = outgoing.precopy ? outgoing.precopy : outgoing.transferred, .ram = migration_ram_stats(),
        .bytes_per_second = outgoing.bytes_per_us * G_USEC_PER_SEC,
        .postcopy_requests = postcopy_requests_counted(),
    };
    if (outgoing.postcopied) {
        i.postcopy = i.transferred - i.precopy;
    }
    if (end > outgoing.started) {
        i.mbps = i.transferred * 8.0 / (end - outgoing.started);
    }
    return i;
}

/* ---- what both ways of sending use ---- */

bool outgoing_is_over(void)
{
    return mig_out_error(outgoing.out) || g_cancellable_is_cancelled(outgoing.cancel) || return_path_broken(NULL);
}

void outgoing_note_sent(void)
{
    __atomic_store_n(&outgoing.transferred, outgoing.sent_before + mig_out_total(outgoing.out) + page_channel_bytes(), __ATOMIC_RELAXED);
}

/* Behind the stream's channel and multifd's, by which they are told apart, and at once: 7.2 reads nothing before it has both. */
bool outgoing_open_page_channel(MigAddress *to, GError **err)
{
    MigChannel *c = migration_has(CAP_POSTCOPY_PREEMPT) ? channel_connect(to, outgoing.cancel, err) : NULL;

    if (c) {
        page_channel_open(c, outgoing.channel);
    }
    return c || !migration_has(CAP_POSTCOPY_PREEMPT);
}

void outgoing_set_channel(MigChannel *c)
{
    g_mutex_lock(&channel_lock);
    if (outgoing.channel) {
        channel_free(outgoing.channel);
    }
    outgoing.channel = c;
    g_mutex_unlock(&channel_lock);
}

bool outgoing_break(void)
{
    g_mutex_lock(&channel_lock);
    bool has = outgoing.channel;
    if (has) {
        channel_break(outgoing.channel);
    }
    g_mutex_unlock(&channel_lock);
    return has;
}

void outgoing_name_link_error(GError **err)
{
    if (outgoing.out && mig_out_error(outgoing.out)) {
        g_clear_error(err);
        *err = g_error_copy(mig_out_error(outgoing.out));
        channel_name_error(outgoing.channel, *err);
    }
    if (!*err) {
        return_path_broken(err);
    }
}

/* ---- from the beginning to the end ---- */

static void finish(bool ok, const GError *err)
{
    bql_lock();
    savevm_cleanup();
    converge_end();
    outgoing.ended = ok && outgoing.delivered ? outgoing.delivered : g_get_monotonic_time();
    if (outgoing.out) {
        outgoing_note_sent();
    }
    if (ok) {
        if (!outgoing.snapshot) {
            runstate_stop(RUN_POSTMIGRATE);
        }
        migration_set_status(MIGRATION_COMPLETED);
    } else {
        bool cancelled = g_cancellable_is_cancelled(outgoing.cancel);
        bool uncertain = !cancelled && outgoing_is_uncertain();
        if (!cancelled) {
            outgoing.error = g_strdup_printf("%s%s", err ? err->message : "the migration failed", uncertain ? "; the destination had the whole guest and may "
                                        "run it, so that it is paused here: if it does not run there, 'cont' goes on with it" : "");
        }
        if (uncertain) {
            report_warning("%s", outgoing.error);
            runstate_stop(RUN_POSTMIGRATE);
        }
        migration_set_status(cancelled ? MIGRATION_CANCELLED : MIGRATION_FAILED);
        if (outgoing.halted && !uncertain) {
            if (outgoing.before == RUN_RUNNING) {
                runstate_start();
            } else {
                runstate_stop(outgoing.before);
            }
        }
    }
    if (!outgoing.gone && !outgoing.snapshot) {
        outgoing.resumed = ok ? outgoing.ended : g_get_monotonic_time();
    }
    return_path_stop();
    page_channel_close();
    g_clear_pointer(&outgoing.out, mig_out_free);
    outgoing_set_channel(NULL);
    yank_remove(YANK_MIGRATION, NULL);
    bql_unlock();
    g_main_context_wakeup(NULL);
}

bool migration_open_page_channel(GError **err)
{
    return outgoing_open_page_channel(outgoing.to, err);
}

MigChannel *migration_open_channel(GError **err)
{
    return channel_connect(outgoing.to, outgoing.cancel, err);
}

/* Replies are wanted, and the channel can carry them. */
static bool open_return_path(MigChannel *c, GError **err)
{
    if (!migration_has(CAP_RETURN_PATH) && !migration_has(CAP_POSTCOPY_RAM)) {
        return true;
    }
    if (!channel_input(c)) {
        return report_fail(err, "Unable to open return-path for %s: a socket carries one, exec: and file: do not", migration_has(CAP_POSTCOPY_RAM) ? "postcopy"
                           : "the capability return-path");
    }
    return_path_start(channel_input(c));
    return true;
}

static gpointer send_thread(gpointer opaque)
{
    g_autoptr(GError) err = NULL;
    bool ok = false;
    MigChannel *c = channel_connect(outgoing.to, outgoing.cancel, &err);

    if (c) {
        outgoing.out = mig_out_new(channel_output(c), outgoing.cancel);
        if (!migration_has(CAP_MAPPED_RAM)) {       /* there the stream is the least of it */
            mig_out_write_behind(outgoing.out);
        }
        outgoing_set_channel(c);
        postcopy_forget_requests();
        postcopy_begin_count();
        page_channel_begin_count();
        if (migration_parameter(PARAM_MODE) == MIG_MODE_CPR_REBOOT) {
            outgoing_stop_first();
        }
        if (open_return_path(c, &err) && savevm_setup(outgoing.out, &err)) {
            outgoing.setup_ms = (g_get_monotonic_time() - outgoing.started) / 1000;
            bql_lock();
            if (outgoing.status == MIGRATION_SETUP) {
                migration_set_status(MIGRATION_ACTIVE);
            }
            bql_unlock();
            if (outgoing.snapshot) {
                ok = outgoing_send_snapshot(&err);
            } else if (outgoing_send_while_running()) {
                ok = outgoing.start_postcopy ? outgoing_send_postcopy(&err) : outgoing_send_rest(&err);
            }
        }
        if (!ok) {
            outgoing_name_link_error(&err);
        }
    }
    finish(ok, err);
    return NULL;
}

MigAddress *migration_address_of(const char *uri, json_object *channels, GError **err)
{
    return uri ? migration_address_parse(uri, err) : migration_address_from_channels(channels, err);
}

bool migration_start(const char *uri, json_object *channels, GError **err)
{
    GError *bad = NULL;

    if (runstate_now() == RUN_INMIGRATE) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_BUSY, "Guest is waiting for an incoming migration");
        return false;
    }
    if (migration_running()) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_BUSY, "There's a migration process in progress");
        return false;
    }
    if (runstate_now() == RUN_POSTMIGRATE) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_BUSY, "Can't migrate the vm that was paused due to previous migration: continue it first ('cont') "
                    "if the other side does not run");
        return false;
    }
    if (migration_parameter(PARAM_MODE) == MIG_MODE_CPR_REBOOT && (migration_has(CAP_POSTCOPY_RAM) || migration_has(CAP_BACKGROUND_SNAPSHOT))) {
        return report_fail(err, "Cannot use %s with CPR", migration_has(CAP_POSTCOPY_RAM) ? "postcopy" : "background snapshot");
    }
    if (migration_blocker(0)) {
        return report_fail(err, "%s", migration_blocker(0));
    }
    if (outgoing.thread) {
        g_thread_join(outgoing.thread);
    }
    migration_incoming_over();
    migration_address_free(outgoing.to);
    g_free(outgoing.error);
    migration_address_free(outgoing.resume_to);
    g_clear_object(&outgoing.cancel);
    memset(&outgoing, 0, sizeof(outgoing));
    outgoing.cancel = g_cancellable_new();
    outgoing.snapshot = migration_has(CAP_BACKGROUND_SNAPSHOT);
    migration_set_status(MIGRATION_SETUP);
    outgoing.to = migration_address_of(uri, channels, &bad);
    if (!outgoing.to || !channel_prepare(outgoing.to, &bad)) {
        outgoing.error = g_strdup(bad->message);
        migration_set_status(MIGRATION_FAILED);
        g_propagate_error(err, bad);
        return false;
    }
    yank_add(YANK_MIGRATION, NULL);
    outgoing.started = g_get_monotonic_time();
    outgoing.thread = g_thread_new("migration", send_thread, NULL);
    return true;
}

void migration_wait(void)
{
    while (migration_running()) {
        bql_unlock();
        g_main_context_iteration(NULL, TRUE);
        bql_lock();
    }
}

void migration_cancel(void)
{
    if (migration_running() && !outgoing.gone && !outgoing.whole) {   /* what runs elsewhere cannot be taken back */
        migration_set_status(MIGRATION_CANCELLING);
        g_cancellable_cancel(outgoing.cancel);
        outgoing_wake();
    }
}

void migration_init(void)
{
    migration_ram_init();
    globalstate_init();
}
