/*
 * Receiving pages on channels of their own; see multifd.h. A thread a channel; between two syncs they are in no order with the stream or each
 * other, so that no page may come twice there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/multifd.h"
#include "migration/multifd-wire.h"
#include "migration/channel.h"
#include "migration/migration.h"
#include "migration/options.h"
#include "migration/ram-wire.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include <string.h>

typedef struct Channel {
    GThread *thread;
    MigChannel *channel;
    unsigned number;
    MultifdDecoder *decoder;
    unsigned method;
    uint64_t syncs;             /* that came */
    bool ended;
    uint8_t wire[MULTIFD_HEAD_BYTES];
    uint8_t *data, *compressed;
} Channel;

static struct {
    GMutex lock;
    GCond changed;
    Channel *channel;
    unsigned count;
    uint64_t syncs;             /* of the stream */
    bool quit;
    GError *error;
    GCancellable *cancel;
} mf;

static bool read_all(Channel *c, void *buf, size_t n, bool *end, GError **err)
{
    gsize got = 0;

    if (!g_input_stream_read_all(channel_input(c->channel), buf, n, &got, mf.cancel, err)) {
        return false;
    }
    if (end && !got) {
        *end = true;
        return true;
    }
    return got == n || report_fail(err, "the channel ends %zu bytes before a packet does", n - got);
}

static bool receive_pages(Channel *c, const MultifdHead *h, GError **err)
{
    unsigned method = h->flags & MULTIFD_METHOD;

    if (!method) {
        return read_all(c, c->data, h->size, NULL, err);
    }
    if (!c->decoder) {
        c->method = method;
        c->compressed = g_malloc(MULTIFD_COMPRESSED_MAX);
        if (!(c->decoder = multifd_decoder_new(method, err))) {
            return false;
        }
    }
    if (method != c->method) {
        return report_fail(err, "packet %" G_GUINT64_FORMAT " is compressed in another way than those before", h->number);
    }
    return read_all(c, c->compressed, h->size, NULL, err)
        && multifd_decode(c->decoder, c->compressed, h->size, c->data, h->normal * RAM_PAGE, err);
}

/* Offsets in a block become addresses. */
static bool find_pages(MultifdHead *h, GError **err)
{
    const MemoryBlock *b = h->block ? ram_load_block(h->block, strlen(h->block), err) : NULL;

    if (h->block && (!b || !multifd_check_pages(h, b->size, err))) {
        return false;
    }
    for (unsigned i = 0; i < h->normal + h->zero; i++) {
        h->page[i] += b->start;
    }
    return true;
}

static bool receive(Channel *c, GError **err)
{
    MultifdHead h;
    bool end = false;

    for (;;) {
        if (!read_all(c, c->wire, sizeof(c->wire), &end, err)) {
            return false;
        }
        if (end) {
            return true;
        }
        if (!multifd_get_head(c->wire, &h, err) || !find_pages(&h, err)) {
            return false;
        }
        if (h.normal && (!receive_pages(c, &h, err) || !ram_load_data(c->data, h.page, h.normal, err))) {
            return false;
        }
        for (unsigned i = 0; i < h.zero; i++) {
            ram_load_equal(h.page[h.normal + i], 0);
        }
        if (h.flags & MULTIFD_SYNC) {
            g_mutex_lock(&mf.lock);
            c->syncs++;
            g_cond_broadcast(&mf.changed);
            while (mf.syncs < c->syncs && !mf.quit) {
                g_cond_wait(&mf.changed, &mf.lock);
            }
            bool quit = mf.quit;
            g_mutex_unlock(&mf.lock);
            if (quit) {
                return true;
            }
        }
    }
}

static gpointer channel_thread(gpointer opaque)
{
    Channel *c = opaque;
    g_autoptr(GError) err = NULL;

    if (!receive(c, &err)) {
        g_prefix_error(&err, "multifd channel %u: ", c->number);
    }
    g_mutex_lock(&mf.lock);
    c->ended = true;
    if (err && !mf.error && !mf.quit) {
        mf.error = g_steal_pointer(&err);
    }
    g_cond_broadcast(&mf.changed);
    g_mutex_unlock(&mf.lock);
    return NULL;
}

/* The next channel, whichever it is. */
static bool next_channel(GError **err)
{
    uint8_t hello[MULTIFD_HELLO_BYTES];
    Channel new = { .channel = migration_next_channel(mf.cancel, err) };
    unsigned number;

    if (!new.channel) {
        return false;
    }
    bool ok = read_all(&new, hello, sizeof(hello), NULL, err) && multifd_get_hello(hello, runstate_guest_uuid, mf.count, &number, err);
    if (ok && mf.channel[number].channel) {
        ok = report_fail(err, "multifd channel %u comes twice", number);
    }
    if (!ok) {
        channel_free(new.channel);
        return false;
    }
    Channel *c = &mf.channel[number];
    c->channel = new.channel;
    c->number = number;
    c->data = g_malloc(MULTIFD_DATA);
    c->thread = g_thread_new("multifd-in", channel_thread, c);
    return true;
}

bool multifd_load_start(GError **err)
{
    if (mf.channel) {
        return report_fail(err, "memory begins twice");
    }
    mf.count = migration_parameter(PARAM_MULTIFD_CHANNELS);
    mf.channel = g_new0(Channel, mf.count);
    mf.cancel = g_cancellable_new();
    mf.syncs = 0;
    mf.quit = false;
    for (unsigned i = 0; i < mf.count; i++) {
        if (!next_channel(err)) {
            return false;
        }
    }
    return true;
}

bool multifd_is_loading(void)
{
    return mf.channel;
}

bool multifd_load_sync(GError **err)
{
    bool ok = true;

    if (!mf.channel) {
        return report_fail(err, "the stream goes with channels of multifd: switch that capability on here, too");
    }
    g_mutex_lock(&mf.lock);
    for (unsigned i = 0; ok && i < mf.count; ) {
        Channel *c = &mf.channel[i];
        if (mf.error) {
            ok = false;
            g_propagate_error(err, g_error_copy(mf.error));
        } else if (c->syncs > mf.syncs) {
            i++;
        } else if (c->ended) {
            ok = report_fail(err, "multifd channel %u ended before the stream did", i);
        } else {
            g_cond_wait(&mf.changed, &mf.lock);
        }
    }
    mf.syncs += ok;
    g_cond_broadcast(&mf.changed);
    g_mutex_unlock(&mf.lock);
    return ok;
}

void multifd_load_end(void)
{
    if (!mf.channel) {
        return;
    }
    g_mutex_lock(&mf.lock);
    mf.quit = true;
    g_cancellable_cancel(mf.cancel);
    g_cond_broadcast(&mf.changed);
    g_mutex_unlock(&mf.lock);
    for (unsigned i = 0; i < mf.count; i++) {
        Channel *c = &mf.channel[i];
        channel_end(c->channel, c->thread);
        multifd_decoder_free(c->decoder);
        g_free(c->data);
        g_free(c->compressed);
    }
    g_clear_pointer(&mf.channel, g_free);
    g_clear_object(&mf.cancel);
    g_clear_error(&mf.error);
}
