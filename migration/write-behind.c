/*
 * See write-behind.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/write-behind.h"

#define BATCHES 256u
#define OWN_MAX (4u << 20)          /* bytes in the batches' own buffers */
#define AHEAD_US 200000
#define AHEAD_AT_FIRST (64u << 20)
#define RATE_BYTES (1u << 20)       /* the rate is that of so much, */
#define RATE_US 100000              /* or of so long */

struct WriteBehind {
    GOutputStream *to;
    GCancellable *cancel, *stop;    /* the migration's; ours, which follows it */
    gulong follows;
    GThread *thread;
    GMutex lock;                    /* of all below */
    GCond change;
    GQueue full, empty;             /* OutBatch */
    uint64_t waiting, own;          /* bytes in `full` and in the one that is being written; of these, in their own buffers */
    bool writing, ending;
    uint64_t rate;                  /* bytes a second, lately; 0: not known */
    uint64_t rate_bytes, rate_us;   /* since it was noted last */
    bool started;                   /* who reads */
    GError *error;
};

/* What goes first fills buffers, or waits for a command to start: it says something only if it takes long. */
static void note_rate(WriteBehind *w, uint64_t bytes, gint64 us)
{
    w->rate_bytes += bytes;
    w->rate_us += us;
    if (w->rate_bytes < RATE_BYTES && w->rate_us < RATE_US) {
        return;
    }
    uint64_t now = w->rate_bytes * G_USEC_PER_SEC / MAX(w->rate_us, 1);
    if (w->started || w->rate_us >= RATE_US) {
        w->rate = w->rate ? (3 * w->rate + now) / 4 : now;
    }
    w->started = true;
    w->rate_bytes = w->rate_us = 0;
}

static gpointer write_all(gpointer opaque)
{
    WriteBehind *w = opaque;

    g_mutex_lock(&w->lock);
    for (;;) {
        while (g_queue_is_empty(&w->full) && !w->ending) {
            g_cond_wait(&w->change, &w->lock);
        }
        OutBatch *b = g_queue_pop_head(&w->full);
        if (!b || w->ending) {
            g_free(b);
            break;
        }
        GError *error = NULL;
        uint64_t bytes = out_batch_bytes(b), own = b->used;
        bool skip = w->error;
        w->writing = true;
        g_mutex_unlock(&w->lock);
        gint64 began = g_get_monotonic_time();
        if (!skip) {
            out_batch_write(b, w->to, w->stop, &error);
        }
        out_batch_empty(b);
        g_mutex_lock(&w->lock);
        w->writing = false;
        w->own -= own;
        w->waiting -= bytes;
        note_rate(w, bytes, g_get_monotonic_time() - began);
        g_queue_push_head(&w->empty, b);        /* its memory is the warmest */
        if (error) {
            w->error = error;
        }
        g_cond_broadcast(&w->change);
    }
    g_mutex_unlock(&w->lock);
    return NULL;
}

static void follow(GCancellable *cancel, gpointer stop)
{
    g_cancellable_cancel(stop);
}

WriteBehind *write_behind_new(GOutputStream *to, GCancellable *cancel)
{
    WriteBehind *w = g_new0(WriteBehind, 1);

    w->to = g_object_ref(to);
    w->stop = g_cancellable_new();
    if (cancel) {
        w->cancel = g_object_ref(cancel);
        w->follows = g_cancellable_connect(cancel, G_CALLBACK(follow), w->stop, NULL);
    }
    w->thread = g_thread_new("migration/out", write_all, w);
    return w;
}

static bool far_behind(WriteBehind *w)
{
    unsigned n = g_queue_get_length(&w->full) + w->writing;

    return n >= BATCHES || w->own > OWN_MAX || (n > 1 && w->waiting > (w->rate ? w->rate / (G_USEC_PER_SEC / AHEAD_US) : AHEAD_AT_FIRST));
}

OutBatch *write_behind(WriteBehind *w, OutBatch *full)
{
    g_mutex_lock(&w->lock);
    w->waiting += out_batch_bytes(full);
    w->own += full->used;
    g_queue_push_tail(&w->full, full);
    g_cond_broadcast(&w->change);
    while (far_behind(w)) {
        g_cond_wait(&w->change, &w->lock);
    }
    OutBatch *b = g_queue_pop_head(&w->empty);
    g_mutex_unlock(&w->lock);
    return b ? b : out_batch_new();
}

uint64_t write_behind_waiting(WriteBehind *w)
{
    g_mutex_lock(&w->lock);
    uint64_t n = w->waiting;
    g_mutex_unlock(&w->lock);
    return n;
}

bool write_behind_wait(WriteBehind *w, GError **err)
{
    g_mutex_lock(&w->lock);
    while (!g_queue_is_empty(&w->full) || w->writing) {
        g_cond_wait(&w->change, &w->lock);
    }
    bool ok = !w->error;
    if (!ok && err) {
        *err = g_error_copy(w->error);
    }
    g_mutex_unlock(&w->lock);
    return ok;
}

void write_behind_free(WriteBehind *w)
{
    if (!w) {
        return;
    }
    g_cancellable_cancel(w->stop);
    g_mutex_lock(&w->lock);
    w->ending = true;
    g_cond_broadcast(&w->change);
    g_mutex_unlock(&w->lock);
    g_thread_join(w->thread);
    g_cancellable_disconnect(w->cancel, w->follows);
    g_queue_clear_full(&w->full, g_free);
    g_queue_clear_full(&w->empty, g_free);
    g_clear_error(&w->error);
    g_clear_object(&w->cancel);
    g_object_unref(w->stop);
    g_object_unref(w->to);
    g_mutex_clear(&w->lock);
    g_cond_clear(&w->change);
    g_free(w);
}
