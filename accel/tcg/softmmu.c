/*
 * The soft TLB's tables and slow paths: see softmmu.h.
 *
 * Each translation context (a process of a radix guest; one for a hash guest) has its own tables for the
 * two virtual modes and its own jump cache; the last few stay filled. Real-mode tables are shared by all.
 * A vCPU fills its tables under its own lock, and whoever flushes takes that lock too: an entry made from
 * a translation that was current when the lock was taken is seen, and dropped, by any flush that follows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/softmmu.h"
#include "accel/tcg/region.h"
#include "accel/tcg/vcpu.h"
#include "system/memory.h"
#include "target/ppc/cpu.h"
#include "target/ppc/mmu.h"
#include <string.h>

#define ENTRIES 1024u
#define CONTEXTS 8

typedef struct Table {
    TlbEntry e[ENTRIES];
    bool used;
} Table;

typedef struct Context {
    uint64_t key, last_use;
    Table *virt[3];             /* MMU_USER, MMU_KERNEL, MMU_HV */
    JumpCacheEntry *jc;
} Context;

typedef struct SoftMmu {
    GMutex lock;
    Context ctx[CONTEXTS];
    int current;
    uint64_t clock;
    Table *real[2];             /* MMU_REAL, MMU_HV_REAL */
} SoftMmu;

static SoftMmu *mmu_of(PowerPCCPU *cpu)
{
    return cpu->tcg ? cpu->tcg->softmmu : NULL;
}

/*
 * Another thread may be in the middle of a hit on this entry: its addend stays, and the tag loses every flag but the one
 * that says it matches nothing, so that an access that began before the flush ends as it began.
 */
static void entry_clear(TlbEntry *e)
{
    __atomic_store_n(&e->tag_read, TLB_INVALID, __ATOMIC_RELAXED);
    __atomic_store_n(&e->tag_write, TLB_INVALID, __ATOMIC_RELAXED);
}

static void table_clear(Table *t)
{
    if (t && t->used) {
        for (unsigned i = 0; i < ENTRIES; i++) {
            entry_clear(&t->e[i]);
        }
        t->used = false;
    }
}

static Table *table_new(void)
{
    Table *t = g_aligned_alloc(1, sizeof(Table), 64);

    memset(t->e, 0xff, sizeof(t->e));
    t->used = false;
    return t;
}

static void context_make(Context *c)
{
    for (int m = 0; m < 3; m++) {
        if (!c->virt[m] && m != MMU_HV) {
            c->virt[m] = table_new();
        }
    }
    if (!c->jc) {
        JumpCacheEntry *jc = g_aligned_alloc(1u << JUMP_CACHE_BITS, sizeof(JumpCacheEntry), 64);
        memset(jc, 0xff, sizeof(*jc) << JUMP_CACHE_BITS);
        __atomic_store_n(&c->jc, jc, __ATOMIC_RELEASE);
    }
}

static void use_context(PowerPCCPU *cpu, SoftMmu *m, int i)
{
    Context *c = &m->ctx[i];

    m->current = i;
    c->last_use = ++m->clock;
    cpu->tlb[MMU_USER].table = c->virt[MMU_USER]->e;
    cpu->tlb[MMU_KERNEL].table = c->virt[MMU_KERNEL]->e;
    if (c->virt[MMU_HV]) {
        cpu->tlb[MMU_HV].table = c->virt[MMU_HV]->e;
    }
    cpu->jump_cache = cpu->tcg->jump_cache = c->jc;
}

void tlb_init_cpu(PowerPCCPU *cpu)
{
    SoftMmu *m = g_new0(SoftMmu, 1);

    g_mutex_init(&m->lock);
    cpu->tcg->softmmu = m;
    for (int i = 0; i < 2; i++) {
        m->real[i] = table_new();
    }
    for (int i = 0; i < NB_MMU_MODES; i++) {
        cpu->tlb[i].mask = (ENTRIES - 1) * sizeof(TlbEntry);
    }
    cpu->tlb[MMU_REAL].table = m->real[0]->e;
    cpu->tlb[MMU_HV_REAL].table = m->real[1]->e;
    context_make(&m->ctx[0]);
    m->ctx[0].virt[MMU_HV] = table_new();
    use_context(cpu, m, 0);
}

