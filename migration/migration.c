/*
 * See migration.h.
 *
 * A thread connects, sends the start, then parts until what is left can be sent within the downtime limit at the rate seen
 * lately; then it stops the machine and sends the rest. A failure before the last byte, or the word of a destination that answers, leaves the
 * machine as it was, running if it ran. Post-copy stops it when asked to and sends the memory afterwards. A background snapshot only stops it for
 * the moment that its devices take. What arrives: incoming.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "migration/channel.h"
#include "migration/converge.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/ram-release.h"
#include "migration/state.h"
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
    MigChannel *channel;            /* that `out` writes to; set and cleared with the big lock held */
    gint64 started, ended, stopped, resumed;
    uint64_t setup_ms, expected_downtime_ms;
    uint64_t transferred, precopy;
    double bytes_per_us;
    uint64_t sent_before;           /* on links that broke */
    bool start_postcopy;            /* was asked for */
    bool two_steps;                 /* the destination runs only when it is told so, after it said that it has everything */
    bool postcopied;                /* post-copy was begun */
    bool snapshot;                  /* the machine runs on here */
    bool gone;                      /* post-copy: the destination may run by now */
    bool whole;                     /* pre-copy in one step: likewise, the end that it waits for was given to a socket */
    MigAddress *resume_to;          /* ... and where to go on with it */
    GMutex lock;
    GCond resumed_cond;
} mig;

QMP_EVENT(MIGRATION, "status:MigrationStatus");

MigrationStatus migration_status(void)
{
    return mig.status;
}

void migration_say_status(MigrationStatus s)
{
    bql_lock();
    migration_set_status(s);
    bql_unlock();
}

void migration_set_status(MigrationStatus s)
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
    return !migration_is_incoming() && mig.status != MIGRATION_NONE && mig.status != MIGRATION_CANCELLED && mig.status != MIGRATION_COMPLETED
        && mig.status != MIGRATION_FAILED;
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
        .postcopy_requests = postcopy_requests_counted(),
    };
    if (mig.postcopied) {
        i.postcopy = i.transferred - i.precopy;
    }
    if (end > mig.started) {
        i.mbps = i.transferred * 8.0 / (end - mig.started);
    }
    return i;
}

/* ---- sending ---- */

static bool is_over(void)
{
    return mig_out_error(mig.out) || g_cancellable_is_cancelled(mig.cancel) || return_path_broken(NULL);
}

static void note_sent(void)
{
    __atomic_store_n(&mig.transferred, mig.sent_before + mig_out_total(mig.out) + page_channel_bytes(), __ATOMIC_RELAXED);
}

/* Behind the stream's channel and multifd's, by which they are told apart, and at once: 7.2 reads nothing before it has both. */
static bool open_page_channel(MigAddress *to, GError **err)
{
    MigChannel *c = migration_has(CAP_POSTCOPY_PREEMPT) ? channel_connect(to, mig.cancel, err) : NULL;

    if (c) {
        page_channel_open(c, mig.channel);
    }
    return c || !migration_has(CAP_POSTCOPY_PREEMPT);
}

#define SLICE_US 100000

static gint64 slice;
static uint64_t slice_start;

static void begin_rate(void)
{
    slice = g_get_monotonic_time();
    slice_start = mig_out_total(mig.out);
    mig_out_limit(mig.out, migration_parameter(PARAM_MAX_BANDWIDTH));
}

/*
 * After each part: keeps to the limit. The rate is that of a tenth of a second, the wait for the limit with it: its first moments only fill
 * buffers and would promise far too much.
 */
static void keep_rate(void)
{
    gint64 now = g_get_monotonic_time();
    bool over = mig_out_over_limit(mig.out);

    note_sent();
    if (over || now - slice >= SLICE_US) {
        if (over) {
            mig_out_wait_limit(mig.out);
            now = g_get_monotonic_time();
        }
        mig_out_limit(mig.out, migration_parameter(PARAM_MAX_BANDWIDTH));     /* it may have been changed */
        mig.bytes_per_us = (double)(mig_out_total(mig.out) - slice_start) / MAX(now - slice, 1);
        slice = now;
        slice_start = mig_out_total(mig.out);
    }
}

/* Bytes a microsecond when the machine will have stopped: as the user promises, or as seen lately. */
static double expected_rate(void)
{
    uint64_t promised = migration_parameter(PARAM_AVAIL_SWITCHOVER_BANDWIDTH);

    return promised ? promised / (double)G_USEC_PER_SEC : mig.bytes_per_us;
}

