/*
 * See dirty.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/dirty.h"
#include "accel/tcg/softmmu.h"
#include "system/cpus.h"
#include "system/memory.h"
#include <glib.h>

#define WORD_BITS (8 * sizeof(unsigned long))

bool dirty_logging;
static unsigned long *map;      /* since the last sync of anybody */
static uint64_t words;
static GMutex lock;             /* of what follows, and of who moves the map's bits */
static GSList *logs;

void dirty_set(uint64_t raddr, uint64_t len)
{
    if (!len || raddr >= memory_ram_bytes) {
        return;
    }
    uint64_t last = MIN(raddr + len - 1, memory_ram_bytes - 1) >> DIRTY_PAGE_BITS;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);    /* who takes the bit that we find set has to see what was written before */
    for (uint64_t p = raddr >> DIRTY_PAGE_BITS; p <= last; p++) {
        unsigned long bit = 1ul << p % WORD_BITS, *w = &map[p / WORD_BITS];
        if (!(__atomic_load_n(w, __ATOMIC_RELAXED) & bit)) {
            __atomic_fetch_or(w, bit, __ATOMIC_SEQ_CST);
        }
    }
}

bool dirty_is_set(uint64_t raddr)
{
    uint64_t p = raddr >> DIRTY_PAGE_BITS;

    return !__atomic_load_n(&dirty_logging, __ATOMIC_RELAXED) || raddr >= memory_ram_bytes
        || __atomic_load_n(&map[p / WORD_BITS], __ATOMIC_RELAXED) >> p % WORD_BITS & 1;
}

/* What is in the map goes to every log but `l`; of `l` into `pages`, and how many were new there. The lock is held. */
static uint64_t hand_out(DirtyLog *l, unsigned long *pages)
{
    uint64_t fresh = 0;

    for (uint64_t i = 0; i < words; i++) {
        unsigned long w = map[i] ? __atomic_exchange_n(&map[i], 0, __ATOMIC_SEQ_CST) : 0;
        for (GSList *o = w ? logs : NULL; o; o = o->next) {
            DirtyLog *other = o->data;
            if (other != l) {
                other->missed[i] |= w;
                other->has_missed = true;
            }
        }
        if (l && l->has_missed) {
            w |= l->missed[i];
            l->missed[i] = 0;
        }
        if (l && w) {
            fresh += __builtin_popcountl(w & ~pages[i]);
            pages[i] |= w;
        }
    }
    if (l) {
        l->has_missed = false;
    }
    return fresh;
}

void dirty_log_start(DirtyLog *l)
{
    words = ((memory_ram_bytes >> DIRTY_PAGE_BITS) + WORD_BITS - 1) / WORD_BITS;
    *l = (DirtyLog){ .missed = g_new0(unsigned long, words) };
    cpus_start_exclusive();
    g_mutex_lock(&lock);
    if (!map) {
        map = g_new0(unsigned long, words);
    }
    hand_out(NULL, NULL);       /* what was written before is nothing to this one */
    logs = g_slist_prepend(logs, l);
    __atomic_store_n(&dirty_logging, true, __ATOMIC_SEQ_CST);
    tlb_notice_stores_all_cpus();
    g_mutex_unlock(&lock);
    cpus_end_exclusive();
}

void dirty_resize(void)
{
    g_mutex_lock(&lock);
    g_assert(!logs);
    g_clear_pointer(&map, g_free);
    g_mutex_unlock(&lock);
}

void dirty_log_stop(DirtyLog *l)
{
    g_mutex_lock(&lock);
    logs = g_slist_remove(logs, l);
    g_clear_pointer(&l->missed, g_free);
    if (!logs) {
        __atomic_store_n(&dirty_logging, false, __ATOMIC_SEQ_CST);     /* entries find out one by one */
    }
    g_mutex_unlock(&lock);
}

uint64_t dirty_log_sync(DirtyLog *l, unsigned long *pages)
{
    bool running = !bql_held();

    if (running) {
        cpus_start_exclusive();
    }
    g_mutex_lock(&lock);
    uint64_t fresh = hand_out(l, pages);
    tlb_notice_stores_all_cpus();
    g_mutex_unlock(&lock);
    if (running) {
        cpus_end_exclusive();
    }
    return fresh;
}
