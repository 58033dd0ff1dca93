/*
 * Post-copy, at the source: hands the machine over in one package, sends its memory behind, and waits for a new link when the one there was
 * breaks. What is asked for meanwhile: postcopy-send.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/outgoing.h"
#include "migration/options.h"
#include "migration/postcopy.h"
#include "migration/protocol.h"
#include "migration/ram-release.h"
#include "migration/ram-wire.h"
#include "system/cpus.h"
#include "system/report.h"
#include <string.h>

/* Big lock held for as long as devices are looked at. */
static bool send_package(GError **err)
{
    g_autoptr(GOutputStream) to = g_memory_output_stream_new_resizable();
    MigOut *package = mig_out_new(to, NULL);
    uint8_t size[4];

    mig_out_catch_up(outgoing.out);     /* while the guest runs */
    bql_lock();
    outgoing.postcopied = true;
    migration_set_status(MIGRATION_POSTCOPY_ACTIVE);
    outgoing_stop_for_rest(MIGRATION_POSTCOPY_ACTIVE);
    savevm_postcopy_begin(outgoing.out);
    command_ping(outgoing.out, PING_DISCARDED);
    command_put(package, COMMAND_POSTCOPY_LISTEN, NULL, 0);
    bool ok = savevm_put_devices(package, NULL, err);
    bql_unlock();
    command_ping(package, PING_DEVICES);
    if (!outgoing.two_steps) {
        command_put(package, COMMAND_POSTCOPY_RUN, NULL, 0);
    }
    ok = ok && mig_out_flush(package, err);
    size_t n = g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(to));
    vms_put_be(size, 4, n);
    command_put(outgoing.out, COMMAND_PACKAGED, size, sizeof(size));
    mig_put(outgoing.out, g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(to)), n);
    mig_out_free(package);
    /* What the host's network did not take in full cannot run. */
    ok = ok && !outgoing_is_over() && mig_out_flush(outgoing.out, err);
    outgoing.gone = ok && !outgoing.two_steps;
    outgoing.resumed = g_get_monotonic_time();
    command_ping(outgoing.out, PING_PACKAGED);
    return ok;
}

/* The devices are loaded there: the guest is given away. */
static bool say_run(GError **err)
{
    command_put(outgoing.out, COMMAND_POSTCOPY_RUN, NULL, 0);
    outgoing.gone = mig_out_flush(outgoing.out, err);
    outgoing.resumed = g_get_monotonic_time();
    return outgoing.gone;
}

static bool send_pages(GError **err)
{
    mig_out_limit(outgoing.out, migration_parameter(PARAM_MAX_POSTCOPY_BANDWIDTH));
    while (savevm_pending(false) && !outgoing_is_over()) {
        if (!outgoing.gone && return_path_got_pong(PING_DEVICES) && !say_run(err)) {
            return false;
        }
        savevm_iterate(outgoing.out);
        if (outgoing.gone) {
            ram_release_step(outgoing.out);
        }
        mig_out_flush(outgoing.out, NULL);
        outgoing_note_sent();
        gint64 left = mig_out_limit_left(outgoing.out);
        if (left > 0) {
            postcopy_wait_request(left);
        } else if (left < 0) {
            mig_out_limit(outgoing.out, migration_parameter(PARAM_MAX_POSTCOPY_BANDWIDTH));
        }
    }
    if (outgoing_is_over()) {
        return false;
    }
    if (!outgoing.gone && (!return_path_wait_pong(PING_DEVICES, outgoing.cancel, err) || !say_run(err))) {
        return false;
    }
    bool ok = page_channel_end(err) && savevm_postcopy_end(outgoing.out, err) && return_path_wait_shut(outgoing.cancel, err);
    if (ok) {
        ram_release_all();
    }
    return ok;
}

static size_t bitmap_bytes(uint64_t memory)
{
    return (memory / RAM_PAGE + 63) / 64 * 8;
}

/* Into its place among the bits of all of memory. */
static bool ask_for_bitmap(const MemoryBlock *b, uint8_t *received, GError **err)
{
    uint8_t name[1 + 255];

    name[0] = strlen(b->name);
    memcpy(name + 1, b->name, name[0]);
    return_path_expect_bitmap(b, received + b->start / RAM_PAGE / 8, bitmap_bytes(b->size));
    command_put(outgoing.out, COMMAND_RECV_BITMAP, name, 1 + name[0]);
    return mig_out_flush(outgoing.out, err) && return_path_wait_bitmap(outgoing.cancel, err);
}