/* Parts until the rest is small enough to stop for it. */
static bool send_while_running(void)
{
    converge_start();
    begin_rate();
    while (!is_over()) {
        if (__atomic_load_n(&mig.start_postcopy, __ATOMIC_RELAXED)) {
            return true;
        }
        uint64_t threshold = expected_rate() * 1000 * migration_parameter(PARAM_DOWNTIME_LIMIT);
        uint64_t left = savevm_pending(false);
        if (left <= converge_ask_at(expected_rate(), threshold)) {
            uint64_t before = left;
            left = savevm_pending(true);
            converge_note(left > before ? left - before : 0, mig_out_total(mig.out));
            mig.expected_downtime_ms = expected_rate() > 0 ? left / (expected_rate() * 1000) : 0;
            if (converge_stop(left, expected_rate(), threshold)) {
                if (!migration_has(CAP_SWITCHOVER_ACK) || return_path_acknowledged()) {
                    return true;
                }
                g_usleep(1000);
            }
        }
        savevm_iterate(mig.out);
        keep_rate();
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
    migration_set_status(MIGRATION_PRE_SWITCHOVER);
    while (mig.status == MIGRATION_PRE_SWITCHOVER && !is_over()) {
        bql_wait(&proceed);
    }
}

bool migration_continue(MigrationStatus from, GError **err)
{
    if (mig.status != from || from != MIGRATION_PRE_SWITCHOVER) {
        return report_fail(err, "Migration not in expected state: %s", migration_status_name(mig.status));
    }
    migration_set_status(MIGRATION_DEVICE);
    g_cond_broadcast(&proceed);
    return true;
}

/* The machine stops. Whether it ran is in `ran`. Big lock held. */
static void stop_for_rest(MigrationStatus status, bool *ran)
{
    *ran = runstate_is_running();
    globalstate_note();
    stop_settled(*ran);
    mig.precopy = mig_out_total(mig.out);
    mig.two_steps = return_path_got_pong(PING_HANDOVER);
    if (mig.two_steps) {
        command_ping(mig.out, PING_HANDOVER);
    }
    if (status == MIGRATION_DEVICE && migration_has(CAP_PAUSE_BEFORE_SWITCHOVER)) {
        wait_before_switchover();
    } else if (mig.status != status) {
        migration_set_status(status);
    }
    mig_out_limit(mig.out, 0);
}

#define REFUSES_MS 10               /* what does not suit a destination shows at once */

/*
 * A destination that runs as soon as it has the end gets it when it is known to have loaded everything else: by a PONG; or, where nothing comes back, it
 * has not gone away. From then on nobody but it can know whether it runs, so that here the guest stays where it is unless that one says no.
 */
static bool give_end(GError **err)
{
    if (!mig.two_steps && return_path_is_open()) {
        command_ping(mig.out, PING_COUNTED + 1);
        if (!mig_out_flush(mig.out, err) || !return_path_wait_counted(1, mig.cancel, err)) {
            return false;
        }
    } else if (channel_is_socket(mig.channel) && !mig.two_steps && channel_left(mig.channel, REFUSES_MS)) {
        return report_fail(err, "the destination closed the connection before it had everything: what is wrong stands there");
    }
    bql_lock();
    bool over = is_over();
    mig.whole = !over && !mig.two_steps && channel_is_socket(mig.channel);
    bql_unlock();
    return !over && savevm_end(mig.out, err);
}

/* With a return path the guest is given away only when the destination has it; with two steps, it runs when it is told that we do not. */
static bool hand_over(GError **err)
{
    if (!return_path_is_open()) {
        return channel_close(mig.channel, mig.cancel, err);
    }
    if (!return_path_wait_shut(mig.cancel, err)) {
        return false;
    }
    if (mig.two_steps) {
        command_ping(mig.out, PING_OPENED);
        if (!mig_out_flush(mig.out, err)) {
            return false;
        }
    }
    channel_close(mig.channel, mig.cancel, NULL);   /* it has the guest, however it goes */
    return true;
}

/* The other side may run, or it may not. */
static bool is_uncertain(void)
{
    return mig.whole && !return_path_refused() && !channel_refused(mig.channel);
}

static bool send_rest(bool *ran, GError **err)
{
    bql_lock();
    stop_for_rest(MIGRATION_DEVICE, ran);
    bool ok = !is_over() && savevm_complete(mig.out, err);
    bql_unlock();
    return ok && give_end(err) && hand_over(err);
}

/* ---- background snapshot ---- */

/* The moment that is saved: devices go into `rest`, memory is watched from here on, and the machine goes on as it was. */
static bool freeze(MigOut *rest, GError **err)
{
    bql_lock();
    bool ran = runstate_is_running();
    RunState before = runstate_now();
    globalstate_note();
    stop_settled(ran);
    bool ok = !is_over() && savevm_snapshot_begin(rest, err) && migration_ram_freeze(err);
    if (ran) {
        runstate_start();
    } else {
        runstate_stop(before);
    }
    mig.resumed = g_get_monotonic_time();
    bql_unlock();
    return ok;
}

static bool send_snapshot(GError **err)
{
    g_autoptr(GOutputStream) to = g_memory_output_stream_new_resizable();
    MigOut *rest = mig_out_new(to, NULL);
    bool ok = freeze(rest, err);

    mig_out_free(rest);
    if (!ok) {
        return false;
    }
    begin_rate();
    while (savevm_pending(false) && !is_over()) {
        savevm_iterate(mig.out);
        keep_rate();
    }
    savevm_snapshot_end(mig.out);
    mig_put(mig.out, g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(to)), g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(to)));
    return !is_over() && mig_out_flush(mig.out, err) && channel_close(mig.channel, mig.cancel, err);
}

