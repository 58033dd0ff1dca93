/*
 * The soft TLB's slow paths: one access in full, with byte order, page crossing, devices, watchpoints and
 * translated code on the page. tlb.c keeps the tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/softmmu.h"
#include "accel/tcg/breakpoint.h"
#include "accel/tcg/region.h"
#include "accel/tcg/tlb.h"
#include "system/dirty.h"
#include "system/memory.h"
#include "target/ppc/mmu.h"
#include <string.h>

static TlbEntry *entry_for(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode)
{
    TlbEntry *e = tlb_find(cpu, ea, acc, mode);

    if (!e && !(e = tlb_fill(cpu, ea, acc, mode))) {
        ppc_raise(cpu, cpu->exception, cpu->error_code);
    }
    return e;
}

SoftmmuReady softmmu_ready(PowerPCCPU *cpu, uint64_t ea, MemOp op, bool write)
{
    unsigned size = MO_BYTES(op);
    AccessType acc = write ? ACC_WRITE : ACC_READ;

    if (op & MO_CI || (op & MO_ALIGN && ea & (size - 1)) || (ea ^ (ea + size - 1)) & TARGET_PAGE_MASK) {
        return SOFTMMU_SLOW;
    }
    TlbEntry *e = tlb_find(cpu, ea, acc, MO_MMU(op));
    if (!e && !(e = tlb_fill(cpu, ea, acc, MO_MMU(op)))) {
        return SOFTMMU_FAULT;
    }
    return (write ? e->tag_write : e->tag_read) & (TLB_MMIO | TLB_WATCH) ? SOFTMMU_SLOW : SOFTMMU_READY;
}

static G_NORETURN void alignment(PowerPCCPU *cpu, uint64_t ea)
{
    cpu->spr[SPR_DAR] = ea;
    cpu->spr[SPR_DSISR] = 0;
    ppc_raise(cpu, EXCP_ALIGN, 0);
}

/* Watchpoints of a debugger, then the guest's data address watchpoints: privilege, direction and range (Book III, 9.4). */
static void check_watch(PowerPCCPU *cpu, uint64_t ea, unsigned size, bool write)
{
    unsigned priv = cpu->msr & MSR_PR ? 1 : cpu->msr & MSR_HV ? 4 : 2;

    if (watchpoints_set) {
        watchpoint_check(cpu, ea, size, write);
    }
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

/* After a store to a page with translated code, or one whose first store somebody waits for. */
static void store_noticed(TlbEntry *e, const void *host, unsigned size)
{
    uint64_t raddr = (const uint8_t *)host - memory_ram_base;

    dirty_mark(raddr, size);
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
        store_noticed(e, p, size);
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
        if (!(e->tag_read & (TLB_MMIO | TLB_WATCH)) && e->tag_write == e->tag_read) {
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
                store_noticed(e, p, 16);
            }
            return;
        }
    }
    softmmu_store(cpu, ea, op & MO_BE ? hi : lo, half);
    softmmu_store(cpu, ea + 8, op & MO_BE ? lo : hi, half);
}

void softmmu_zero128(PowerPCCPU *cpu, uint64_t ea, MemOp op)
{
    void *p = softmmu_probe(cpu, ea, 128, ACC_WRITE, MO_MMU(op));

    if (p) {
        memset(p, 0, 128);
        return;
    }
    for (int i = 0; i < 128; i += 8) {
        softmmu_store(cpu, ea + i, 0, (op & ~MO_SIZE) | MO_64);
    }
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
        store_noticed(e, p, size);
    }
    return sign(old, op);
}

bool softmmu_cmpxchg128(PowerPCCPU *cpu, uint64_t ea, MemOp op, const uint64_t expect[2], const uint64_t val[2])
{
    if (ea & 15) {
        alignment(cpu, ea);
    }
    TlbEntry *e = entry_for(cpu, ea, ACC_WRITE, MO_MMU(op));
    if (e->tag_write & TLB_WATCH) {
        check_watch(cpu, ea, 16, true);
    }
    if (e->tag_write & TLB_MMIO) {
        alignment(cpu, ea);
    }
    void *p = (void *)(ea + e->addend);
    unsigned __int128 want = pack16(expect[0], expect[1], op);
    bool ok = cas16(p, &want, pack16(val[0], val[1], op));
    if (e->tag_write & TLB_NOTDIRTY) {
        store_noticed(e, p, 16);
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
        store_noticed(e, p, len);
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
