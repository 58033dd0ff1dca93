/*
 * Entries of the soft TLB that no longer hold, in the tables of one vCPU or of all: see tlb.c.
 *
 * Jump cache lines go with them: those that may have been made of the same pages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/tlb-int.h"
#include "system/cpus.h"
#include "system/memory.h"
#include <string.h>

typedef struct Match { uint64_t base, mask; } Match;     /* entries with (ea & mask) == base */

static void flush_index(Table *t, const Match *k, unsigned i)
{
    TlbEntry *e = &t->e[i];

    if (!entry_empty(e) && (entry_page(e) & k->mask & TARGET_PAGE_MASK) == k->base) {
        entry_clear(e);
    }
}

static void table_flush(Table *t, const Match *k, uint64_t first, uint64_t pages)
{
    if (!t || !t->nused) {
        return;
    }
    if (pages < MIN(t->nused, t->entries)) {
        for (uint64_t i = 0; i < pages; i++) {
            flush_index(t, k, (first + i) & (t->entries - 1));
        }
    } else if (t->nused <= t->entries) {
        for (unsigned i = 0; i < t->nused; i++) {
            flush_index(t, k, t->used[i]);
        }
    } else {
        for (unsigned i = 0; i < t->entries; i++) {
            flush_index(t, k, i);
        }
    }
}

/* May the jump cache have lines of these pages? */
static bool filter_has(const CodeFilter *f, const Match *k, uint64_t pages)
{
    uint64_t any = 0;

    if (k->mask >> 60 == 15 && pages <= 16) {       /* a page of known address, no larger than the filter's */
        unsigned b = filter_bit(k->base);
        return f->bits[b / 64] >> (b & 63) & 1;
    }
    for (int i = 0; i < FILTER_WORDS; i++) {
        any |= f->bits[i];
    }
    return any;
}

/* key 0: in every context */
static void flush_match(PowerPCCPU *cpu, const Match *k, uint64_t first_page, uint64_t pages, uint64_t key)
{
    SoftMmu *m = mmu_of(cpu);
    bool code = false;

    if (!m) {
        return;
    }
    softmmu_lock(m);
    __atomic_fetch_add(&cpu->tcg->flushes, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < CONTEXTS; i++) {
        Context *c = &m->ctx[i];
        if (c->last_use && (!key || c->key == key)) {
            table_flush(c->user, k, first_page, pages);
            code |= filter_has(&c->code, k, pages);
        }
    }
    if (!key || m->ctx[m->current].key == key) {
        table_flush(m->super[MMU_KERNEL], k, first_page, pages);
        table_flush(m->super[MMU_HV], k, first_page, pages);
        code |= filter_has(&m->code, k, pages);
    }
    if (code) {
        tb_jump_cache_clear_match(cpu->jump_cache, k->base, k->mask);
    }
    softmmu_unlock(m);
}

void tlb_flush_page(PowerPCCPU *cpu, uint64_t ea, uint64_t page_size, uint64_t key)
{
    Match k = { ea & -page_size, -page_size };

    flush_match(cpu, &k, k.base >> TARGET_PAGE_BITS, page_size >> TARGET_PAGE_BITS, key);
}

void tlb_flush_segment(PowerPCCPU *cpu, uint64_t base, uint64_t size)
{
    Match k = { base, -size };

    flush_match(cpu, &k, 0, UINT64_MAX, 0);
}

/* Code that goes on within its page looks at no table: another vCPU has to come out of it. */
static void look_up_anew(PowerPCCPU *cpu)
{
    if (cpu != cpus_current()) {
        cpu_kick(cpu);
    }
}

void tlb_flush_va_offset_all_cpus(uint64_t offset, uint64_t page_size)
{
    PowerPCCPU *cpu;
    Match k = { offset & 0x0fffffff & -page_size, 0x0fffffff & -page_size };

    G_STATIC_ASSERT(MAX_ENTRIES << TARGET_PAGE_BITS <= 0x10000000u);    /* an index has known bits only */
    CPU_FOREACH(cpu) {
        flush_match(cpu, &k, k.base >> TARGET_PAGE_BITS, page_size >> TARGET_PAGE_BITS, 0);
        look_up_anew(cpu);
    }
}