/* ---- post-copy ---- */

/* Big lock held for as long as devices are looked at. */
static bool send_package(bool *ran, GError **err)
{
    g_autoptr(GOutputStream) to = g_memory_output_stream_new_resizable();
    MigOut *package = mig_out_new(to, NULL);
    uint8_t size[4];

    bql_lock();
    mig.postcopied = true;
    migration_set_status(MIGRATION_POSTCOPY_ACTIVE);
    stop_for_rest(MIGRATION_POSTCOPY_ACTIVE, ran);
    savevm_postcopy_begin(mig.out);
    command_ping(mig.out, PING_DISCARDED);
    command_put(package, COMMAND_POSTCOPY_LISTEN, NULL, 0);
    bool ok = savevm_put_devices(package, NULL, err);
    bql_unlock();
    command_ping(package, PING_DEVICES);
    if (!mig.two_steps) {
        command_put(package, COMMAND_POSTCOPY_RUN, NULL, 0);
    }
    ok = ok && mig_out_flush(package, err);
    size_t n = g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(to));
    vms_put_be(size, 4, n);
    command_put(mig.out, COMMAND_PACKAGED, size, sizeof(size));
    mig_put(mig.out, g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(to)), n);
    mig_out_free(package);
    /* What the host's network did not take in full cannot run. */
    ok = ok && !is_over() && mig_out_flush(mig.out, err);
    mig.gone = ok && !mig.two_steps;
    mig.resumed = g_get_monotonic_time();
    command_ping(mig.out, PING_PACKAGED);
    return ok;
}

/* The devices are loaded there: the guest is given away. */
static bool say_run(GError **err)
{
    command_put(mig.out, COMMAND_POSTCOPY_RUN, NULL, 0);
    mig.gone = mig_out_flush(mig.out, err);
    mig.resumed = g_get_monotonic_time();
    return mig.gone;
}

static bool send_pages(GError **err)
{
    mig_out_limit(mig.out, migration_parameter(PARAM_MAX_POSTCOPY_BANDWIDTH));
    while (savevm_pending(false) && !is_over()) {
        if (!mig.gone && return_path_got_pong(PING_DEVICES) && !say_run(err)) {
            return false;
        }
        savevm_iterate(mig.out);
        if (mig.gone) {
            ram_release_step(mig.out);
        }
        mig_out_flush(mig.out, NULL);
        note_sent();
        gint64 left = mig_out_limit_left(mig.out);
        if (left > 0) {
            postcopy_wait_request(left);
        } else if (left < 0) {
            mig_out_limit(mig.out, migration_parameter(PARAM_MAX_POSTCOPY_BANDWIDTH));
        }
    }
    if (is_over()) {
        return false;
    }
    if (!mig.gone && (!return_path_wait_pong(PING_DEVICES, mig.cancel, err) || !say_run(err))) {
        return false;
    }
    bool ok = page_channel_end(err) && savevm_postcopy_end(mig.out, err) && return_path_wait_shut(mig.cancel, err);
    if (ok) {
        ram_release_all();
    }
    return ok;
}

