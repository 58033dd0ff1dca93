/*
 * One table of the soft TLB: see tlb.c. It notes what it fills, so that emptying costs what filling did.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/tlb-int.h"
#include <string.h>

static void table_alloc(Table *t, unsigned entries)
{
    t->e = g_aligned_alloc(entries, sizeof(TlbEntry), 64);
    memset(t->e, 0xff, entries * sizeof(TlbEntry));
    t->used = g_new(uint32_t, entries);
    t->entries = entries;
    t->nused = t->nlow = 0;
}

Table *table_new(bool supervisor)
{
    Table *t = g_new0(Table, 1);

    table_alloc(t, MIN_ENTRIES);
    t->supervisor = supervisor;
    return t;
}

void table_free(Table *t)
{
    if (t) {
        g_aligned_free(t->e);
        g_free(t->used);
        g_free(t);
    }
}

void table_clear(Table *t)
{
    if (!t) {
        return;
    }
    if (t->nused <= t->entries) {
        for (unsigned i = 0; i < t->nused; i++) {
            entry_clear(&t->e[t->used[i]]);
        }
    } else {
        for (unsigned i = 0; i < t->entries; i++) {
            entry_clear(&t->e[i]);
        }
    }
    t->nused = t->nlow = 0;
}

void table_clear_low(Table *t)
{
    if (t && t->nlow > MAX_LOW) {
        table_clear(t);
    } else if (t) {
        for (unsigned i = 0; i < t->nlow; i++) {
            TlbEntry *e = &t->e[t->low[i]];
            if (!entry_empty(e) && !(entry_page(e) >> 62)) {
                entry_clear(e);
            }
        }
        t->nlow = 0;
    }
}

void table_grow(PowerPCCPU *cpu, int mode, Table *t)
{
    TlbEntry *old = t->e;
    unsigned n = t->entries;

    g_free(t->used);
    table_alloc(t, 2 * n);
    for (unsigned i = 0; i < n; i++) {
        if (!entry_empty(&old[i])) {
            uint64_t page = entry_page(&old[i]);
            unsigned at = page >> TARGET_PAGE_BITS & (t->entries - 1);
            table_note(t, at, page);
            t->e[at] = old[i];
        }
    }
    cpu->tlb[mode] = (TlbFast){ t->e, (uint64_t)(t->entries - 1) * sizeof(TlbEntry) };
    g_aligned_free(old);
}
