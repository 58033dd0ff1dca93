/*
 * See page-runs.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/page-runs.h"

#define WAITING_PER_THREAD 2            /* so that none has to wait for the next */

typedef struct Run { uint64_t first, n; } Run;

struct PageRuns {
    PageRunFunc *func;
    void *opaque;
    GThreadPool *pool;                  /* NULL: the caller's thread */
    GMutex lock;                        /* of all below */
    GCond fewer;
    unsigned undone, undone_max;
    GError *error;
};

static void do_run(PageRuns *r, uint64_t first, uint64_t n)
{
    GError *err = NULL;

    if (!r->func(r->opaque, first, n, &err)) {
        g_mutex_lock(&r->lock);
        if (r->error) {
            g_error_free(err);
        } else {
            r->error = err;
        }
        g_mutex_unlock(&r->lock);
    }
}

static bool failed(PageRuns *r)
{
    g_mutex_lock(&r->lock);
    bool yes = r->error;
    g_mutex_unlock(&r->lock);
    return yes;
}

static void in_thread(gpointer data, gpointer opaque)
{
    g_autofree Run *run = data;
    PageRuns *r = opaque;

    if (!failed(r)) {
        do_run(r, run->first, run->n);
    }
    g_mutex_lock(&r->lock);
    r->undone--;
    g_cond_signal(&r->fewer);           /* one thread waits: whose runs they are */
    g_mutex_unlock(&r->lock);
}

PageRuns *page_runs_new(unsigned threads, PageRunFunc *func, void *opaque)
{
    PageRuns *r = g_new0(PageRuns, 1);

    *r = (PageRuns){ .func = func, .opaque = opaque, .undone_max = threads * (1 + WAITING_PER_THREAD) };
    g_mutex_init(&r->lock);
    g_cond_init(&r->fewer);
    r->pool = threads ? g_thread_pool_new(in_thread, r, threads, FALSE, NULL) : NULL;
    return r;
}

void page_runs_add(PageRuns *r, uint64_t first, uint64_t n)
{
    if (!r->pool) {
        if (!r->error) {
            do_run(r, first, n);
        }
        return;
    }
    g_mutex_lock(&r->lock);
    while (r->undone >= r->undone_max) {
        g_cond_wait(&r->fewer, &r->lock);
    }
    r->undone++;
    g_mutex_unlock(&r->lock);
    Run *run = g_new(Run, 1);
    *run = (Run){ first, n };
    g_thread_pool_push(r->pool, run, NULL);
}

bool page_runs_wait(PageRuns *r, GError **err)
{
    g_mutex_lock(&r->lock);
    while (r->undone) {
        g_cond_wait(&r->fewer, &r->lock);
    }
    g_mutex_unlock(&r->lock);
    if (r->error) {
        g_propagate_error(err, g_error_copy(r->error));
    }
    return !r->error;
}

void page_runs_free(PageRuns *r)
{
    if (!r) {
        return;
    }
    page_runs_wait(r, NULL);
    if (r->pool) {
        g_thread_pool_free(r->pool, FALSE, TRUE);
    }
    g_clear_error(&r->error);
    g_mutex_clear(&r->lock);
    g_cond_clear(&r->fewer);
    g_free(r);
}