void tlb_flush_cpu(PowerPCCPU *cpu)
{
    SoftMmu *m = mmu_of(cpu);

    if (!m) {
        return;
    }
    softmmu_lock(m);
    __atomic_fetch_add(&cpu->tcg->flushes, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < CONTEXTS; i++) {
        Context *c = &m->ctx[i];
        if (c->last_use) {
            table_clear(c->user);
            softmmu_new_user_space(cpu, m, c);
        }
        if (i != m->current) {
            c->last_use = 0;        /* empty: may be taken for another key */
        }
    }
    table_clear(m->super[MMU_KERNEL]);
    table_clear(m->super[MMU_HV]);
    memset(&m->code, 0, sizeof(m->code));
    softmmu_new_space(cpu, m, &cpu->spaces[0]);
    softmmu_unlock(m);
}

void tlb_flush_watch(PowerPCCPU *cpu)
{
    SoftMmu *m = mmu_of(cpu);

    tlb_flush_cpu(cpu);
    if (m) {
        softmmu_lock(m);
        table_clear(m->super[MMU_REAL]);
        table_clear(m->super[MMU_HV_REAL]);
        softmmu_unlock(m);
    }
}

void tlb_flush_supervisor_user(PowerPCCPU *cpu)
{
    SoftMmu *m = mmu_of(cpu);

    if (m) {
        softmmu_lock(m);
        softmmu_clear_low(m);
        softmmu_unlock(m);
    }
}

void tlb_invalidate_context(PowerPCCPU *cpu, uint64_t key)
{
    SoftMmu *m = mmu_of(cpu);

    if (!m) {
        return;
    }
    softmmu_lock(m);
    for (int i = 0; i < CONTEXTS; i++) {
        Context *c = &m->ctx[i];
        if (!c->last_use || c->key != key) {
            continue;
        }
        __atomic_fetch_add(&cpu->tcg->flushes, 1, __ATOMIC_SEQ_CST);
        table_clear(c->user);
        softmmu_new_user_space(cpu, m, c);
        if (i == m->current) {
            softmmu_clear_low(m);
        } else {
            c->last_use = 0;
        }
    }
    softmmu_unlock(m);
}

void tlb_flush_all_cpus(void)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        tlb_flush_cpu(cpu);
        look_up_anew(cpu);
    }
}

void tlb_flush_page_all_cpus(uint64_t ea, uint64_t page_size, uint64_t key)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        tlb_flush_page(cpu, ea, page_size, key);
        look_up_anew(cpu);
    }
}

void tlb_invalidate_context_all_cpus(uint64_t key)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        tlb_invalidate_context(cpu, key);
        look_up_anew(cpu);
    }
}

/* Every table of every vCPU, under its lock. */
static void each_table(void (*fn)(Table *t, uintptr_t arg), uintptr_t arg)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        SoftMmu *m = mmu_of(cpu);
        if (!m) {
            continue;
        }
        softmmu_lock(m);
        for (int i = 0; i < CONTEXTS; i++) {
            if (m->ctx[i].last_use) {
                fn(m->ctx[i].user, arg);
            }
        }
        for (int i = 0; i < NB_MMU_MODES; i++) {
            if (m->super[i]) {
                fn(m->super[i], arg);
            }
        }
        softmmu_unlock(m);
    }
}

/* Entries that stores go through to `host`, or to any page of memory if that is 0, send the next one the slow way. */
static void notice_in(Table *t, uintptr_t host)
{
    bool listed = t->nused <= t->entries;

    for (unsigned i = 0; i < (listed ? t->nused : t->entries); i++) {
        TlbEntry *e = &t->e[listed ? t->used[i] : i];
        uint64_t tag = __atomic_load_n(&e->tag_write, __ATOMIC_RELAXED);
        if (!(tag & (TLB_INVALID | TLB_MMIO)) && (!host || (tag & TARGET_PAGE_MASK) + e->addend == host)) {
            __atomic_store_n(&e->tag_write, tag | TLB_NOTDIRTY, __ATOMIC_RELAXED);
        }
    }
}

void tlb_protect_page(uint64_t raddr)
{
    uintptr_t host = (uintptr_t)memory_ram_ptr(raddr & TARGET_PAGE_MASK, TARGET_PAGE_SIZE);

    if (host) {
        each_table(notice_in, host);
    }
}

void tlb_notice_stores_all_cpus(void)
{
    each_table(notice_in, 0);
}