void tlb_free_cpu(PowerPCCPU *cpu)
{
    SoftMmu *m = mmu_of(cpu);

    for (int i = 0; m && i < CONTEXTS; i++) {
        for (int k = 0; k < 3; k++) {
            g_aligned_free(m->ctx[i].virt[k]);
        }
        g_aligned_free(m->ctx[i].jc);
    }
    if (m) {
        g_aligned_free(m->real[0]);
        g_aligned_free(m->real[1]);
        g_free(m);
        cpu->tcg->softmmu = NULL;
    }
}

void tlb_each_jump_cache(PowerPCCPU *cpu, void (*visit)(struct JumpCacheEntry *, void *), void *opaque)
{
    SoftMmu *m = mmu_of(cpu);

    for (int i = 0; m && i < CONTEXTS; i++) {
        JumpCacheEntry *jc = __atomic_load_n(&m->ctx[i].jc, __ATOMIC_ACQUIRE);
        if (jc) {
            visit(jc, opaque);
        }
    }
}

/* ---- flushing ---- */

typedef struct Match { uint64_t base, mask; } Match;     /* entries with (ea & mask) == base */

static void table_flush(Table *t, const Match *k, uint64_t first, unsigned pages)
{
    if (!t || !t->used) {
        return;
    }
    unsigned n = MIN(pages, ENTRIES);
    for (unsigned i = 0; i < n; i++) {
        TlbEntry *e = &t->e[(first + i) & (ENTRIES - 1)];
        uint64_t ea = e->tag_read != UINT64_MAX ? e->tag_read : e->tag_write;
        if (ea != UINT64_MAX && (ea & k->mask & TARGET_PAGE_MASK) == k->base) {
            entry_clear(e);
        }
    }
}

static void flush_match(PowerPCCPU *cpu, const Match *k, uint64_t first_page, uint64_t pages, uint64_t jc_page)
{
    SoftMmu *m = mmu_of(cpu);

    if (!m) {
        return;
    }
    g_mutex_lock(&m->lock);
    for (int i = 0; i < CONTEXTS; i++) {
        Context *c = &m->ctx[i];
        for (int v = 0; v < 3; v++) {
            table_flush(c->virt[v], k, first_page, MIN(pages, ENTRIES));
        }
        if (c->jc && c->last_use) {
            if (pages <= 4 && jc_page) {
                for (uint64_t p = 0; p < pages; p++) {
                    tb_jump_cache_clear_page(c->jc, jc_page + p * TARGET_PAGE_SIZE);
                }
            } else {
                tb_jump_cache_clear(c->jc);
            }
        }
    }
    g_mutex_unlock(&m->lock);
}

void tlb_flush_page(PowerPCCPU *cpu, uint64_t ea, uint64_t page_size)
{
    Match k = { ea & -page_size, -page_size };

    flush_match(cpu, &k, k.base >> TARGET_PAGE_BITS, page_size >> TARGET_PAGE_BITS, k.base);
}

void tlb_flush_segment(PowerPCCPU *cpu, uint64_t base, uint64_t size)
{
    Match k = { base, -size };

    flush_match(cpu, &k, 0, ENTRIES, 0);
}

void tlb_flush_va_offset_all_cpus(uint64_t offset, uint64_t page_size)
{
    PowerPCCPU *cpu;
    Match k = { offset & 0x0fffffff & -page_size, 0x0fffffff & -page_size };

    CPU_FOREACH(cpu) {
        flush_match(cpu, &k, k.base >> TARGET_PAGE_BITS, page_size >> TARGET_PAGE_BITS, 0);
    }
}

void tlb_flush_cpu(PowerPCCPU *cpu)
{
    SoftMmu *m = mmu_of(cpu);

    if (!m) {
        return;
    }
    g_mutex_lock(&m->lock);
    for (int i = 0; i < CONTEXTS; i++) {
        for (int v = 0; v < 3; v++) {
            table_clear(m->ctx[i].virt[v]);
        }
        if (m->ctx[i].jc && m->ctx[i].last_use) {
            tb_jump_cache_clear(m->ctx[i].jc);
        }
        if (i != m->current) {
            m->ctx[i].last_use = 0;     /* empty: may be taken for another key */
        }
    }
    g_mutex_unlock(&m->lock);
}

void tlb_flush_all_cpus(PowerPCCPU *self)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        tlb_flush_cpu(cpu);
    }
}