static void set_channel(MigChannel *c)
{
    bool locked = bql_held();

    if (!locked) {
        bql_lock();
    }
    if (mig.channel) {
        channel_free(mig.channel);
    }
    mig.channel = c;
    if (!locked) {
        bql_unlock();
    }
}

/* A new link: what is not there yet? */
static bool reconnect(MigAddress *to, GError **err)
{
    size_t bytes = (migration_ram_stats().total / 4096 + 63) / 64 * 8;
    g_autofree uint8_t *received = g_malloc0(bytes);
    MigChannel *c = channel_connect(to, mig.cancel, err);
    char block[1 + 255];

    if (!c) {
        return false;
    }
    mig.sent_before += mig_out_total(mig.out);
    mig_out_free(mig.out);
    return_path_stop();
    set_channel(c);
    mig.out = mig_out_new(channel_output(c), mig.cancel);
    postcopy_forget_requests();
    return_path_start(channel_input(c));
    if (!open_page_channel(to, err)) {
        return false;
    }
    return_path_expect_bitmap(received, bytes);
    command_put(mig.out, COMMAND_RECV_BITMAP, block, postcopy_block_name(block));
    if (!mig_out_flush(mig.out, err) || !return_path_wait_bitmap(mig.cancel, err)) {
        return_path_stop();     /* nobody else writes into `received` from now on */
        return false;
    }
    if (!ram_send_what_is_missing(received, err)) {
        return false;
    }
    command_put(mig.out, COMMAND_POSTCOPY_RESUME, NULL, 0);
    return mig_out_flush(mig.out, err) && return_path_wait_resumed(mig.cancel, err);
}

/* The guest runs on the other side, perhaps; here it never does again unless the user says so. */
static void pause_postcopy(const GError *why)
{
    g_autoptr(GError) err = why ? g_error_copy(why) : NULL;

    for (;;) {
        page_channel_close();
        report_warning("post-copy paused: %s; 'migrate-recover' there and then 'migrate' with 'resume' here go on", err ? err->message : "the link broke");
        migration_say_status(MIGRATION_POSTCOPY_PAUSED);
        g_mutex_lock(&mig.lock);
        while (!mig.resume_to) {
            g_cond_wait(&mig.resumed_cond, &mig.lock);
        }
        g_autoptr(MigAddress) to = g_steal_pointer(&mig.resume_to);
        g_mutex_unlock(&mig.lock);
        migration_say_status(MIGRATION_POSTCOPY_RECOVER);
        g_clear_error(&err);
        if (reconnect(to, &err)) {
            migration_say_status(MIGRATION_POSTCOPY_ACTIVE);
            return;
        }
    }
}

static void name_link_error(GError **err)
{
    if (mig.out && mig_out_error(mig.out)) {
        g_clear_error(err);
        *err = g_error_copy(mig_out_error(mig.out));
        channel_name_error(mig.channel, *err);
    }
    if (!*err) {
        return_path_broken(err);
    }
}

static bool send_postcopy(bool *ran, GError **err)
{
    bool ok = send_package(ran, err);

    while (ok && !send_pages(err)) {
        name_link_error(err);
        if (!mig.gone || return_path_refused()) {
            return false;
        }
        pause_postcopy(*err);
        g_clear_error(err);
    }
    if (ok) {
        channel_close(mig.channel, mig.cancel, NULL);
    }
    return ok;
}

bool migration_start_postcopy(GError **err)
{
    if (!migration_has(CAP_POSTCOPY_RAM)) {
        return report_fail(err, "Enable postcopy with migrate_set_capability before the start of migration");
    }
    if (!migration_running()) {
        return report_fail(err, "Postcopy must be started after migration has been started");
    }
    __atomic_store_n(&mig.start_postcopy, true, __ATOMIC_RELAXED);
    return true;
}

bool migration_pause(GError **err)
{
    MigChannel *c = migration_is_incoming() ? migration_incoming_channel() : mig.channel;

    /* ... and while a new link is tried, as QEMU since 9.1: the other side may sleep. */
    if ((mig.status != MIGRATION_POSTCOPY_ACTIVE && mig.status != MIGRATION_POSTCOPY_RECOVER) || !c) {
        return report_fail(err, "migrate-pause is currently only supported during postcopy-active state");
    }
    channel_break(c);
    return true;
}

