/*
 * Sending pages on channels of their own; see multifd.h. The migration's thread gathers a packet and hands it to a channel that has none;
 * a channel's thread writes the pages from where they are, pages side by side in one piece.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/multifd.h"
#include "migration/multifd-wire.h"
#include "migration/channel.h"
#include "migration/migration.h"
#include "migration/options.h"
#include "migration/ram-wire.h"
#include "migration/zero.h"
#include "migration/zero-copy.h"
#include "system/memory.h"
#include "system/runstate.h"
#include <string.h>

typedef struct Channel {
    GThread *thread;
    MigChannel *channel;
    MultifdEncoder *encoder;    /* NULL: pages go as they are */
    ZeroCopy zero_copy;
    bool busy;                  /* `head` is to be sent; else it is the migration's thread's */
    MultifdHead head;
    const MemoryBlock *block;   /* that its pages are of */
    uint8_t wire[MULTIFD_HEAD_BYTES];
    uint8_t *compressed;
} Channel;

static struct {
    GMutex lock;                /* of all below, and of busy */
    GCond changed;
    Channel *channel;
    unsigned count;
    bool quit;
    GError *error;
    GCancellable *cancel;
    unsigned method;
    bool zero_copy;             /* pages are read by the host's network */
    uint64_t missed;            /* syncs of a channel where it copied them; atomic */
    uint64_t bytes, counted;    /* bytes: atomic */
    uint64_t packets;
    uint64_t gathered[MULTIFD_PAGES];       /* offsets in */
    const MemoryBlock *block;
    unsigned pages;
} mf;

uint64_t multifd_save_bytes(void)
{
    return __atomic_load_n(&mf.bytes, __ATOMIC_RELAXED);
}

bool multifd_syncs_each_part(void)
{
    return savevm_syncs_multifd_each_part();
}

uint64_t multifd_save_missed_zero_copy(void)
{
    return __atomic_load_n(&mf.missed, __ATOMIC_RELAXED);
}

static const uint8_t *page_at(const Channel *c, unsigned i)
{
    return memory_ram_base + c->block->start + c->head.page[i];
}

static void find_zeros(Channel *c)
{
    MultifdHead *h = &c->head;
    uint64_t zero[MULTIFD_PAGES];
    unsigned n = h->normal;

    h->normal = 0;
    h->zero = 0;
    for (unsigned i = 0; i < n; i++) {
        if (is_zero(page_at(c, i), RAM_PAGE)) {
            zero[h->zero++] = h->page[i];
        } else {
            h->page[h->normal++] = h->page[i];
        }
    }
    memcpy(h->page + h->normal, zero, h->zero * sizeof(zero[0]));
}

static bool compress_pages(Channel *c, GError **err)
{
    MultifdHead *h = &c->head;

    h->size = 0;
    for (unsigned i = 0; i < h->normal; i++) {
        ssize_t n = multifd_encode(c->encoder, page_at(c, i), i == h->normal - 1, c->compressed + h->size,
                                   MULTIFD_COMPRESSED_MAX - h->size, err);
        if (n < 0) {
            return false;
        }
        h->size += n;
    }
    h->flags |= h->normal ? mf.method : 0;
    return true;
}

static bool write_packet(Channel *c, GOutputVector *piece, unsigned pieces, GError **err)
{
    GOutputStream *to = channel_output(c->channel);
    bool copied;

    if (!mf.zero_copy) {
        return g_output_stream_writev_all(to, piece, pieces, NULL, mf.cancel, err);
    }
    /* The head is written anew for the next packet: a copy. */
    if (!g_output_stream_writev_all(to, piece, 1, NULL, mf.cancel, err) || !zero_copy_send(&c->zero_copy, piece + 1, pieces - 1, mf.cancel, err)) {
        return false;
    }
    if (c->head.flags & MULTIFD_SYNC) {
        if (!zero_copy_flush(&c->zero_copy, mf.cancel, &copied, err)) {
            return false;
        }
        __atomic_fetch_add(&mf.missed, copied, __ATOMIC_RELAXED);
    }
    return true;
}

