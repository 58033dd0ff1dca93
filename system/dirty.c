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
static unsigned long *map;
static uint64_t words;

void dirty_set(uint64_t raddr, uint64_t len)
{
    if (!len || raddr >= memory_ram_bytes) {
        return;
    }
    uint64_t last = MIN(raddr + len - 1, memory_ram_bytes - 1) >> DIRTY_PAGE_BITS;
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

void dirty_log_start(void)
{
    words = ((memory_ram_bytes >> DIRTY_PAGE_BITS) + WORD_BITS - 1) / WORD_BITS;
    g_free(map);
    map = g_new0(unsigned long, words);
    cpus_start_exclusive();
    __atomic_store_n(&dirty_logging, true, __ATOMIC_SEQ_CST);
    tlb_notice_stores_all_cpus();
    cpus_end_exclusive();
}

void dirty_log_stop(void)
{
    __atomic_store_n(&dirty_logging, false, __ATOMIC_SEQ_CST);     /* entries find out one by one */
}

uint64_t dirty_log_sync(unsigned long *pages)
{
    uint64_t fresh = 0;
    bool running = !bql_held();

    if (running) {
        cpus_start_exclusive();
    }
    for (uint64_t i = 0; i < words; i++) {
        if (map[i]) {
            unsigned long w = __atomic_exchange_n(&map[i], 0, __ATOMIC_SEQ_CST);
            fresh += __builtin_popcountl(w & ~pages[i]);
            pages[i] |= w;
        }
    }
    tlb_notice_stores_all_cpus();
    if (running) {
        cpus_end_exclusive();
    }
    return fresh;
}
