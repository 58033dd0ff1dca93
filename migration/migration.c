/*
 * See migration.h.
 *
 * Outgoing: a thread connects, sends the start, then parts until what is left can be sent within the downtime limit at the rate seen
 * lately; then it stops the machine and sends the rest. A failure before the last byte leaves the machine as it was, running if
 * it ran. Incoming: a thread loads while the main loop serves the monitors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "migration/channel.h"
#include "migration/options.h"
#include "monitor/qmp.h"
#include "system/cpus.h"
#include "system/report.h"
#include "system/runstate.h"
#include <string.h>

bool (*migration_settle)(bool last);

static struct {
    MigrationStatus status;
    MigAddress *to;
    char *error;
    GCancellable *cancel;
    GThread *thread;
    MigOut *out;
    gint64 started, ended, stopped, resumed;
    uint64_t setup_ms, expected_downtime_ms;
    uint64_t transferred, precopy;
    double bytes_per_us;
} mig;

static enum { NOT_INCOMING, DEFERRED, INCOMING } incoming;

QMP_EVENT(MIGRATION, "status:MigrationStatus");

/* Big lock held. */
static void set_status(MigrationStatus s)
{
    mig.status = s;
    if (migration_has(CAP_EVENTS)) {
        qmp_event("MIGRATION", qmp_object("status", JSTR(migration_status_name(s)), NULL));
    }
}

QMP_EVENT(MIGRATION_PASS, "pass:int");

void migration_note_pass(uint64_t n)
{
    bool locked = bql_held();

    if (!migration_has(CAP_EVENTS)) {
        return;
    }
    if (!locked) {
        bql_lock();
    }
    qmp_event("MIGRATION_PASS", qmp_object("pass", JINT(n), NULL));
    if (!locked) {
        bql_unlock();
    }
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
    return !incoming && mig.status != MIGRATION_NONE && mig.status != MIGRATION_CANCELLED && mig.status != MIGRATION_COMPLETED
        && mig.status != MIGRATION_FAILED;
}

bool migration_is_incoming(void)
{
    return incoming;
}

MigrationInfo migration_info(void)
{
    bool over = !migration_running();
    gint64 end = over ? mig.ended : g_get_monotonic_time();
    MigrationInfo i = {
        .status = mig.status, .error = mig.error, .total_ms = (end - mig.started) / 1000, .setup_ms = mig.setup_ms,
        .downtime_ms = mig.stopped ? ((mig.resumed ? mig.resumed : end) - mig.stopped) / 1000 : 0,
        .expected_downtime_ms = mig.expected_downtime_ms, .transferred = __atomic_load_n(&mig.transferred, __ATOMIC_RELAXED),
        .precopy = mig.precopy ? mig.precopy : mig.transferred, .ram = migration_ram_stats(),
        .bytes_per_second = mig.bytes_per_us * G_USEC_PER_SEC,
    };
    if (end > mig.started) {
        i.mbps = i.transferred * 8.0 / (end - mig.started);
    }
    return i;
}

/* ---- sending ---- */

static bool is_over(void)
{
    return mig_out_error(mig.out) || g_cancellable_is_cancelled(mig.cancel);
}

#define SLICE_US 100000

/*
 * Parts until the rest is small enough to stop for it. The rate is that of a tenth of a second, the wait for the limit with it: its
 * first moments only fill buffers and would promise far too much.
 */
static bool send_while_running(void)
{
    gint64 slice = g_get_monotonic_time();
    uint64_t slice_start = mig_out_total(mig.out);

    mig_out_limit(mig.out, migration_parameter(PARAM_MAX_BANDWIDTH));
    while (!is_over()) {
        uint64_t threshold = (uint64_t)(mig.bytes_per_us * 1000 * migration_parameter(PARAM_DOWNTIME_LIMIT));
        uint64_t left = savevm_pending(false);
        if (left <= threshold) {
            left = savevm_pending(true);
            mig.expected_downtime_ms = mig.bytes_per_us > 0 ? left / (mig.bytes_per_us * 1000) : 0;
            if (left <= threshold || !left) {
                return true;
            }
        }
        savevm_iterate(mig.out);
        __atomic_store_n(&mig.transferred, mig_out_total(mig.out), __ATOMIC_RELAXED);
        gint64 now = g_get_monotonic_time();
        bool over = mig_out_over_limit(mig.out);
        if (over || now - slice >= SLICE_US) {
            if (over) {
                mig_out_wait_limit(mig.out);
                now = g_get_monotonic_time();
            } else {
                mig_out_limit(mig.out, migration_parameter(PARAM_MAX_BANDWIDTH));
            }
            mig.bytes_per_us = (double)(mig_out_total(mig.out) - slice_start) / MAX(now - slice, 1);
            slice = now;
            slice_start = mig_out_total(mig.out);
        }
    }
    return false;
}