void tlb_flush_page_all_cpus(PowerPCCPU *self, uint64_t ea, uint64_t page_size)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        tlb_flush_page(cpu, ea, page_size);
    }
}

void tlb_select_context(PowerPCCPU *cpu, uint64_t key)
{
    SoftMmu *m = mmu_of(cpu);
    int found = -1, oldest = 0;

    if (!m) {
        return;
    }
    g_mutex_lock(&m->lock);
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
        context_make(c);
        for (int v = 0; v < 3; v++) {
            table_clear(c->virt[v]);
        }
        tb_jump_cache_clear(c->jc);
        c->key = key;
    }
    use_context(cpu, m, found);
    g_mutex_unlock(&m->lock);
}

void tlb_invalidate_context(PowerPCCPU *cpu, uint64_t key)
{
    SoftMmu *m = mmu_of(cpu);

    g_mutex_lock(&m->lock);
    for (int i = 0; i < CONTEXTS; i++) {
        if (m->ctx[i].last_use && m->ctx[i].key == key) {
            for (int v = 0; v < 3; v++) {
                table_clear(m->ctx[i].virt[v]);
            }
            tb_jump_cache_clear(m->ctx[i].jc);
        }
    }
    g_mutex_unlock(&m->lock);
}

static void protect_in(Table *t, uintptr_t host)
{
    for (unsigned i = 0; t && t->used && i < ENTRIES; i++) {
        TlbEntry *e = &t->e[i];
        uint64_t tag = __atomic_load_n(&e->tag_write, __ATOMIC_RELAXED);
        if (tag != UINT64_MAX && !(tag & TLB_MMIO) && (tag & TARGET_PAGE_MASK) + e->addend == host) {
            __atomic_store_n(&e->tag_write, tag | TLB_NOTDIRTY, __ATOMIC_RELAXED);
        }
    }
}

void tlb_protect_page(uint64_t raddr)
{
    uintptr_t host = (uintptr_t)memory_ram_ptr(raddr & TARGET_PAGE_MASK, TARGET_PAGE_SIZE);
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        SoftMmu *m = mmu_of(cpu);
        if (!m) {
            continue;
        }
        g_mutex_lock(&m->lock);
        for (int i = 0; i < CONTEXTS; i++) {
            for (int v = 0; v < 3; v++) {
                protect_in(m->ctx[i].virt[v], host);
            }
        }
        protect_in(m->real[0], host);
        protect_in(m->real[1], host);
        g_mutex_unlock(&m->lock);
    }
}

/* ---- filling ---- */

static Table *table_of(PowerPCCPU *cpu, int mode)
{
    return (Table *)cpu->tlb[mode].table;
}

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

/* The entry for an access, filled; raises on a fault. */
static TlbEntry *entry_for(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode)
{
    SoftMmu *m = cpu->tcg->softmmu;
    uint64_t page = ea & TARGET_PAGE_MASK;
    TlbEntry *e = &table_of(cpu, mode)->e[ea >> TARGET_PAGE_BITS & (ENTRIES - 1)];
    uint64_t tag = acc == ACC_WRITE ? e->tag_write : e->tag_read;
    MmuResult res;

    if ((tag & (TARGET_PAGE_MASK | TLB_INVALID)) == page) {
        return e;
    }
    g_mutex_lock(&m->lock);
    if (!ppc_mmu_translate(cpu, ea, acc, mode, false, &res)) {
        g_mutex_unlock(&m->lock);
        ppc_raise(cpu, cpu->exception, cpu->error_code);
    }
    uint64_t rpage = res.raddr & TARGET_PAGE_MASK;
    uint8_t *host = res.ci && rpage >= memory_ram_size() ? NULL : memory_ram_ptr(rpage, TARGET_PAGE_SIZE);
    uint64_t flags = watched(cpu, page) ? TLB_WATCH : 0;
    table_of(cpu, mode)->used = true;
    e->addend = host ? (uintptr_t)host - page : rpage - page;
    if (!host) {
        flags |= TLB_MMIO;
    }
    e->tag_read = res.prot & 1 ? page | flags : UINT64_MAX;
    e->tag_write = res.prot & 2 ? page | flags | (host && tb_page_has_code(rpage) ? TLB_NOTDIRTY : 0) : UINT64_MAX;
    e->tag_exec = UINT64_MAX;
    g_mutex_unlock(&m->lock);
    return e;
}

