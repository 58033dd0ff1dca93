/*
 * A guest that arrives: a thread loads the stream while the main loop serves the monitors. See migration.h and state.h.
 *
 * A load that fails ends the process: nothing runs that is half loaded, and the source goes on. A guest that post-copy brought runs before its
 * memory is here; when its link breaks, it waits for another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/state.h"
#include "migration/wire.h"
#include "system/cpus.h"
#include "system/report.h"
#include "system/runstate.h"
#include "system/yank.h"
#include <inttypes.h>
#include <string.h>

static enum { NOT_INCOMING, DEFERRED, INCOMING } incoming;

bool migration_is_incoming(void)
{
    return incoming;
}

bool migration_incoming_begun(void)
{
    return incoming == INCOMING && migration_status() != MIGRATION_COMPLETED;
}

void migration_incoming_over(void)
{
    incoming = NOT_INCOMING;
}

/* Has a capability been set that makes more channels than one? */
static bool migration_wants_channels(void)
{
    return migration_has(CAP_MULTIFD) || migration_has(CAP_POSTCOPY_PREEMPT);
}

static struct {
    MigListener *listener;
    GQueue extra;               /* channels that came before the main one */
    MigChannel *channel;        /* the stream's; the thread that loads it sets it, under `lock` */
    GCancellable *accepting;    /* post-copy waits for a new link: to stop that */
    GCond changed;              /* `listener`, under `lock` */
    GMutex lock;
} in;

/* Channels may arrive in another order than they were made: the main one begins as a stream does. */
static MigChannel *main_channel(GError **err)
{
    for (;;) {
        MigChannel *c = channel_accept(in.listener, migration_wants_channels(), NULL, err);
        uint32_t magic;
        if (!c || !channel_peek_magic(c, &magic) || magic == WIRE_MAGIC || !migration_wants_channels()) {
            return c;
        }
        g_queue_push_tail(&in.extra, c);
    }
}

MigChannel *migration_next_channel(GCancellable *cancel, GError **err)
{
    MigChannel *c = g_queue_pop_head(&in.extra);

    return c ? c : channel_accept(in.listener, false, cancel, err);
}

void migration_incoming_run(void)
{
    bql_lock();
    const char *was = globalstate_received();
    runstate_received(!was || !strcmp(was, "running"));
    bql_unlock();
}

void migration_incoming_failed(const GError *err)
{
    bool asked = reply_is_open();

    reply_word(REPLY_SHUT, 1);
    bql_lock();
    if (!asked && in.channel) {
        channel_refuse(in.channel);
    }
    migration_set_status(MIGRATION_FAILED);
    report_error("load of migration failed: %s", err->message);
    runstate_quit(SHUTDOWN_HOST_ERROR, 1);
    bql_unlock();
}

bool migration_incoming_open_return_path(GError **err)
{
    if (!in.channel || !channel_output(in.channel)) {
        return report_fail(err, "the source wants a return path, and this channel goes one way: use tcp: or unix:, or switch the source's capability off");
    }
    reply_open(channel_output(in.channel));
    return true;
}

MigChannel *migration_incoming_channel(void)
{
    return in.channel;
}

static void set_incoming_channel(MigChannel *c)
{
    reply_close();
    g_mutex_lock(&in.lock);
    if (in.channel) {
        channel_free(in.channel);
    }
    in.channel = c;
    g_mutex_unlock(&in.lock);
}

bool migration_incoming_break(void)
{
    g_mutex_lock(&in.lock);
    bool has = in.channel;
    if (has) {
        channel_break(in.channel);
    }
    g_mutex_unlock(&in.lock);
    return has;
}

/* Post-copy's link broke: the guest runs on with the memory it has, until there is a new one. */
static void wait_for_link(const GError *why)
{
    g_autofree char *reason = g_strdup(why->message);

    migration_incoming_break();     /* a source that took no notice has to pause, too, or it could not be told to go on */
    for (;;) {
        g_autoptr(GError) err = NULL;
        report_warning("post-copy paused: %s; 'migrate-recover' here and then 'migrate' with 'resume' on the source go on", reason);
        migration_set_status(MIGRATION_POSTCOPY_PAUSED);
        g_mutex_lock(&in.lock);
        while (!in.listener) {
            g_cond_wait(&in.changed, &in.lock);
        }
        MigListener *l = in.listener;
        g_autoptr(GCancellable) cancel = g_object_ref(in.accepting);
        g_mutex_unlock(&in.lock);
        MigChannel *c = channel_accept(l, false, cancel, &err), *pages = NULL;
        if (c && migration_has(CAP_POSTCOPY_PREEMPT) && !(pages = channel_accept(l, false, cancel, &err))) {
            g_clear_pointer(&c, channel_free);
        }
        g_mutex_lock(&in.lock);
        g_clear_pointer(&in.listener, channel_listener_free);
        g_clear_object(&in.accepting);
        g_cond_broadcast(&in.changed);
        g_mutex_unlock(&in.lock);
        if (c) {
            migration_set_status(MIGRATION_POSTCOPY_RECOVER);
            set_incoming_channel(c);
            reply_open(channel_output(c));
            if (pages) {
                page_channel_receive(pages, c);
            }
            return;
        }
        g_free(reason);
        reason = g_strdup(err->message);
    }
}