#define SETTLE_TRIES 50             /* a millisecond each: guests that keep interrupts off for longer go as they are */

/* Stops the machine at a moment that suits it; big lock held. */
static void stop_settled(bool running)
{
    for (int i = 0; running && migration_settle && i < SETTLE_TRIES && !is_over(); i++) {
        cpus_pause_all();
        if (migration_settle(false)) {
            break;
        }
        cpus_resume_all();
        bql_unlock();
        g_usleep(1000);
        bql_lock();
        running = runstate_is_running();
    }
    mig.stopped = g_get_monotonic_time();
    runstate_stop(RUN_FINISH_MIGRATE);
    if (migration_settle && !is_over()) {
        migration_settle(true);
    }
}

static GCond proceed;

/* Big lock held, the machine stands still: until migration_continue() or the end. */
static void wait_before_switchover(void)
{
    set_status(MIGRATION_PRE_SWITCHOVER);
    while (mig.status == MIGRATION_PRE_SWITCHOVER && !is_over()) {
        bql_wait(&proceed);
    }
}

bool migration_continue(MigrationStatus from, GError **err)
{
    if (mig.status != from || from != MIGRATION_PRE_SWITCHOVER) {
        return report_fail(err, "Migration not in expected state: %s", migration_status_name(mig.status));
    }
    set_status(MIGRATION_DEVICE);
    g_cond_broadcast(&proceed);
    return true;
}

/* The machine stops; the rest goes. Whether it ran is in `ran`. */
static bool send_rest(MigChannel *c, bool *ran, GError **err)
{
    bql_lock();
    *ran = runstate_is_running();
    globalstate_note();
    stop_settled(*ran);
    mig.precopy = mig_out_total(mig.out);
    if (migration_has(CAP_PAUSE_BEFORE_SWITCHOVER)) {
        wait_before_switchover();
    } else {
        set_status(MIGRATION_DEVICE);
    }
    mig_out_limit(mig.out, 0);
    bool ok = !is_over() && savevm_complete(mig.out, err);
    bql_unlock();
    return ok && channel_close(c, mig.cancel, err);
}

static void finish(bool ok, bool stopped, bool ran, RunState before, const GError *err)
{
    bql_lock();
    savevm_cleanup();
    mig.ended = g_get_monotonic_time();
    mig.transferred = mig.out ? mig_out_total(mig.out) : 0;
    if (ok) {
        runstate_stop(RUN_POSTMIGRATE);
        set_status(MIGRATION_COMPLETED);
    } else {
        bool cancelled = g_cancellable_is_cancelled(mig.cancel);
        if (!cancelled) {
            mig.error = g_strdup(err ? err->message : "the migration failed");
        }
        set_status(cancelled ? MIGRATION_CANCELLED : MIGRATION_FAILED);
        if (stopped) {
            runstate_stop(before);
            if (ran) {
                runstate_start();
            }
        }
    }
    mig.resumed = g_get_monotonic_time();
    g_clear_pointer(&mig.out, mig_out_free);
    bql_unlock();
    g_main_context_wakeup(NULL);
}

MigChannel *migration_open_channel(GError **err)
{
    return channel_connect(mig.to, mig.cancel, err);
}

static gpointer send_thread(gpointer opaque)
{
    g_autoptr(GError) err = NULL;
    bool ok = false, stopped = false, ran = false;
    RunState before = runstate_now();
    MigChannel *c = channel_connect(mig.to, mig.cancel, &err);

    if (c) {
        mig.out = mig_out_new(channel_output(c), mig.cancel);
        if (savevm_setup(mig.out, &err)) {
            mig.setup_ms = (g_get_monotonic_time() - mig.started) / 1000;
            bql_lock();
            if (mig.status == MIGRATION_SETUP) {
                set_status(MIGRATION_ACTIVE);
            }
            bql_unlock();
            if (send_while_running()) {
                stopped = true;
                before = runstate_now();
                ok = send_rest(c, &ran, &err);
            }
        }
        if (mig_out_error(mig.out)) {
            g_clear_error(&err);
            err = g_error_copy(mig_out_error(mig.out));
            channel_name_error(c, err);
        }
    }
    finish(ok, stopped, ran, before, err);
    channel_free(c);
    return NULL;
}