static G_NORETURN void alignment(PowerPCCPU *cpu, uint64_t ea)
{
    cpu->spr[SPR_DAR] = ea;
    cpu->spr[SPR_DSISR] = 0;
    ppc_raise(cpu, EXCP_ALIGN, 0);
}

/* Data address watchpoints: privilege, direction and range (Book III, 9.4). */
static void check_watch(PowerPCCPU *cpu, uint64_t ea, unsigned size, bool write)
{
    unsigned priv = cpu->msr & MSR_PR ? 1 : cpu->msr & MSR_HV ? 4 : 2;

    for (int i = 0; i < 2; i++) {
        uint64_t x = cpu->spr[SPR_DAWRX0 + i], a = cpu->spr[SPR_DAWR0 + i];
        uint64_t len = ((x >> 10 & 63) + 1) * 8;
        if (x & priv && x & (write ? 0x40 : 0x20) && ea < (a & ~7ull) + len && ea + size > (a & ~7ull)) {
            cpu->spr[SPR_DAR] = ea;
            cpu->spr[SPR_DSISR] = DSISR_DAWR | (write ? DSISR_STORE : 0);
            ppc_raise(cpu, EXCP_DSI, 0);
        }
    }
}

static bool crosses(uint64_t ea, unsigned size)
{
    return (ea ^ (ea + size - 1)) & TARGET_PAGE_MASK;
}

static uint64_t sign(uint64_t v, MemOp op)
{
    unsigned shift = 64 - 8 * MO_BYTES(op);

    return op & MO_SIGN ? (uint64_t)((int64_t)(v << shift) >> shift) : v;
}

static bool host_is(MemOp op)
{
    return !!(op & MO_BE) == (G_BYTE_ORDER == G_BIG_ENDIAN);
}

static uint64_t host_load(const void *p, MemOp op)
{
    switch (op & MO_SIZE) {
    case MO_8: return *(const uint8_t *)p;
    case MO_16: { uint16_t v; memcpy(&v, p, 2); return host_is(op) ? v : GUINT16_SWAP_LE_BE(v); }
    case MO_32: { uint32_t v; memcpy(&v, p, 4); return host_is(op) ? v : GUINT32_SWAP_LE_BE(v); }
    default: { uint64_t v; memcpy(&v, p, 8); return host_is(op) ? v : GUINT64_SWAP_LE_BE(v); }
    }
}

static void host_store(void *p, uint64_t x, MemOp op)
{
    switch (op & MO_SIZE) {
    case MO_8: *(uint8_t *)p = x; break;
    case MO_16: { uint16_t v = host_is(op) ? x : GUINT16_SWAP_LE_BE((uint16_t)x); memcpy(p, &v, 2); break; }
    case MO_32: { uint32_t v = host_is(op) ? x : GUINT32_SWAP_LE_BE((uint32_t)x); memcpy(p, &v, 4); break; }
    default: { uint64_t v = host_is(op) ? x : GUINT64_SWAP_LE_BE(x); memcpy(p, &v, 8); }
    }
}

/* After a store to a page with translated code. */
static void code_written(TlbEntry *e, const void *host, unsigned size)
{
    uint64_t raddr = (const uint8_t *)host - memory_ram_base;

    tb_invalidate_phys(raddr, size);
    if (!tb_page_has_code(raddr)) {
        __atomic_and_fetch(&e->tag_write, ~(uint64_t)TLB_NOTDIRTY, __ATOMIC_RELAXED);
    }
}

uint64_t softmmu_load(PowerPCCPU *cpu, uint64_t ea, MemOp op)
{
    unsigned size = MO_BYTES(op);
    int mode = MO_MMU(op);

    if (op & MO_ALIGN && ea & (size - 1)) {
        alignment(cpu, ea);
    }
    if (crosses(ea, size)) {
        uint64_t v = 0;
        for (unsigned i = 0; i < size; i++) {
            uint64_t byte = softmmu_load(cpu, ea + i, MO_8 | mode << MO_MMU_SHIFT);
            v |= byte << 8 * (op & MO_BE ? size - 1 - i : i);
        }
        return sign(v, op);
    }
    TlbEntry *e = entry_for(cpu, ea, ACC_READ, mode);
    if (e->tag_read & TLB_WATCH) {
        check_watch(cpu, ea, size, false);
    }
    uint64_t v;
    if (e->tag_read & TLB_MMIO) {
        memory_io_read(ea + e->addend, size, op & MO_BE, &v);
    } else {
        v = host_load((void *)(ea + e->addend), op);
    }
    return sign(v, op);
}

