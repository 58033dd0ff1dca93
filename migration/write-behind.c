/*
 * See write-behind.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/write-behind.h"

#define BATCHES 16u
#define AHEAD_US 200000

struct WriteBehind {
    GOutputStream *to;
    GCancellable *cancel, *stop;    /* the migration's; ours, which follows it */
    gulong follows;
    GThread *thread;
    GMutex lock;                    /* of all below */
    GCond change;
    GQueue full, empty;             /* OutBatch */
    uint64_t waiting;               /* bytes in `full` and in the one that is being written */
    bool writing, ending;
    uint64_t rate;                  /* bytes a second, of the last batches; 0: not known */
    GError *error;
};

OutBatch *out_batch_new(void)
{
    OutBatch *b = g_new(OutBatch, 1);

    b->used = b->pieces = 0;
    return b;
}

bool out_batch_write(OutBatch *b, GOutputStream *to, GCancellable *cancel, GError **err)
{
    bool ok = true;

    for (unsigned i = 0, n; ok && i < b->pieces; i += n) {
        size_t bytes = 0;
        for (n = 0; i + n < b->pieces && bytes < OUT_WRITE_MAX; n++) {
            bytes += b->piece[i + n].size;
        }
        ok = g_output_stream_writev_all(to, b->piece + i, n, NULL, cancel, err);
    }

    b->used = b->pieces = 0;
    return ok;
}

static uint64_t bytes_of(const OutBatch *b)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < b->pieces; i++) {
        n += b->piece[i].size;
    }
    return n;
}

static void note_rate(WriteBehind *w, uint64_t bytes, gint64 us)
{
    uint64_t now = bytes * G_USEC_PER_SEC / MAX(us, 1);

    w->rate = w->rate ? (3 * w->rate + now) / 4 : now;
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
        uint64_t bytes = bytes_of(b);
        bool skip = w->error;
        w->writing = true;
        g_mutex_unlock(&w->lock);
        gint64 began = g_get_monotonic_time();
        if (!skip) {
            out_batch_write(b, w->to, w->stop, &error);
        }
        b->used = b->pieces = 0;
        g_mutex_lock(&w->lock);
        w->writing = false;
        w->waiting -= bytes;
        note_rate(w, bytes, g_get_monotonic_time() - began);
        g_queue_push_tail(&w->empty, b);
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

    return n >= BATCHES || (n > 1 && w->waiting > w->rate / (G_USEC_PER_SEC / AHEAD_US));
}

OutBatch *write_behind(WriteBehind *w, OutBatch *full)
{
    g_mutex_lock(&w->lock);
    w->waiting += bytes_of(full);
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
