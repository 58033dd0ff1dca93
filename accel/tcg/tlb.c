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
#include "accel/tcg/breakpoint.h"
#include "accel/tcg/tlb.h"
#include "accel/tcg/region.h"
#include "accel/tcg/vcpu.h"
#include "system/cpus.h"
#include "system/dirty.h"
#include "system/memory.h"
#include "target/ppc/mmu.h"
#include <sched.h>
#include <string.h>

#define MIN_ENTRIES 256u
#define MAX_ENTRIES 16384u
#define CONTEXTS 16
#define MAX_LOW 128
#define GROUP 16u           /* entries made at once of a page that is larger */
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

static SoftMmu *mmu_of(PowerPCCPU *cpu)
{
    return cpu->tcg ? cpu->tcg->softmmu : NULL;
}

/* Held for less than a microsecond but for a flush of large tables, and nearly always free. */
static void lock(SoftMmu *m)
{
    for (unsigned n = 0; __atomic_exchange_n(&m->busy, 1, __ATOMIC_ACQUIRE); n++) {
        while (__atomic_load_n(&m->busy, __ATOMIC_RELAXED)) {
            if (++n > 100) {
                sched_yield();
            }
        }
    }
}

static void unlock(SoftMmu *m)
{
    __atomic_store_n(&m->busy, 0, __ATOMIC_RELEASE);
}

/* ---- tables ---- */

/*
 * Another thread may be in the middle of a hit on this entry: its addend stays, and the tag loses every flag but the one
 * that says it matches nothing, so that an access that began before the flush ends as it began.
 */
static void entry_clear(TlbEntry *e)
{
    __atomic_store_n(&e->tag_read, TLB_INVALID, __ATOMIC_RELAXED);
    __atomic_store_n(&e->tag_write, TLB_INVALID, __ATOMIC_RELAXED);
}

static bool entry_empty(const TlbEntry *e)
{
    return e->tag_read & e->tag_write & TLB_INVALID;
}

static uint64_t entry_page(const TlbEntry *e)
{
    return (e->tag_read & TLB_INVALID ? e->tag_write : e->tag_read) & TARGET_PAGE_MASK;
}

static void table_alloc(Table *t, unsigned entries)
{
    t->e = g_aligned_alloc(entries, sizeof(TlbEntry), 64);
    memset(t->e, 0xff, entries * sizeof(TlbEntry));
    t->used = g_new(uint32_t, entries);
    t->entries = entries;
    t->nused = t->nlow = 0;
}

static Table *table_new(bool supervisor)
{
    Table *t = g_new0(Table, 1);

    table_alloc(t, MIN_ENTRIES);
    t->supervisor = supervisor;
    return t;
}

static void table_free(Table *t)
{
    if (t) {
        g_aligned_free(t->e);
        g_free(t->used);
        g_free(t);
    }
}

static void table_clear(Table *t)
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

static void table_clear_low(Table *t)
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

static void note(Table *t, unsigned i, uint64_t page)
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

/* By the vCPU's own thread: no other looks at the table without the lock. */
static void table_grow(PowerPCCPU *cpu, int mode, Table *t)
{
    TlbEntry *old = t->e;
    unsigned n = t->entries;

    g_free(t->used);
    table_alloc(t, 2 * n);
    for (unsigned i = 0; i < n; i++) {
        if (!entry_empty(&old[i])) {
            uint64_t page = entry_page(&old[i]);
            unsigned at = page >> TARGET_PAGE_BITS & (t->entries - 1);
            note(t, at, page);
            t->e[at] = old[i];
        }
    }
    cpu->tlb[mode] = (TlbFast){ t->e, (uint64_t)(t->entries - 1) * sizeof(TlbEntry) };
    g_aligned_free(old);
}

/* ---- spaces ---- */

/* The vCPU's own thread may be changing its mode meanwhile: see tlb_select_space(). */
static void new_space(PowerPCCPU *cpu, SoftMmu *m, uint32_t *space)
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

static void new_user_space(PowerPCCPU *cpu, SoftMmu *m, Context *c)
{
    memset(&c->code, 0, sizeof(c->code));
    new_space(cpu, m, c == &m->ctx[m->current] ? &cpu->spaces[1] : &c->space);
    c->space = m->last_space;
}

static unsigned filter_bit(uint64_t pc)
{
    return (pc >> 16 ^ pc >> 26) % (64 * FILTER_WORDS);
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

static void clear_low(SoftMmu *m)
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
    lock(m);
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
    clear_low(m);
    use_context(cpu, m, found);
    unlock(m);
}

/* ---- flushing ---- */

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
    lock(m);
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
    unlock(m);
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
    lock(m);
    __atomic_fetch_add(&cpu->tcg->flushes, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < CONTEXTS; i++) {
        Context *c = &m->ctx[i];
        if (c->last_use) {
            table_clear(c->user);
            new_user_space(cpu, m, c);
        }
        if (i != m->current) {
            c->last_use = 0;        /* empty: may be taken for another key */
        }
    }
    table_clear(m->super[MMU_KERNEL]);
    table_clear(m->super[MMU_HV]);
    memset(&m->code, 0, sizeof(m->code));
    new_space(cpu, m, &cpu->spaces[0]);
    unlock(m);
}

void tlb_flush_watch(PowerPCCPU *cpu)
{
    SoftMmu *m = mmu_of(cpu);

    tlb_flush_cpu(cpu);
    if (m) {
        lock(m);
        table_clear(m->super[MMU_REAL]);
        table_clear(m->super[MMU_HV_REAL]);
        unlock(m);
    }
}

void tlb_flush_supervisor_user(PowerPCCPU *cpu)
{
    SoftMmu *m = mmu_of(cpu);

    if (m) {
        lock(m);
        clear_low(m);
        unlock(m);
    }
}

void tlb_invalidate_context(PowerPCCPU *cpu, uint64_t key)
{
    SoftMmu *m = mmu_of(cpu);

    if (!m) {
        return;
    }
    lock(m);
    for (int i = 0; i < CONTEXTS; i++) {
        Context *c = &m->ctx[i];
        if (!c->last_use || c->key != key) {
            continue;
        }
        __atomic_fetch_add(&cpu->tcg->flushes, 1, __ATOMIC_SEQ_CST);
        table_clear(c->user);
        new_user_space(cpu, m, c);
        if (i == m->current) {
            clear_low(m);
        } else {
            c->last_use = 0;
        }
    }
    unlock(m);
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
        lock(m);
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
        unlock(m);
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

    note(t, i, page);
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

    lock(m);
    if (!ppc_mmu_translate(cpu, ea, acc, mode, false, &res)) {
        unlock(m);
        return NULL;
    }
    Table *t = mode == MMU_USER ? m->ctx[m->current].user : m->super[mode];
    if (t->nused > t->entries / 4 * 3 && t->entries < MAX_ENTRIES) {
        table_grow(cpu, mode, t);
    }
    uint64_t rpage = res.raddr & TARGET_PAGE_MASK;
    uint8_t *host = res.ci && rpage >= memory_ram_size() ? NULL : memory_ram_ptr(rpage, TARGET_PAGE_SIZE);
    TlbEntry *e = entry_set(cpu, t, page, rpage, host, res.prot);
    if (host && res.page_size >= GROUP * TARGET_PAGE_SIZE) {
        fill_around(cpu, t, page, rpage, res.prot);
    }
    unlock(m);
    return e;
}
