/*
 * Private to the soft TLB's tables: what they are made of. tlb.c says what they are; tlb-table.c has one table, tlb-flush.c all of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_TLB_INT_H
#define ACCEL_TCG_TLB_INT_H

#include "accel/tcg/region.h"
#include "accel/tcg/tlb.h"
#include "accel/tcg/vcpu.h"
#include <sched.h>

#define MIN_ENTRIES 256u
#define MAX_ENTRIES 16384u
#define CONTEXTS 16
#define MAX_LOW 128
#define FILTER_WORDS 16

typedef struct Table {
    TlbEntry *e;
    uint32_t entries;       /* a power of two */
    uint32_t nused;         /* more than entries: the list is incomplete */
    uint32_t *used;         /* indices of entries made since it was emptied */
    bool supervisor;
    uint32_t nlow;          /* likewise, of those below 2^62, which belong to the current process */
    uint32_t low[MAX_LOW];
} Table;

/* Which 64 KiB pages the jump cache has had lines of, in one space: hashed. */
typedef struct CodeFilter { uint64_t bits[FILTER_WORDS]; } CodeFilter;

typedef struct Context {
    uint64_t key, last_use;     /* last_use 0: empty */
    uint32_t space;
    Table *user;
    CodeFilter code;
} Context;

typedef struct SoftMmu {
    int busy;                   /* the lock */
    Context ctx[CONTEXTS];
    int current;
    uint64_t clock;
    uint32_t last_space;
    CodeFilter code;            /* supervisors' */
    Table *super[NB_MMU_MODES]; /* all modes but MMU_USER */
} SoftMmu;

static inline SoftMmu *mmu_of(PowerPCCPU *cpu)
{
    return cpu->tcg ? cpu->tcg->softmmu : NULL;
}

/* Held for less than a microsecond but for a flush of large tables, and nearly always free. */
static inline void softmmu_lock(SoftMmu *m)
{
    for (unsigned n = 0; __atomic_exchange_n(&m->busy, 1, __ATOMIC_ACQUIRE); n++) {
        while (__atomic_load_n(&m->busy, __ATOMIC_RELAXED)) {
            if (++n > 100) {
                sched_yield();
            }
        }
    }
}

static inline void softmmu_unlock(SoftMmu *m)
{
    __atomic_store_n(&m->busy, 0, __ATOMIC_RELEASE);
}

/* ---- entries ---- */

/*
 * Another thread may be in the middle of a hit on this entry: its addend stays, and the tag loses every flag but the one
 * that says it matches nothing, so that an access that began before the flush ends as it began.
 */
static inline void entry_clear(TlbEntry *e)
{
    __atomic_store_n(&e->tag_read, TLB_INVALID, __ATOMIC_RELAXED);
    __atomic_store_n(&e->tag_write, TLB_INVALID, __ATOMIC_RELAXED);
}

static inline bool entry_empty(const TlbEntry *e)
{
    return e->tag_read & e->tag_write & TLB_INVALID;
}

static inline uint64_t entry_page(const TlbEntry *e)
{
    return (e->tag_read & TLB_INVALID ? e->tag_write : e->tag_read) & TARGET_PAGE_MASK;
}

/* ---- tables: under the lock, or before anyone else knows them ---- */

Table *table_new(bool supervisor);
void table_free(Table *t);                      /* NULL: nothing; so the two below */
void table_clear(Table *t);
void table_clear_low(Table *t);                 /* what belongs to the current process */
/* By the vCPU's own thread: no other looks at the table without the lock. */
void table_grow(PowerPCCPU *cpu, int mode, Table *t);

/* Entry i, which is still as it was, will be for `page`. */
static inline void table_note(Table *t, unsigned i, uint64_t page)
{
    if (entry_empty(&t->e[i])) {
        if (t->nused < t->entries) {
            t->used[t->nused] = i;
        }
        t->nused += t->nused <= t->entries;
    }
    if (t->supervisor && !(page >> 62)) {
        if (t->nlow < MAX_LOW) {
            t->low[t->nlow] = i;
        }
        t->nlow += t->nlow <= MAX_LOW;
    }
}

/* ---- spaces, contexts ---- */

/* The vCPU's own thread may be changing its mode meanwhile: see tlb_select_space(). */
void softmmu_new_space(PowerPCCPU *cpu, SoftMmu *m, uint32_t *space);
void softmmu_new_user_space(PowerPCCPU *cpu, SoftMmu *m, Context *c);
void softmmu_clear_low(SoftMmu *m);             /* what supervisors' tables have of the current process */

static inline unsigned filter_bit(uint64_t pc)
{
    return (pc >> 16 ^ pc >> 26) % (64 * FILTER_WORDS);
}

#endif
