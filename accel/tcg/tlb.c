/*
 * The soft TLB's tables: see softmmu.h.
 *
 * Each translation context (a process of a radix guest; one for a hash guest) has its own table for problem
 * state; the last few stay filled. The other modes have one table each: of the pages a supervisor reaches, those in
 * the quadrant of the current process are noted and dropped when the process, or the storage key of its
 * pages, changes; the kernel's own stay. A table notes what it fills, so that emptying costs what filling did, and
 * grows while it is full.
 *
 * The jump cache is not emptied with them: a line matches in its *space* only, a number that PowerPCCPU keeps
 * beside region_flags and that a flush replaces by a new one. Supervisors share one space, problem state has one for each
 * context.
 *
 * A vCPU fills its tables under its own lock, and whoever flushes takes that lock too: an entry made from
 * a translation that was current when the lock was taken is seen, and dropped, by any flush that follows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/tlb-int.h"
#include "accel/tcg/breakpoint.h"
#include "system/dirty.h"
#include "system/memory.h"
#include "target/ppc/mmu.h"
#include <string.h>

#define GROUP 16u           /* entries made at once of a page that is larger */

/* ---- spaces ---- */

void softmmu_new_space(PowerPCCPU *cpu, SoftMmu *m, uint32_t *space)
{
    uint32_t old = *space;

    if (++m->last_space == 0) {     /* after 2^32 flushes old numbers come again */
        tb_jump_cache_clear(cpu->jump_cache);
        m->last_space = 1;
    }
    __atomic_store_n(space, m->last_space, __ATOMIC_SEQ_CST);
    __atomic_compare_exchange_n(&cpu->space, &old, m->last_space, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

void tlb_select_space(PowerPCCPU *cpu)
{
    const uint32_t *of_mode = &cpu->spaces[cpu->region_flags & RF_PR ? 1 : 0];
    uint32_t s;

    do {
        s = __atomic_load_n(of_mode, __ATOMIC_ACQUIRE);
        if (s != cpu->space) {
            __atomic_exchange_n(&cpu->space, s, __ATOMIC_SEQ_CST);
        }
    } while (s != __atomic_load_n(of_mode, __ATOMIC_ACQUIRE));
}

void softmmu_new_user_space(PowerPCCPU *cpu, SoftMmu *m, Context *c)
{
    memset(&c->code, 0, sizeof(c->code));
    softmmu_new_space(cpu, m, c == &m->ctx[m->current] ? &cpu->spaces[1] : &c->space);
    c->space = m->last_space;
}

bool tlb_note_code(PowerPCCPU *cpu, uint64_t pc)
{
    SoftMmu *m = mmu_of(cpu);

    if (!m) {
        return true;
    }
    bool user = cpu->region_flags & RF_PR;
    if (!user && RF_IMMU(cpu->region_flags) != MMU_REAL && RF_IMMU(cpu->region_flags) != MMU_HV_REAL && !(pc >> 62)) {
        return false;       /* a supervisor running in a process's quadrant: the next process's page may be another */
    }
    CodeFilter *f = user ? &m->ctx[m->current].code : &m->code;
    uint64_t *word = &f->bits[filter_bit(pc) / 64], bit = 1ull << (filter_bit(pc) & 63);
    if (!(__atomic_load_n(word, __ATOMIC_RELAXED) & bit)) {
        __atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST);
    }
    return true;
}

/* ---- contexts ---- */

static void use_context(PowerPCCPU *cpu, SoftMmu *m, int i)
{
    Context *c = &m->ctx[i];

    m->current = i;
    c->last_use = ++m->clock;
    cpu->tlb[MMU_USER] = (TlbFast){ c->user->e, (uint64_t)(c->user->entries - 1) * sizeof(TlbEntry) };
    __atomic_store_n(&cpu->spaces[1], c->space, __ATOMIC_SEQ_CST);
    tlb_select_space(cpu);
}

void tlb_init_cpu(PowerPCCPU *cpu)
{
    SoftMmu *m = g_new0(SoftMmu, 1);

    cpu->tcg->softmmu = m;
    cpu->jump_cache = g_aligned_alloc(1u << JUMP_CACHE_BITS, sizeof(JumpCacheEntry), 64);
    memset(cpu->jump_cache, 0xff, sizeof(JumpCacheEntry) << JUMP_CACHE_BITS);
    cpu->spaces[0] = m->last_space = 1;
    for (int i = 0; i < NB_MMU_MODES; i++) {
        if (i != MMU_USER) {
            m->super[i] = table_new(true);
            cpu->tlb[i] = (TlbFast){ m->super[i]->e, (MIN_ENTRIES - 1) * sizeof(TlbEntry) };
        }
    }
    m->ctx[0].user = table_new(false);
    m->ctx[0].space = ++m->last_space;
    use_context(cpu, m, 0);
}

void softmmu_clear_low(SoftMmu *m)
{
    table_clear_low(m->super[MMU_KERNEL]);
    table_clear_low(m->super[MMU_HV]);
}

void tlb_select_context(PowerPCCPU *cpu, uint64_t key)
{
    SoftMmu *m = mmu_of(cpu);
    int found = -1, oldest = 0;

    if (!m || (m->ctx[m->current].last_use && m->ctx[m->current].key == key)) {
        return;
    }
    softmmu_lock(m);
    for (int i = 0; i < CONTEXTS; i++) {
        if (m->ctx[i].last_use && m->ctx[i].key == key) {
            found = i;
        }
        if (m->ctx[i].last_use < m->ctx[oldest].last_use) {
            oldest = i;
        }
    }
    if (found < 0) {
        Context *c = &m->ctx[oldest];
        found = oldest;
        if (!c->user || c->user->entries > 2 * MIN_ENTRIES) {
            table_free(c->user);
            c->user = table_new(false);
        }
        table_clear(c->user);
        c->key = key;
        c->space = ++m->last_space;
        memset(&c->code, 0, sizeof(c->code));
    }
    softmmu_clear_low(m);
    use_context(cpu, m, found);
    softmmu_unlock(m);
}

/* ---- filling ---- */

static bool watched(PowerPCCPU *cpu, uint64_t page)
{
    for (int i = 0; i < 2; i++) {
        uint64_t x = cpu->spr[SPR_DAWRX0 + i], a = cpu->spr[SPR_DAWR0 + i];
        if (x & 0x60 && x & 7) {
            uint64_t len = ((x >> 10 & 63) + 1) * 8;
            if ((a & TARGET_PAGE_MASK) == page || ((a + len - 1) & TARGET_PAGE_MASK) == page) {
                return true;
            }
        }
    }
    return false;
}

static TlbEntry *entry_set(PowerPCCPU *cpu, Table *t, uint64_t page, uint64_t rpage, uint8_t *host, unsigned prot)
{
    unsigned i = page >> TARGET_PAGE_BITS & (t->entries - 1);
    TlbEntry *e = &t->e[i];
    uint64_t flags = (watched(cpu, page) || watchpoint_on_page(page) ? TLB_WATCH : 0) | (host ? 0 : TLB_MMIO);

    table_note(t, i, page);
    e->addend = (host ? (uintptr_t)host : rpage) - page;
    e->tag_read = prot & 1 ? page | flags : UINT64_MAX;
    e->tag_write = prot & 2 ? page | flags | (host && (tb_page_has_code(rpage) || !dirty_is_set(rpage)) ? TLB_NOTDIRTY : 0) : UINT64_MAX;
    e->tag_exec = UINT64_MAX;
    return e;
}

/* The rest of a larger page, where that costs no entry in use: whoever touches one part mostly goes on to the next. */
static void fill_around(PowerPCCPU *cpu, Table *t, uint64_t page, uint64_t rpage, unsigned prot)
{
    const uint64_t span = GROUP * TARGET_PAGE_SIZE;
    uint64_t base = page & -span, rbase = rpage & -span;
    uint8_t *host = memory_ram_ptr(rbase, span);

    for (unsigned i = 0; host && i < GROUP; i++) {
        uint64_t p = base + i * TARGET_PAGE_SIZE;
        if (entry_empty(&t->e[p >> TARGET_PAGE_BITS & (t->entries - 1)])) {
            entry_set(cpu, t, p, rbase + i * TARGET_PAGE_SIZE, host + i * TARGET_PAGE_SIZE, prot);
        }
    }
}

TlbEntry *tlb_fill(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode)
{
    SoftMmu *m = cpu->tcg->softmmu;
    uint64_t page = ea & TARGET_PAGE_MASK;
    MmuResult res;

    softmmu_lock(m);
    if (!ppc_mmu_translate(cpu, ea, acc, mode, false, &res)) {
        softmmu_unlock(m);
        return NULL;
    }
    Table *t = mode == MMU_USER ? m->ctx[m->current].user : m->super[mode];
    if (t->nused > t->entries / 4 * 3 && t->entries < MAX_ENTRIES) {
        table_grow(cpu, mode, t);
    }
    uint64_t rpage = res.raddr & TARGET_PAGE_MASK;
    uint8_t *host = memory_ram_ptr(rpage, TARGET_PAGE_SIZE);
    TlbEntry *e = entry_set(cpu, t, page, rpage, host, res.prot);
    if (host && res.page_size >= GROUP * TARGET_PAGE_SIZE) {
        fill_around(cpu, t, page, rpage, res.prot);
    }
    softmmu_unlock(m);
    return e;
}