static bool send_packet(Channel *c, GError **err)
{
    MultifdHead *h = &c->head;
    GOutputVector piece[1 + MULTIFD_PAGES] = { { c->wire, MULTIFD_HEAD_BYTES } };
    unsigned pieces = 1;

    if (h->normal && migration_parameter(PARAM_ZERO_PAGE_DETECTION) == ZERO_PAGE_MULTIFD) {
        find_zeros(c);
    }
    if (c->encoder) {
        if (!compress_pages(c, err)) {
            return false;
        }
        if (h->size) {
            piece[pieces++] = (GOutputVector){ c->compressed, h->size };
        }
    } else {
        h->size = h->normal * RAM_PAGE;
        for (unsigned i = 0; i < h->normal; i++) {
            GOutputVector *last = &piece[pieces - 1];
            const uint8_t *p = page_at(c, i);
            if (pieces > 1 && (const uint8_t *)last->buffer + last->size == p) {
                last->size += RAM_PAGE;
            } else {
                piece[pieces++] = (GOutputVector){ p, RAM_PAGE };
            }
        }
    }
    multifd_put_head(c->wire, h);
    __atomic_fetch_add(&mf.bytes, MULTIFD_HEAD_BYTES + h->size, __ATOMIC_RELAXED);
    return write_packet(c, piece, pieces, err);
}

static gpointer channel_thread(gpointer opaque)
{
    Channel *c = opaque;
    GError *err = NULL;

    g_mutex_lock(&mf.lock);
    while (!mf.quit && !err) {
        if (!c->busy) {
            g_cond_wait(&mf.changed, &mf.lock);
            continue;
        }
        g_mutex_unlock(&mf.lock);
        send_packet(c, &err);
        g_mutex_lock(&mf.lock);
        c->busy = false;
        if (err && !mf.error) {
            mf.error = g_error_copy(err);
        }
        g_cond_broadcast(&mf.changed);
    }
    g_mutex_unlock(&mf.lock);
    g_clear_error(&err);
    return NULL;
}

bool multifd_save_start(GError **err)
{
    static const unsigned methods[] = { 0, MULTIFD_ZLIB, MULTIFD_ZSTD };
    unsigned which = migration_parameter(PARAM_MULTIFD_COMPRESSION);
    int level = which == MULTIFD_COMPRESSION_ZLIB ? migration_parameter(PARAM_MULTIFD_ZLIB_LEVEL) : migration_parameter(PARAM_MULTIFD_ZSTD_LEVEL);

    mf.count = migration_parameter(PARAM_MULTIFD_CHANNELS);
    mf.channel = g_new0(Channel, mf.count);
    mf.cancel = g_cancellable_new();
    mf.method = methods[which];
    mf.bytes = mf.counted = mf.packets = mf.missed = 0;
    mf.zero_copy = migration_has(CAP_ZERO_COPY_SEND);
    mf.pages = 0;
    mf.quit = false;
    for (unsigned i = 0; i < mf.count; i++) {
        Channel *c = &mf.channel[i];
        uint8_t hello[MULTIFD_HELLO_BYTES];
        multifd_put_hello(hello, runstate_guest_uuid, i);
        if (!(c->channel = migration_open_channel(err))
            || !g_output_stream_write_all(channel_output(c->channel), hello, sizeof(hello), NULL, mf.cancel, err)
            || (mf.method && !(c->encoder = multifd_encoder_new(mf.method, level, err)))) {
            g_prefix_error(err, "multifd channel %u: ", i);
            return false;
        }
        if (mf.zero_copy && !zero_copy_start(&c->zero_copy, channel_socket(c->channel), err)) {
            return false;
        }
        c->compressed = mf.method ? g_malloc(MULTIFD_COMPRESSED_MAX) : NULL;
        c->thread = g_thread_new("multifd-out", channel_thread, c);
    }
    return true;
}