void softmmu_store(PowerPCCPU *cpu, uint64_t ea, uint64_t val, MemOp op)
{
    unsigned size = MO_BYTES(op);
    int mode = MO_MMU(op);

    if (op & MO_ALIGN && ea & (size - 1)) {
        alignment(cpu, ea);
    }
    if (crosses(ea, size)) {
        entry_for(cpu, ea + size - 1, ACC_WRITE, mode);     /* fault before anything is stored */
        entry_for(cpu, ea, ACC_WRITE, mode);
        for (unsigned i = 0; i < size; i++) {
            softmmu_store(cpu, ea + i, val >> 8 * (op & MO_BE ? size - 1 - i : i) & 0xff, MO_8 | mode << MO_MMU_SHIFT);
        }
        return;
    }
    TlbEntry *e = entry_for(cpu, ea, ACC_WRITE, mode);
    if (e->tag_write & TLB_WATCH) {
        check_watch(cpu, ea, size, true);
    }
    if (e->tag_write & TLB_MMIO) {
        memory_io_write(ea + e->addend, size, op & MO_BE, size == 8 ? val : val & ((1ull << 8 * size) - 1));
        return;
    }
    void *p = (void *)(ea + e->addend);
    host_store(p, val, op);
    if (e->tag_write & TLB_NOTDIRTY) {
        code_written(e, p, size);
    }
}

/* One 16-byte access that no other vCPU can see half of. Little-endian host words in memory order. */
static bool cas16(void *p, unsigned __int128 *expect, unsigned __int128 val)
{
    unsigned __int128 old = __sync_val_compare_and_swap((unsigned __int128 *)p, *expect, val);
    bool ok = old == *expect;

    *expect = old;
    return ok;
}

static unsigned __int128 pack16(uint64_t hi, uint64_t lo, MemOp op)
{
    unsigned __int128 v = (unsigned __int128)hi << 64 | lo;

    if (host_is(op)) {
        return v;
    }
    return (unsigned __int128)GUINT64_SWAP_LE_BE(lo) << 64 | GUINT64_SWAP_LE_BE(hi);
}

void softmmu_load128(PowerPCCPU *cpu, uint64_t ea, MemOp op, uint64_t *hi, uint64_t *lo)
{
    MemOp half = (op & ~(MO_SIZE | MO_ATOMIC | MO_ALIGN | MO_SIGN)) | MO_64;

    if (op & MO_ALIGN && ea & 15) {
        alignment(cpu, ea);
    }
    if (op & MO_ATOMIC && !(ea & 15)) {
        TlbEntry *e = entry_for(cpu, ea, ACC_READ, MO_MMU(op));
        TlbEntry *w = &table_of(cpu, MO_MMU(op))->e[ea >> TARGET_PAGE_BITS & (ENTRIES - 1)];
        if (!(e->tag_read & (TLB_MMIO | TLB_WATCH)) && w->tag_write == e->tag_read) {
            unsigned __int128 v = 0;
            cas16((void *)(ea + e->addend), &v, 0);
            unsigned __int128 r = pack16(v >> 64, (uint64_t)v, op);
            *hi = r >> 64;
            *lo = (uint64_t)r;
            return;
        }
    }
    uint64_t first = softmmu_load(cpu, ea, half), second = softmmu_load(cpu, ea + 8, half);
    *hi = op & MO_BE ? first : second;
    *lo = op & MO_BE ? second : first;
}