/* A new link: what is not there yet? */
static bool reconnect(MigAddress *to, GError **err)
{
    g_autofree uint8_t *received = g_malloc(bitmap_bytes(memory_ram_bytes));
    MigChannel *c = channel_connect(to, outgoing.cancel, err);

    if (!c) {
        return false;
    }
    outgoing.sent_before += mig_out_total(outgoing.out);
    mig_out_free(outgoing.out);
    return_path_stop();
    outgoing_set_channel(c);
    outgoing.out = mig_out_new(channel_output(c), outgoing.cancel);
    postcopy_forget_requests();
    return_path_start(channel_input(c));
    if (!outgoing_open_page_channel(to, err)) {
        return false;
    }
    memset(received, 0xff, bitmap_bytes(memory_ram_bytes));     /* nothing is missing where there is none */
    for MEMORY_BLOCKS(b) {
        if (!ask_for_bitmap(b, received, err)) {
            return_path_stop();     /* nobody else writes into `received` from now on */
            return false;
        }
    }
    if (!ram_send_what_is_missing(received, err)) {
        return false;
    }
    command_put(outgoing.out, COMMAND_POSTCOPY_RESUME, NULL, 0);
    return mig_out_flush(outgoing.out, err) && return_path_wait_resumed(outgoing.cancel, err);
}

/* The guest runs on the other side, perhaps; here it never does again unless the user says so. */
static void pause_postcopy(const GError *why)
{
    g_autoptr(GError) err = why ? g_error_copy(why) : NULL;

    for (;;) {
        page_channel_close();
        report_warning("post-copy paused: %s; 'migrate-recover' there and then 'migrate' with 'resume' here go on", err ? err->message : "the link broke");
        migration_set_status(MIGRATION_POSTCOPY_PAUSED);
        g_mutex_lock(&outgoing.lock);
        while (!outgoing.resume_to) {
            g_cond_wait(&outgoing.resumed_cond, &outgoing.lock);
        }
        g_autoptr(MigAddress) to = g_steal_pointer(&outgoing.resume_to);
        g_mutex_unlock(&outgoing.lock);
        migration_set_status(MIGRATION_POSTCOPY_RECOVER);
        g_clear_error(&err);
        if (reconnect(to, &err)) {
            migration_set_status(MIGRATION_POSTCOPY_ACTIVE);
            return;
        }
    }
}

bool outgoing_send_postcopy(GError **err)
{
    bool ok = send_package(err);

    while (ok && !send_pages(err)) {
        outgoing_name_link_error(err);
        if (!outgoing.gone || return_path_refused()) {
            return false;
        }
        pause_postcopy(*err);
        g_clear_error(err);
    }
    if (ok) {
        channel_close(outgoing.channel, outgoing.cancel, NULL);
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
    __atomic_store_n(&outgoing.start_postcopy, true, __ATOMIC_RELAXED);
    return true;
}

bool migration_pause(GError **err)
{
    MigrationStatus s = migration_status();

    /* ... and while a new link is tried, as QEMU since 9.1: the other side may sleep. */
    if ((s != MIGRATION_POSTCOPY_ACTIVE && s != MIGRATION_POSTCOPY_RECOVER) || !(migration_is_incoming() ? migration_incoming_break() : outgoing_break())) {
        return report_fail(err, "migrate-pause is currently only supported during postcopy-active state");
    }
    return true;
}

bool migration_resume(const char *uri, json_object *channels, GError **err)
{
    if (migration_is_incoming() || outgoing.status != MIGRATION_POSTCOPY_PAUSED) {
        return report_fail(err, "Cannot resume if there is no paused migration");
    }
    MigAddress *to = migration_address_of(uri, channels, err);
    if (!to || !channel_prepare(to, err)) {
        migration_address_free(to);
        return false;
    }
    g_mutex_lock(&outgoing.lock);
    migration_address_free(outgoing.resume_to);
    outgoing.resume_to = to;
    g_cond_signal(&outgoing.resumed_cond);
    g_mutex_unlock(&outgoing.lock);
    return true;
}