bool migration_recover(const char *uri, GError **err)
{
    if (!incoming || migration_status() != MIGRATION_POSTCOPY_PAUSED) {
        return report_fail(err, "Migrate recover can only be run when postcopy is paused.");
    }
    g_autoptr(MigAddress) at = migration_address_of(uri, NULL, err);
    if (!at) {
        return false;
    }
    g_mutex_lock(&in.lock);
    while (in.listener) {       /* of an earlier try */
        g_cancellable_cancel(in.accepting);
        g_cond_wait(&in.changed, &in.lock);
    }
    in.listener = channel_listen(at, err);
    bool ok = in.listener;
    if (ok) {
        in.accepting = g_cancellable_new();
    }
    g_cond_broadcast(&in.changed);
    g_mutex_unlock(&in.lock);
    return ok;
}

/* All is here: the source hears it. `may`: it may run, which only the source can say if it does so. */
static bool take_over(VmsSource *source, bool *may, GError **err)
{
    uint64_t type;

    *may = true;
    if (!reply_is_open()) {
        return channel_close(in.channel, NULL, err);
    }
    if (postcopy_listening()) {
        if (!command_package_loaded(err) || !(command_guest_runs() || report_fail(err, "the stream ended before the guest was to run"))) {
            return false;
        }
        if (!page_channel_wait(err)) {
            return false;
        }
        if (postcopy_missing()) {
            return report_fail(err, "the stream ended, and %" PRIu64 " pages of memory have not come, the first at 0x%" PRIx64, postcopy_missing(),
                               postcopy_first_missing());
        }
        postcopy_stop_listening();
    }
    reply_word(REPLY_SHUT, 0);
    if (!command_guest_runs() && command_wants_handover()) {
        *may = vms_read_be(source, 1, &type, NULL) && command_load(source, NULL);
    }
    return true;
}

static void arrived(bool may)
{
    if (may && !command_guest_runs()) {
        migration_incoming_run();
    }
    bql_lock();
    if (!may) {
        report_warning("the source went away before it said that the guest does not run there any more: it is complete here and paused; if it is lost there, "
                       "'cont' runs it");
        runstate_received(false);
    }
    migration_set_status(MIGRATION_COMPLETED);
    bql_unlock();
}

static gpointer receive_thread(gpointer opaque)
{
    g_autoptr(GError) err = NULL;
    MigChannel *c = main_channel(&err);
    bool ok = false, may = false;

    if (c) {
        set_incoming_channel(c);
        if (!migration_wants_channels()) {
            g_clear_pointer(&in.listener, channel_listener_free);
        }
        migration_set_status(MIGRATION_ACTIVE);
    }
    for (bool first = true; c; first = false) {
        MigIn *reader = mig_in_new(channel_input(in.channel), NULL);
        ok = (first ? loadvm : loadvm_resume)(mig_in_source(reader), &err) && migration_ram_came(&err) && take_over(mig_in_source(reader), &may, &err);
        mig_in_free(reader);
        migration_ram_load_end();
        page_channel_stop();
        if (first) {
            g_clear_pointer(&in.listener, channel_listener_free);
        }
        /* Without the guest's running there is nothing to save: the source takes it back. */
        if (ok || !postcopy_listening() || (!command_guest_runs() && command_wants_handover())) {
            break;
        }
        wait_for_link(err);
        g_clear_error(&err);
    }
    if (ok) {
        arrived(may);
    } else {
        migration_incoming_failed(err);
    }
    loadvm_cleanup();
    set_incoming_channel(NULL);
    yank_remove(YANK_MIGRATION, NULL);
    g_queue_clear_full(&in.extra, (GDestroyNotify)channel_free);
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
    g_autoptr(MigAddress) at = migration_address_of(uri, channels, err);
    yank_add(YANK_MIGRATION, NULL);
    in.listener = at ? channel_listen(at, err) : NULL;
    if (!in.listener) {
        yank_remove(YANK_MIGRATION, NULL);
        return false;
    }
    incoming = INCOMING;
    if (first) {
        runstate_stop(RUN_INMIGRATE);
    }
    migration_set_status(MIGRATION_SETUP);
    g_thread_unref(g_thread_new("migration-in", receive_thread, NULL));
    return true;
}