void softmmu_store128(PowerPCCPU *cpu, uint64_t ea, MemOp op, uint64_t hi, uint64_t lo)
{
    MemOp half = (op & ~(MO_SIZE | MO_ATOMIC | MO_ALIGN | MO_SIGN)) | MO_64;

    if (op & MO_ALIGN && ea & 15) {
        alignment(cpu, ea);
    }
    if (crosses(ea, 16)) {
        entry_for(cpu, ea + 15, ACC_WRITE, MO_MMU(op));
    }
    if (op & MO_ATOMIC && !(ea & 15)) {
        TlbEntry *e = entry_for(cpu, ea, ACC_WRITE, MO_MMU(op));
        if (!(e->tag_write & (TLB_MMIO | TLB_WATCH))) {
            void *p = (void *)(ea + e->addend);
            unsigned __int128 old = 0;
            while (!cas16(p, &old, pack16(hi, lo, op))) {
            }
            if (e->tag_write & TLB_NOTDIRTY) {
                code_written(e, p, 16);
            }
            return;
        }
    }
    softmmu_store(cpu, ea, op & MO_BE ? hi : lo, half);
    softmmu_store(cpu, ea + 8, op & MO_BE ? lo : hi, half);
}

uint64_t softmmu_cmpxchg(PowerPCCPU *cpu, uint64_t ea, uint64_t expect, uint64_t val, MemOp op)
{
    unsigned size = MO_BYTES(op);

    if (ea & (size - 1)) {
        alignment(cpu, ea);
    }
    TlbEntry *e = entry_for(cpu, ea, ACC_WRITE, MO_MMU(op));
    if (e->tag_write & TLB_WATCH) {
        check_watch(cpu, ea, size, true);
    }
    if (e->tag_write & TLB_MMIO) {      /* no reservations on devices: alignment interrupt, as for guarded storage */
        alignment(cpu, ea);
    }
    void *p = (void *)(ea + e->addend);
    uint64_t old;
    switch (op & MO_SIZE) {
#define CAS(T, SWAP) {                                                                          \
        T want = host_is(op) ? (T)expect : SWAP((T)expect), v = host_is(op) ? (T)val : SWAP((T)val); \
        __atomic_compare_exchange_n((T *)p, &want, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);    \
        old = host_is(op) ? want : SWAP(want);                                                  \
        break;                                                                                  \
    }
#define SAME(x) (x)
    case MO_8: CAS(uint8_t, SAME)
    case MO_16: CAS(uint16_t, GUINT16_SWAP_LE_BE)
    case MO_32: CAS(uint32_t, GUINT32_SWAP_LE_BE)
    default: CAS(uint64_t, GUINT64_SWAP_LE_BE)
#undef SAME
#undef CAS
    }
    if (e->tag_write & TLB_NOTDIRTY) {
        code_written(e, p, size);
    }
    return sign(old, op);
}

bool softmmu_cmpxchg128(PowerPCCPU *cpu, uint64_t ea, MemOp op, const uint64_t expect[2], const uint64_t val[2])
{
    if (ea & 15) {
        alignment(cpu, ea);
    }
    TlbEntry *e = entry_for(cpu, ea, ACC_WRITE, MO_MMU(op));
    if (e->tag_write & TLB_MMIO) {
        alignment(cpu, ea);
    }
    void *p = (void *)(ea + e->addend);
    unsigned __int128 want = pack16(expect[0], expect[1], op);
    bool ok = cas16(p, &want, pack16(val[0], val[1], op));
    if (e->tag_write & TLB_NOTDIRTY) {
        code_written(e, p, 16);
    }
    return ok;
}

void *softmmu_probe(PowerPCCPU *cpu, uint64_t ea, unsigned len, AccessType acc, int mode)
{
    TlbEntry *e = entry_for(cpu, ea, acc, mode);
    uint64_t tag = acc == ACC_WRITE ? e->tag_write : e->tag_read;

    if (tag & (TLB_MMIO | TLB_WATCH) || crosses(ea, len)) {
        return NULL;
    }
    void *p = (void *)(ea + e->addend);
    if (tag & TLB_NOTDIRTY && acc == ACC_WRITE) {
        code_written(e, p, len);
    }
    return p;
}

int cpu_memory_rw_debug(PowerPCCPU *cpu, uint64_t ea, void *buf, size_t len, bool is_write)
{
    uint8_t *b = buf;

    while (len) {
        size_t n = MIN(len, TARGET_PAGE_SIZE - (ea & ~TARGET_PAGE_MASK));
        MmuResult res;
        if (!ppc_mmu_translate(cpu, ea, ACC_READ, RF_DMMU(cpu->region_flags), true, &res)) {
            return -1;
        }
        if (!(is_write ? memory_write(res.raddr, b, n) : memory_read(res.raddr, b, n))) {
            return -1;
        }
        ea += n;
        b += n;
        len -= n;
    }
    return 0;
}