/* The channel has nothing to send (or something went wrong, which is false); the lock is held. */
static bool wait_idle(MigOut *o, const Channel *c)
{
    while (c->busy && !mf.error && !mig_out_cancelled(o)) {
        g_cond_wait_until(&mf.changed, &mf.lock, g_get_monotonic_time() + G_TIME_SPAN_SECOND / 10);
    }
    if (mf.error) {
        mig_out_fail(o, mf.error);
    }
    return !mf.error && !mig_out_cancelled(o);
}

static Channel *idle_channel(MigOut *o)
{
    for (;;) {
        for (unsigned i = 0; i < mf.count; i++) {
            Channel *c = &mf.channel[(mf.packets + i) % mf.count];
            if (!c->busy && !mf.error) {
                return c;
            }
        }
        if (mf.error) {
            mig_out_fail(o, mf.error);
        }
        if (mf.error || mig_out_cancelled(o)) {
            return NULL;
        }
        g_cond_wait_until(&mf.changed, &mf.lock, g_get_monotonic_time() + G_TIME_SPAN_SECOND / 10);
    }
}

/* What the channels sent since this was asked last counts for the rate. */
static void count(MigOut *o)
{
    uint64_t now = multifd_save_bytes();

    mig_out_count(o, now - mf.counted);
    mf.counted = now;
}

static void hand_over(Channel *c, unsigned flags)
{
    c->head = (MultifdHead){ .flags = flags, .normal = mf.pages, .number = mf.packets++, .block = mf.pages ? mf.block->name : NULL };
    c->block = mf.block;
    memcpy(c->head.page, mf.gathered, mf.pages * sizeof(mf.gathered[0]));
    mf.pages = 0;
    c->busy = true;
    g_cond_broadcast(&mf.changed);
}

static void hand_over_gathered(MigOut *o)
{
    g_mutex_lock(&mf.lock);
    Channel *c = mf.pages ? idle_channel(o) : NULL;
    if (c) {
        hand_over(c, 0);
    }
    mf.pages = 0;
    g_mutex_unlock(&mf.lock);
    count(o);
}

void multifd_save_page(MigOut *o, uint64_t page)
{
    const uint64_t addr = page * RAM_PAGE;

    if (mf.pages && addr - mf.block->start >= mf.block->size) {
        hand_over_gathered(o);
    }
    if (!mf.pages) {
        mf.block = memory_block_at(addr);
    }
    mf.gathered[mf.pages++] = addr - mf.block->start;
    if (mf.pages == MULTIFD_PAGES) {
        hand_over_gathered(o);
    }
}

void multifd_save_sync(MigOut *o)
{
    hand_over_gathered(o);
    g_mutex_lock(&mf.lock);
    for (unsigned i = 0; i < mf.count; i++) {
        if (!wait_idle(o, &mf.channel[i])) {
            break;
        }
        hand_over(&mf.channel[i], MULTIFD_SYNC);
    }
    for (unsigned i = 0; i < mf.count && wait_idle(o, &mf.channel[i]); i++) {
    }
    g_mutex_unlock(&mf.lock);
    count(o);
}

void multifd_save_end(void)
{
    if (!mf.channel) {
        return;
    }
    g_mutex_lock(&mf.lock);
    bool busy = false;
    for (unsigned i = 0; i < mf.count; i++) {
        busy |= mf.channel[i].busy;
    }
    mf.quit = true;
    if (busy) {
        g_cancellable_cancel(mf.cancel);    /* the migration ended before they did */
    }
    g_cond_broadcast(&mf.changed);
    g_mutex_unlock(&mf.lock);
    for (unsigned i = 0; i < mf.count; i++) {
        Channel *c = &mf.channel[i];
        channel_end(c->channel, c->thread);
        multifd_encoder_free(c->encoder);
        g_free(c->compressed);
    }
    g_clear_pointer(&mf.channel, g_free);
    g_clear_object(&mf.cancel);
    g_clear_error(&mf.error);
    mf.count = 0;
}
