/*
 * Sends while the machine runs, until what is left can go within the downtime limit; then stops it and hands it over, so that at most one side runs
 * it. A background snapshot stops it only for the moment that its devices take.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/outgoing.h"
#include "migration/converge.h"
#include "migration/options.h"
#include "migration/protocol.h"
#include "system/cpus.h"
#include "system/report.h"

#define SLICE_US 100000

static gint64 slice;
static uint64_t slice_start;

static void begin_rate(void)
{
    slice = g_get_monotonic_time();
    slice_start = mig_out_written(outgoing.out);
    mig_out_limit(outgoing.out, migration_parameter(PARAM_MAX_BANDWIDTH));
}

/*
 * After each part: keeps to the limit. The rate is that of a tenth of a second, the wait for the limit with it: its first moments only fill
 * buffers and would promise far too much.
 */
static void keep_rate(void)
{
    gint64 now = g_get_monotonic_time();
    bool over = mig_out_over_limit(outgoing.out);

    outgoing_note_sent();
    if (over || now - slice >= SLICE_US) {
        if (over) {
            mig_out_wait_limit(outgoing.out);
            now = g_get_monotonic_time();
        }
        mig_out_limit(outgoing.out, migration_parameter(PARAM_MAX_BANDWIDTH));     /* it may have been changed */
        outgoing.bytes_per_us = (double)(mig_out_written(outgoing.out) - slice_start) / MAX(now - slice, 1);
        slice = now;
        slice_start = mig_out_written(outgoing.out);
    }
}

/* Bytes a microsecond when the machine will have stopped: as the user promises, or as seen lately. */
static double expected_rate(void)
{
    uint64_t promised = migration_parameter(PARAM_AVAIL_SWITCHOVER_BANDWIDTH);

    return promised ? promised / (double)G_USEC_PER_SEC : outgoing.bytes_per_us;
}

bool outgoing_send_while_running(void)
{
    converge_start();
    begin_rate();
    while (!outgoing_is_over()) {
        if (__atomic_load_n(&outgoing.start_postcopy, __ATOMIC_RELAXED)) {
            return true;
        }
        uint64_t threshold = expected_rate() * 1000 * migration_parameter(PARAM_DOWNTIME_LIMIT);
        uint64_t left = savevm_pending(false);
        if (left <= converge_ask_at(expected_rate(), threshold)) {
            uint64_t before = left;
            mig_out_catch_up(outgoing.out);     /* what waits is left to send, too */
            left = savevm_pending(true);
            converge_note(left > before ? left - before : 0, mig_out_total(outgoing.out));
            outgoing.expected_downtime_ms = expected_rate() > 0 ? left / (expected_rate() * 1000) : 0;
            if (converge_stop(left, expected_rate(), threshold)) {
                if (!migration_has(CAP_SWITCHOVER_ACK) || return_path_acknowledged()) {
                    return true;
                }
                g_usleep(1000);
            }
        }
        savevm_iterate(outgoing.out);
        keep_rate();
    }
    return false;
}

#define SETTLE_TRIES 50             /* a millisecond each: guests that keep interrupts off for longer go as they are */

/*
 * Stops the machine at a moment that suits it, and says what it was before; big lock held. It is given up on the way: monitors may stop the machine
 * or let it go on, which holds.
 */
static RunState stop_settled(void)
{
    for (int i = 0; ; i++) {
        outgoing.stopped = g_get_monotonic_time();
        cpus_pause_all();
        if (!runstate_is_running() || !migration_settle || i == SETTLE_TRIES || outgoing_is_over() || migration_settle(false)) {
            break;
        }
        cpus_resume_all();
        bql_unlock();
        g_usleep(1000);
        bql_lock();
    }
    RunState before = runstate_now();
    globalstate_note();
    runstate_stop(RUN_FINISH_MIGRATE);
    cpus_resume_all();              /* from here on it stands still by its state */
    if (migration_settle && !outgoing_is_over()) {
        migration_settle(true);
    }
    return before;
}

static GCond proceed;

/* Big lock held, the machine stands still: until migration_continue() or the end. */
static void wait_before_switchover(void)
{
    migration_set_status(MIGRATION_PRE_SWITCHOVER);
    while (outgoing.status == MIGRATION_PRE_SWITCHOVER && !outgoing_is_over()) {
        bql_wait(&proceed);
    }
}

bool migration_continue(MigrationStatus from, GError **err)
{
    if (outgoing.status != from || from != MIGRATION_PRE_SWITCHOVER) {
        return report_fail(err, "Migration not in expected state: %s", migration_status_name(outgoing.status));
    }
    migration_set_status(MIGRATION_DEVICE);
    g_cond_broadcast(&proceed);
    return true;
}

static void stop(void)
{
    outgoing.before = stop_settled();
    outgoing.halted = true;
}

void outgoing_stop_first(void)
{
    bql_lock();
    stop();
    bql_unlock();
}