static MigAddress *address_of(const char *uri, json_object *channels, GError **err)
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
    if (migration_blocker(0)) {
        return report_fail(err, "%s", migration_blocker(0));
    }
    if (mig.thread) {
        g_thread_join(mig.thread);
    }
    incoming = NOT_INCOMING;
    migration_address_free(mig.to);
    g_free(mig.error);
    g_clear_object(&mig.cancel);
    memset(&mig, 0, sizeof(mig));
    mig.cancel = g_cancellable_new();
    set_status(MIGRATION_SETUP);
    mig.to = address_of(uri, channels, &bad);
    if (!mig.to || !channel_prepare(mig.to, &bad)) {
        mig.error = g_strdup(bad->message);
        set_status(MIGRATION_FAILED);
        g_propagate_error(err, bad);
        return false;
    }
    mig.started = g_get_monotonic_time();
    mig.thread = g_thread_new("migration", send_thread, NULL);
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
    if (migration_running()) {
        set_status(MIGRATION_CANCELLING);
        g_cancellable_cancel(mig.cancel);
        g_cond_broadcast(&proceed);
    }
}

/* ---- receiving ---- */

/* Has a capability been set that makes more channels than one? */
static bool migration_wants_channels(void)
{
    return migration_has(CAP_MULTIFD) || migration_has(CAP_POSTCOPY_PREEMPT);
}

static struct {
    MigListener *listener;
    GQueue extra;               /* channels that came before the main one */
} in;

#define STREAM_MAGIC 0x5145564du

/* Channels may arrive in another order than they were made: the main one begins as a stream does. */
static MigChannel *main_channel(GError **err)
{
    for (;;) {
        MigChannel *c = channel_accept(in.listener, NULL, err);
        uint32_t magic;
        if (!c || !channel_peek_magic(c, &magic) || magic == STREAM_MAGIC || !migration_wants_channels()) {
            return c;
        }
        g_queue_push_tail(&in.extra, c);
    }
}

MigChannel *migration_next_channel(GError **err)
{
    MigChannel *c = g_queue_pop_head(&in.extra);

    return c ? c : channel_accept(in.listener, NULL, err);
}

static gpointer receive_thread(gpointer opaque)
{
    g_autoptr(GError) err = NULL;
    MigChannel *c = main_channel(&err);
    bool ok = c;

    if (ok) {
        bql_lock();
        set_status(MIGRATION_ACTIVE);
        bql_unlock();
        MigIn *source = mig_in_new(channel_input(c), NULL);
        ok = loadvm(mig_in_source(source), &err);
        mig_in_free(source);
    }
    ok = ok && channel_close(c, NULL, &err);
    bql_lock();
    if (ok) {
        const char *was = globalstate_received();
        set_status(MIGRATION_COMPLETED);
        runstate_received(!was || !strcmp(was, "running"));
    } else {
        set_status(MIGRATION_FAILED);
        report_error("load of migration failed: %s", err->message);
        runstate_quit(SHUTDOWN_HOST_ERROR, 1);
    }
    bql_unlock();
    channel_free(c);
    g_queue_clear_full(&in.extra, (GDestroyNotify)channel_free);
    g_clear_pointer(&in.listener, channel_listener_free);
    return NULL;
}

bool migration_incoming(const char *uri, json_object *channels, GError **err)
{
    bool first = runstate_now() != RUN_INMIGRATE, defer = uri && !strcmp(uri, "defer");

    if (first && runstate_now() != RUN_PRELAUNCH) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "'-incoming' was not specified on the command line");
        return false;
    }
    if (first && defer) {
        incoming = DEFERRED;
        runstate_stop(RUN_INMIGRATE);
        return true;
    }
    if (!first && incoming != DEFERRED) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "The incoming migration has already been started");
        return false;
    }
    g_autoptr(MigAddress) at = address_of(uri, channels, err);
    in.listener = at ? channel_listen(at, err) : NULL;
    if (!in.listener) {
        return false;
    }
    incoming = INCOMING;
    if (first) {
        runstate_stop(RUN_INMIGRATE);
    }
    set_status(MIGRATION_SETUP);
    g_thread_unref(g_thread_new("migration-in", receive_thread, NULL));
    return true;
}

void migration_init(void)
{
    migration_ram_init();
    globalstate_init();
}