bool migration_resume(const char *uri, json_object *channels, GError **err)
{
    if (migration_is_incoming() || mig.status != MIGRATION_POSTCOPY_PAUSED) {
        return report_fail(err, "Cannot resume if there is no paused migration");
    }
    MigAddress *to = migration_address_of(uri, channels, err);
    if (!to || !channel_prepare(to, err)) {
        migration_address_free(to);
        return false;
    }
    g_mutex_lock(&mig.lock);
    migration_address_free(mig.resume_to);
    mig.resume_to = to;
    g_cond_signal(&mig.resumed_cond);
    g_mutex_unlock(&mig.lock);
    return true;
}

static void finish(bool ok, bool stopped, bool ran, RunState before, const GError *err)
{
    bql_lock();
    savevm_cleanup();
    converge_end();
    mig.ended = g_get_monotonic_time();
    if (mig.out) {
        note_sent();
    }
    if (ok) {
        if (!mig.snapshot) {
            runstate_stop(RUN_POSTMIGRATE);
        }
        migration_set_status(MIGRATION_COMPLETED);
    } else {
        bool cancelled = g_cancellable_is_cancelled(mig.cancel);
        bool uncertain = !cancelled && is_uncertain();
        if (!cancelled) {
            mig.error = g_strdup_printf("%s%s", err ? err->message : "the migration failed", uncertain ? "; the destination had the whole guest and may "
                                        "run it, so that it is paused here: if it does not run there, 'cont' goes on with it" : "");
        }
        if (uncertain) {
            report_warning("%s", mig.error);
            runstate_stop(RUN_POSTMIGRATE);
        }
        migration_set_status(cancelled ? MIGRATION_CANCELLED : MIGRATION_FAILED);
        if (stopped && !uncertain) {
            if (ran) {
                runstate_start();
            } else {
                runstate_stop(before);
            }
        }
    }
    if (!mig.gone && !mig.snapshot) {
        mig.resumed = g_get_monotonic_time();
    }
    return_path_stop();
    page_channel_close();
    g_clear_pointer(&mig.out, mig_out_free);
    set_channel(NULL);
    bql_unlock();
    g_main_context_wakeup(NULL);
}

bool migration_open_page_channel(GError **err)
{
    return open_page_channel(mig.to, err);
}

MigChannel *migration_open_channel(GError **err)
{
    return channel_connect(mig.to, mig.cancel, err);
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
    bool ok = false, stopped = false, ran = false;
    RunState before = runstate_now();
    MigChannel *c = channel_connect(mig.to, mig.cancel, &err);

    if (c) {
        mig.out = mig_out_new(channel_output(c), mig.cancel);
        set_channel(c);
        postcopy_forget_requests();
        postcopy_begin_count();
        page_channel_begin_count();
        if (open_return_path(c, &err) && savevm_setup(mig.out, &err)) {
            mig.setup_ms = (g_get_monotonic_time() - mig.started) / 1000;
            bql_lock();
            if (mig.status == MIGRATION_SETUP) {
                migration_set_status(MIGRATION_ACTIVE);
            }
            bql_unlock();
            if (mig.snapshot) {
                ok = send_snapshot(&err);
            } else if (send_while_running()) {
                stopped = true;
                before = runstate_now();
                ok = mig.start_postcopy ? send_postcopy(&ran, &err) : send_rest(&ran, &err);
            }
        }
        if (!ok) {
            name_link_error(&err);
        }
    }
    finish(ok, stopped, ran, before, err);
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
    if (migration_blocker(0)) {
        return report_fail(err, "%s", migration_blocker(0));
    }
    if (mig.thread) {
        g_thread_join(mig.thread);
    }
    migration_incoming_over();
    migration_address_free(mig.to);
    g_free(mig.error);
    migration_address_free(mig.resume_to);
    g_clear_object(&mig.cancel);
    memset(&mig, 0, sizeof(mig));
    mig.cancel = g_cancellable_new();
    mig.snapshot = migration_has(CAP_BACKGROUND_SNAPSHOT);
    migration_set_status(MIGRATION_SETUP);
    mig.to = migration_address_of(uri, channels, &bad);
    if (!mig.to || !channel_prepare(mig.to, &bad)) {
        mig.error = g_strdup(bad->message);
        migration_set_status(MIGRATION_FAILED);
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
    if (migration_running() && !mig.gone && !mig.whole) {   /* what runs elsewhere cannot be taken back */
        migration_set_status(MIGRATION_CANCELLING);
        g_cancellable_cancel(mig.cancel);
        g_cond_broadcast(&proceed);
    }
}

void migration_init(void)
{
    migration_ram_init();
    globalstate_init();
}