void outgoing_stop_for_rest(MigrationStatus status)
{
    if (!outgoing.halted) {
        stop();
    }
    outgoing.precopy = mig_out_total(outgoing.out);
    outgoing.two_steps = return_path_got_pong(PING_HANDOVER);
    if (outgoing.two_steps) {
        command_ping(outgoing.out, PING_HANDOVER);
    }
    if (status == MIGRATION_DEVICE && migration_has(CAP_PAUSE_BEFORE_SWITCHOVER)) {
        wait_before_switchover();
    } else if (outgoing.status != status && outgoing.status != MIGRATION_CANCELLING) {
        migration_set_status(status);
    }
    mig_out_limit(outgoing.out, 0);
}

#define ARRIVE_MS 1000
#define BACKLOG_MS 20               /* that the guest runs on for the destination's host to have its memory, */
#define DIGEST_MS 3                 /* and the destination itself */
#define REFUSES_MS 4                /* what does not suit a destination shows at once */

/*
 * A destination that runs as soon as it has the end gets it when it is known to have loaded everything else: by a PONG; or, where nothing comes back, it
 * has not gone away. From then on nobody but it can know whether it runs, so that here the guest stays where it is unless that one says no.
 */
static bool give_end(GError **err)
{
    if (!outgoing.two_steps && return_path_is_open()) {
        command_ping(outgoing.out, PING_COUNTED + 1);
        if (!mig_out_flush(outgoing.out, err) || !return_path_wait_counted(1, outgoing.cancel, err)) {
            return false;
        }
    } else if (channel_is_socket(outgoing.channel) && !outgoing.two_steps && channel_left(outgoing.channel, ARRIVE_MS, REFUSES_MS)) {
        return report_fail(err, "the destination closed the connection before it had everything: what is wrong stands there");
    }
    bql_lock();
    bool over = outgoing_is_over();
    outgoing.whole = !over && !outgoing.two_steps && channel_is_socket(outgoing.channel);
    bql_unlock();
    return !over && savevm_end(outgoing.out, err);
}

/* With a return path the guest is given away only when the destination has it; with two steps, it runs when it is told that we do not. */
static bool hand_over(GError **err)
{
    if (!return_path_is_open()) {
        outgoing.delivered = g_get_monotonic_time();
        return channel_close(outgoing.channel, outgoing.cancel, err);
    }
    if (!return_path_wait_shut(outgoing.cancel, err)) {
        return false;
    }
    if (outgoing.two_steps) {
        command_ping(outgoing.out, PING_OPENED);
        if (!mig_out_flush(outgoing.out, err)) {
            return false;
        }
    }
    channel_close(outgoing.channel, outgoing.cancel, NULL);   /* it has the guest, however it goes */
    return true;
}

bool outgoing_is_uncertain(void)
{
    return outgoing.whole && !return_path_refused() && !channel_refused(outgoing.channel);
}

bool outgoing_send_rest(GError **err)
{
    mig_out_catch_up(outgoing.out);
    if (!outgoing.halted && channel_is_socket(outgoing.channel)) {
        channel_left(outgoing.channel, BACKLOG_MS, DIGEST_MS);  /* what waits there would be waited for while the guest stands still */
    }
    bql_lock();
    outgoing_stop_for_rest(MIGRATION_DEVICE);
    bool ok = !outgoing_is_over() && savevm_complete(outgoing.out, err);
    bql_unlock();
    return ok && give_end(err) && hand_over(err);
}

/* ---- background snapshot ---- */

/* The moment that is saved: devices go into `rest`, memory is watched from here on, and the machine goes on as it was. */
static bool freeze(MigOut *rest, GError **err)
{
    bql_lock();
    RunState before = stop_settled();
    bool ok = !outgoing_is_over() && savevm_snapshot_begin(rest, err) && migration_ram_freeze(err);
    if (before == RUN_RUNNING) {
        runstate_start();
    } else {
        runstate_stop(before);
    }
    outgoing.resumed = g_get_monotonic_time();
    bql_unlock();
    return ok;
}

bool outgoing_send_snapshot(GError **err)
{
    g_autoptr(GOutputStream) to = g_memory_output_stream_new_resizable();
    MigOut *rest = mig_out_new(to, NULL);
    bool ok = freeze(rest, err);

    mig_out_free(rest);
    if (!ok) {
        return false;
    }
    begin_rate();
    while (savevm_pending(false) && !outgoing_is_over()) {
        savevm_iterate(outgoing.out);
        keep_rate();
    }
    savevm_snapshot_end(outgoing.out);
    mig_put(outgoing.out, g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(to)), g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(to)));
    return !outgoing_is_over() && mig_out_flush(outgoing.out, err) && channel_close(outgoing.channel, outgoing.cancel, err);
}

void outgoing_wake(void)
{
    g_cond_broadcast(&proceed);
}
