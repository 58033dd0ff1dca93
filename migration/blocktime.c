/*
 * How long post-copy kept the processors waiting (capability postcopy-blocktime): each of them, and all at once.
 *
 * userfaultfd names the host's thread that waits; those of the processors count. A wait ends when the page is put in place, or when the same thread waits
 * for another: then it went on in between.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "migration/blocktime.h"
#include "target/ppc/cpu.h"
#include <string.h>

typedef struct Wait { uint32_t thread; bool waits; uint64_t page; gint64 since; uint64_t us; } Wait;

static struct {
    GMutex lock;
    unsigned n, waiting;
    Wait *cpu;                      /* NULL: nothing is measured */
    gint64 all_since;
    uint64_t all_us;
    uint32_t *ms;                   /* what was told last */
} bt;

void blocktime_begin(void)
{
    PowerPCCPU *cpu;

    g_mutex_lock(&bt.lock);
    bt.n = bt.waiting = 0;
    CPU_FOREACH(cpu) {
        bt.n++;
    }
    g_free(bt.cpu);
    bt.cpu = g_new0(Wait, bt.n);
    bt.all_us = 0;
    unsigned i = 0;
    CPU_FOREACH(cpu) {
        bt.cpu[i++].thread = cpu->host_tid;
    }
    g_mutex_unlock(&bt.lock);
}

void blocktime_forget(void)
{
    g_mutex_lock(&bt.lock);
    g_clear_pointer(&bt.cpu, g_free);
    g_mutex_unlock(&bt.lock);
}

static void end_wait(Wait *w, gint64 now)
{
    if (bt.waiting == bt.n) {
        bt.all_us += now - bt.all_since;
    }
    bt.waiting--;
    w->waits = false;
    w->us += now - w->since;
}

void blocktime_fault(uint64_t page, uint32_t thread)
{
    gint64 now = g_get_monotonic_time();

    g_mutex_lock(&bt.lock);
    for (unsigned i = 0; bt.cpu && i < bt.n; i++) {
        Wait *w = &bt.cpu[i];
        if (w->thread != thread || (w->waits && w->page == page)) {
            continue;
        }
        if (w->waits) {
            end_wait(w, now);
        }
        *w = (Wait){ .thread = thread, .waits = true, .page = page, .since = now, .us = w->us };
        if (++bt.waiting == bt.n) {
            bt.all_since = now;
        }
    }
    g_mutex_unlock(&bt.lock);
}

void blocktime_placed(uint64_t page)
{
    gint64 now = g_get_monotonic_time();

    g_mutex_lock(&bt.lock);
    for (unsigned i = 0; bt.cpu && bt.waiting && i < bt.n; i++) {
        if (bt.cpu[i].waits && bt.cpu[i].page == page) {
            end_wait(&bt.cpu[i], now);
        }
    }
    g_mutex_unlock(&bt.lock);
}

const uint32_t *blocktime_ms(uint32_t *all, unsigned *n)
{
    g_mutex_lock(&bt.lock);
    g_clear_pointer(&bt.ms, g_free);
    if (bt.cpu) {
        bt.ms = g_new(uint32_t, bt.n);
        for (unsigned i = 0; i < bt.n; i++) {
            bt.ms[i] = bt.cpu[i].us / 1000;
        }
        *all = bt.all_us / 1000;
        *n = bt.n;
    }
    g_mutex_unlock(&bt.lock);
    return bt.ms;
}
