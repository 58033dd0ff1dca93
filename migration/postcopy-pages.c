/*
 * Post-copy's page channel (capability postcopy-preempt): pages that are asked for go on a connection of their own, past what fills the
 * stream's buffers, and a thread of its own sends and another receives them.
 *
 * On the wire it is the contents of one part of section "ram": pages, the block's name where it changes, and an end of part when post-copy
 * is over. It is connected after the stream, by which the two are told apart, and anew with each link. If it breaks, the stream is broken, too:
 * post-copy pauses as a whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/migration.h"
#include "migration/postcopy.h"
#include "migration/ram-wire.h"
#include "system/report.h"
#include <inttypes.h>

/* ---- source ---- */

static struct {
    MigChannel *channel, *stream;
    MigOut *out;
    GThread *thread;
    uint64_t before;            /* bytes on links that broke */
} out;

static gpointer send_pages(gpointer opaque)
{
    const MemoryBlock *named = NULL;
    uint64_t page;

    while (!mig_out_error(out.out) && postcopy_await_request(&page)) {
        ram_send_urgent(out.out, page, &named);
    }
    if (mig_out_error(out.out)) {
        channel_break(out.stream);
    }
    return NULL;
}

void page_channel_open(MigChannel *c, MigChannel *stream)
{
    out.channel = c;
    out.stream = stream;
    out.out = mig_out_new(channel_output(c), NULL);
    postcopy_requests_wait(true);
    out.thread = g_thread_new("postcopy/pages", send_pages, NULL);
}

static void end_thread(void)
{
    postcopy_requests_wait(false);
    if (out.thread) {
        g_thread_join(out.thread);
        out.thread = NULL;
    }
}

bool page_channel_end(GError **err)
{
    if (!out.channel) {
        return true;
    }
    end_thread();
    mig_put_be(out.out, 8, RAM_EOS);
    return mig_out_flush(out.out, err);
}

void page_channel_close(void)
{
    if (!out.channel) {
        return;
    }
    channel_break(out.channel);
    end_thread();
    out.before += mig_out_total(out.out);
    g_clear_pointer(&out.out, mig_out_free);
    g_clear_pointer(&out.channel, channel_free);
}

uint64_t page_channel_bytes(void)
{
    return out.before + (out.out ? mig_out_total(out.out) : 0);
}

void page_channel_begin_count(void)
{
    out.before = 0;
}

/* ---- destination ---- */

#define COMES_US (10 * G_USEC_PER_SEC)

static struct {
    GMutex lock;
    GCond changed;
    GThread *thread;
    GCancellable *stop;
    MigChannel *channel, *stream;
    bool came, wanted, ended;
    GError *error;
} in;

static bool load_pages(VmsSource *source, GError **err)
{
    const MemoryBlock *named = NULL;
    uint64_t word;

    while (vms_read_be(source, 8, &word, err)) {
        unsigned form = word & RAM_FLAGS & ~RAM_CONTINUE;
        if (form == RAM_EOS) {
            return true;
        }
        if (form != RAM_ZERO && form != RAM_DATA) {
            return report_fail(err, "post-copy's page channel has a page with flags 0x%x: 0x%x and 0x%x are possible", form, RAM_ZERO, RAM_DATA);
        }
        if (!ram_load_word(source, word, &named, err)) {
            return false;
        }
    }
    return false;
}

static gpointer receive_pages(gpointer opaque)
{
    g_autoptr(GError) err = NULL;
    bool ok = false, wanted = false;

    if (!in.channel) {
        in.channel = migration_next_channel(in.stop, &err);
    }
    if (in.channel) {
        g_mutex_lock(&in.lock);
        in.came = true;
        g_cond_broadcast(&in.changed);
        while (!in.wanted && !g_cancellable_is_cancelled(in.stop)) {
            g_cond_wait(&in.changed, &in.lock);
        }
        wanted = in.wanted;
        g_mutex_unlock(&in.lock);
    }
    if (wanted) {
        MigIn *reader = mig_in_new(channel_input(in.channel), in.stop);
        ok = load_pages(mig_in_source(reader), &err);
        mig_in_free(reader);
    }
    g_mutex_lock(&in.lock);
    in.ended = true;
    in.error = g_steal_pointer(&err);
    g_cond_broadcast(&in.changed);
    g_mutex_unlock(&in.lock);
    if (!ok && wanted) {
        channel_break(in.stream);
    }
    return NULL;
}

void page_channel_receive(MigChannel *c, MigChannel *stream)
{
    if (in.thread) {
        return;             /* a stream that begins its memory twice */
    }
    in.channel = c;
    in.stream = stream;
    in.came = in.ended = false;
    in.wanted = c;
    in.stop = g_cancellable_new();
    in.thread = g_thread_new("postcopy/pages", receive_pages, NULL);
}

void page_channel_go(void)
{
    g_mutex_lock(&in.lock);
    in.wanted = true;
    g_cond_broadcast(&in.changed);
    g_mutex_unlock(&in.lock);
}

bool page_channel_wait(GError **err)
{
    gint64 end = g_get_monotonic_time() + COMES_US;
    bool ok = true;

    g_mutex_lock(&in.lock);
    while (in.thread && !in.came && !in.ended && postcopy_missing() && g_cond_wait_until(&in.changed, &in.lock, end)) {
    }
    while (in.came && !in.ended) {
        g_cond_wait(&in.changed, &in.lock);
    }
    if (in.came && in.error) {
        ok = report_fail(err, "post-copy's page channel: %s", in.error->message);
    }
    g_mutex_unlock(&in.lock);
    return ok;
}

void page_channel_stop(void)
{
    if (in.thread) {
        g_cancellable_cancel(in.stop);
        g_mutex_lock(&in.lock);
        g_cond_broadcast(&in.changed);
        g_mutex_unlock(&in.lock);
        g_thread_join(in.thread);
        in.thread = NULL;
        g_clear_object(&in.stop);
        g_clear_error(&in.error);
        g_clear_pointer(&in.channel, channel_free);
        in.came = false;
    }
}
