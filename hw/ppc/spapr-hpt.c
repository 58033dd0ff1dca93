/*
 * The partition's hash page table and the hypercalls on it (LoPAPR 14.5.4.1), and the vhyp hooks through
 * which the MMU walks it.
 *
 * Entries are big-endian doubleword pairs in host memory. Hypercalls change them under the big lock;
 * walkers read without it, so the first doubleword, which holds the valid bit, is written last when an
 * entry appears and first when it goes. The table itself is replaced only while no thread runs guest code,
 * and so none walks it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "target/ppc/mmu.h"
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>

#define HPTE_V_VALID   1ull
#define HPTE_V_SECONDARY 2ull
#define HPTE_V_LARGE   4ull
#define HPTE_V_BOLTED  0x10ull
#define HPTE_V_HVLOCK  0x40ull
#define HPTE_V_AVPN    0x3fffffffffffff80ull
#define HPTE_V_1TB     0x4000000000000000ull
#define HPTE_R_R       0x100ull
#define HPTE_R_C       0x80ull
#define HPTE_R_WIMG    0x78ull
#define HPTE_R_RPN     0x0ffffffffffff000ull
#define HPTE_R_KEY     0x3000000000000e00ull

#define H_LARGE_PAGE   0x40
#define H_EXACT        (1ull << (63 - 24))
#define H_R_XLATE      (1ull << (63 - 25))
#define H_READ_4       (1ull << (63 - 26))
#define H_AVPN         (1ull << (63 - 32))
#define H_ANDCOND      (1ull << (63 - 33))

static uint64_t *slot(SpaprMachine *s, uint64_t ptex)
{
    return (uint64_t *)(s->htab + ptex * 16);
}

static uint64_t get(const uint64_t *p)
{
    return GUINT64_FROM_BE(__atomic_load_n(p, __ATOMIC_ACQUIRE));
}

static void put(uint64_t *p, uint64_t v)
{
    __atomic_store_n(p, GUINT64_TO_BE(v), __ATOMIC_RELEASE);
    spapr_htab_dirty(((uint8_t *)p - spapr->htab) / 16);
}

static uint64_t hptes(const SpaprMachine *s)
{
    return s->htab ? 1ull << (s->htab_shift - 4) : 0;
}

/* A table of 1/128 of memory, as a power of two (LoPAPR suggests 1/64; the peers use this). */
unsigned spapr_hpt_shift_for(uint64_t ram)
{
    unsigned shift = 18;

    while (shift < 46 && (1ull << (shift + 7)) < ram) {
        shift++;
    }
    return shift;
}

/* What nobody writes to costs no memory, and need not be looked at to be sent (spapr-htab.c). */
static uint8_t *new_table(unsigned shift)
{
    void *table = mmap(NULL, 1ull << shift, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return table == MAP_FAILED ? NULL : table;
}

static void free_table(uint8_t **table, unsigned *shift)
{
    if (*table) {
        munmap(*table, 1ull << *shift);
    }
    *table = NULL;
    *shift = 0;
}

bool spapr_hpt_alloc(SpaprMachine *s, unsigned shift, GError **err)
{
    free_table(&s->htab, &s->htab_shift);
    spapr_hpt_forget_pending(s);
    spapr_htab_replaced();
    if (!shift) {
        return true;
    }
    s->htab = new_table(shift);
    if (!s->htab) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_FAILED, "Failed to allocate a hash page table of order %u", shift);
        return false;
    }
    s->htab_shift = shift;
    return true;
}

/*
 * In between no other thread runs guest code, and the big lock is held. Both give it up on the way: what was found out
 * under it has to be asked again.
 */
static void stop_walkers(void)
{
    bql_unlock();
    cpus_start_exclusive();
    bql_lock();
}

static void resume_walkers(void)
{
    bql_unlock();
    cpus_end_exclusive();
    bql_lock();
}

bool spapr_hpt_exchange(SpaprMachine *s, unsigned shift)
{
    stop_walkers();
    bool ok = spapr_hpt_alloc(s, shift, NULL);
    resume_walkers();
    return ok;
}

/* ---- what the MMU asks ---- */

static uint64_t vhyp_hpt_mask(PowerPCCPU *cpu)
{
    return spapr->htab ? (1ull << (spapr->htab_shift - 7)) - 1 : 0;
}

static const uint64_t *vhyp_map_hptes(PowerPCCPU *cpu, uint64_t ptex, int n)
{
    return ptex + n <= hptes(spapr) ? slot(spapr, ptex) : NULL;
}

static void set_bits(uint64_t ptex, uint64_t bits)
{
    if (ptex < hptes(spapr)) {
        __atomic_or_fetch(&slot(spapr, ptex)[1], GUINT64_TO_BE(bits), __ATOMIC_SEQ_CST);
        spapr_htab_dirty(ptex);
    }
}

static void vhyp_set_r(PowerPCCPU *cpu, uint64_t ptex, uint64_t pte1) { set_bits(ptex, HPTE_R_R); }
static void vhyp_set_c(PowerPCCPU *cpu, uint64_t ptex, uint64_t pte1) { set_bits(ptex, HPTE_R_C); }

static bool vhyp_get_pate(PowerPCCPU *cpu, uint64_t lpid, uint64_t *dw0, uint64_t *dw1)
{
    *dw0 = spapr->patb0;
    *dw1 = spapr->patb1;
    return spapr->patb1 != 0;
}

static void count_dispatch(PowerPCCPU *cpu, uint32_t parity)
{
    SpaprCpu *sc = spapr_cpu(cpu);
    uint32_t n;

    /* VPA: yield count at 0x100, even while dispatched */
    if (sc->vpa_addr && memory_ldl_be(sc->vpa_addr + 0x100, &n) && (n & 1) != parity) {
        memory_stl_be(sc->vpa_addr + 0x100, n + 1);
    }
}

static void vhyp_enter(PowerPCCPU *cpu) { count_dispatch(cpu, 0); }
static void vhyp_exit(PowerPCCPU *cpu) { count_dispatch(cpu, 1); }

const PpcVhyp spapr_vhyp = {
    .hypercall = spapr_hypercall,
    .hpt_mask = vhyp_hpt_mask,
    .map_hptes = vhyp_map_hptes,
    .hpte_set_r = vhyp_set_r,
    .hpte_set_c = vhyp_set_c,
    .get_pate = vhyp_get_pate,
    .cpu_exec_enter = vhyp_enter,
    .cpu_exec_exit = vhyp_exit,
    .system_reset = spapr_fwnmi_system_reset,
};

/* ---- invalidating translations of one entry ---- */

static unsigned base_shift(PowerPCCPU *cpu, uint64_t v, uint64_t r, unsigned *actual)
{
    for (const PpcSegSize *seg = ppc_segment_sizes(cpu); seg->shift; seg++) {
        unsigned a = ppc_hash_page_shift(cpu, seg->shift, v, r);
        if (a && 1ull << a <= spapr->cfg->cap_hpt_max_page_size) {
            *actual = a;
            return seg->shift;
        }
    }
    return 0;
}

static void flush_entry(PowerPCCPU *cpu, SpaprMachine *s, uint64_t ptex, uint64_t v, uint64_t r)
{
    unsigned actual, base = base_shift(cpu, v, r, &actual);

    if (!base || actual > 16 || v & HPTE_V_1TB || s->htab_shift < 7 + 11) {
        tlb_flush_all_cpus();
        return;
    }
    /* The low bits of the page number come back out of the hash (Book III, tlbie note). */
    uint64_t pteg = ptex >> 3, vsid = (v & HPTE_V_AVPN) >> 12;
    if (v & HPTE_V_SECONDARY) {
        pteg = ~pteg;
    }
    uint64_t index = (pteg ^ vsid) & 0x7ff;
    uint64_t off = ((v & 0xf80) << 16) | (index << base & 0x7fffff);
    tlb_flush_va_offset_all_cpus(off, 1ull << actual);
}

/* ---- hypercalls ---- */

static bool bad_ptex(const SpaprMachine *s, uint64_t ptex)
{
    return ptex >= hptes(s);
}

HCALL(enter, 0x08)
{
    uint64_t flags = args[0], ptex = args[1], v = args[2], r = args[3];
    unsigned actual, base = base_shift(cpu, v, r, &actual);

    if (!base) {
        return H_PARAMETER;
    }
    uint64_t raddr = r & HPTE_R_RPN & ~((1ull << actual) - 1);
    if (memory_ram_ptr(raddr, 1)) {
        if ((r & HPTE_R_WIMG) != 0x10) {      /* coherent and nothing else */
            return H_PARAMETER;
        }
    } else if ((r & 0x70) != 0x20) {    /* a device page must be cache-inhibited */
        return H_PARAMETER;
    }
    v &= ~0x60ull;
    if (bad_ptex(s, ptex)) {
        return H_PARAMETER;
    }
    unsigned i = 0;
    if (flags & H_EXACT) {
        i = ptex & 7;
        ptex &= ~7ull;
        if (get(slot(s, ptex + i)) & HPTE_V_VALID) {
            return H_PTEG_FULL;
        }
    } else {
        ptex &= ~7ull;
        while (i < 8 && get(slot(s, ptex + i)) & HPTE_V_VALID) {
            i++;
        }
        if (i == 8) {
            return H_PTEG_FULL;
        }
    }
    put(slot(s, ptex + i) + 1, r);
    put(slot(s, ptex + i), v);
    args[0] = ptex + i;
    return H_SUCCESS;
}

static int remove_one(PowerPCCPU *cpu, SpaprMachine *s, uint64_t ptex, uint64_t avpn, uint64_t flags, uint64_t *vp,
                      uint64_t *rp)
{
    if (bad_ptex(s, ptex)) {
        return H_PARAMETER;
    }
    uint64_t v = get(slot(s, ptex)), r;
    if (!(v & HPTE_V_VALID) || (flags & H_AVPN && (v & ~0x7full) != avpn) || (flags & H_ANDCOND && v & avpn)) {
        return H_NOT_FOUND;
    }
    put(slot(s, ptex), v & ~HPTE_V_VALID);
    flush_entry(cpu, s, ptex, v, get(slot(s, ptex) + 1));
    r = get(slot(s, ptex) + 1);     /* after the flush: no walker sets R or C any more */
    put(slot(s, ptex), 0);
    *vp = v;
    *rp = r;
    return H_SUCCESS;
}

HCALL(remove, 0x04)
{
    uint64_t v = 0, r = 0;
    int rc = remove_one(cpu, s, args[1], args[2], args[0], &v, &r);

    if (rc == H_SUCCESS) {
        args[0] = v;
        args[1] = r;
    }
    return rc;
}

HCALL(bulk_remove, 0x124)
{
    for (int i = 0; i < 4; i++) {
        uint64_t *tsh = &args[2 * i], tsl = args[2 * i + 1], v, r = 0;
        uint64_t flags = (*tsh >> 56 & 3) == 2 ? H_AVPN : (*tsh >> 56 & 3) == 1 ? H_ANDCOND : 0;
        if ((*tsh & 3ull << 62) == 3ull << 62) {
            break;
        }
        if ((*tsh & 3ull << 62) != 1ull << 62 || (*tsh >> 56 & 3) == 3) {
            return H_PARAMETER;
        }
        int rc = remove_one(cpu, s, *tsh & 0x00ffffffffffffffull, tsl, flags, &v, &r);
        uint64_t code = rc == H_SUCCESS ? 0 : rc == H_NOT_FOUND ? 1 : 2;
        *tsh = (*tsh & 0x03ffffffffffffffull & ~(0x3ull << 58)) | 2ull << 62 | code << 60;
        if (rc == H_SUCCESS) {
            *tsh |= (r & (HPTE_R_C | HPTE_R_R)) << 43;      /* where the peers put them */
        } else if (rc == H_PARAMETER) {
            return H_PARAMETER;
        }
    }
    return H_SUCCESS;
}

HCALL(read, 0x0c)
{
    uint64_t ptex = args[1];
    unsigned n = args[0] & H_READ_4 ? 4 : 1;

    if (bad_ptex(s, ptex)) {
        return H_PARAMETER;
    }
    if (n == 4) {
        ptex &= ~3ull;
    }
    for (unsigned i = 0; i < n; i++) {
        args[2 * i] = get(slot(s, ptex + i));
        args[2 * i + 1] = get(slot(s, ptex + i) + 1);
    }
    return H_SUCCESS;
}

HCALL(protect, 0x18)
{
    uint64_t flags = args[0], ptex = args[1], avpn = args[2];

    if (bad_ptex(s, ptex)) {
        return H_PARAMETER;
    }
    uint64_t v = get(slot(s, ptex)), r = get(slot(s, ptex) + 1);
    if (!(v & HPTE_V_VALID) || (flags & H_AVPN && (v & ~0x7full) != avpn)) {
        return H_NOT_FOUND;
    }
    put(slot(s, ptex), v & ~HPTE_V_VALID);
    flush_entry(cpu, s, ptex, v, r);
    r = get(slot(s, ptex) + 1);
    r &= ~(1ull << 63 | 7 | HPTE_R_KEY);
    r |= (flags << 55 & 1ull << 63) | (flags << 48 & 0x3000000000000000ull) | (flags & 0xe00) | (flags & 7);
    put(slot(s, ptex) + 1, r);
    put(slot(s, ptex), v);
    return H_SUCCESS;
}

static uint64_t clear_bits(PowerPCCPU *cpu, SpaprMachine *s, uint64_t *args, uint64_t bit)
{
    uint64_t ptex = args[1];

    if (bad_ptex(s, ptex)) {
        return H_PARAMETER;
    }
    uint64_t v = get(slot(s, ptex)), r = get(slot(s, ptex) + 1);
    if (!(v & HPTE_V_VALID)) {
        return H_NOT_FOUND;
    }
    args[0] = r;
    put(slot(s, ptex) + 1, r & ~bit);
    flush_entry(cpu, s, ptex, v, r);
    return H_SUCCESS;
}

HCALL(clear_mod, 0x10) { return clear_bits(cpu, s, args, HPTE_R_C); }
HCALL(clear_ref, 0x14) { return clear_bits(cpu, s, args, HPTE_R_R); }

/* ---- resizing ---- */

void spapr_hpt_forget_pending(SpaprMachine *s)
{
    free_table(&s->pending_htab, &s->pending_shift);
}

/* Others say that it takes a while, and are asked again; the table is there at once. */
HCALL(resize_hpt_prepare, 0x36c)
{
    uint64_t flags = args[0], shift = args[1];

    if (!s->cfg->hpt_resize) {
        return H_AUTHORITY;
    }
    if (flags || (shift && (shift < 18 || shift > 46))) {
        return H_PARAMETER;
    }
    if (shift > spapr_hpt_shift_for(memory_ram_size()) + 1) {         /* what was plugged counts */
        return H_RESOURCE;
    }
    if (shift && s->pending_htab && shift == s->pending_shift) {
        return H_SUCCESS;
    }
    spapr_hpt_forget_pending(s);
    if (shift && !(s->pending_htab = new_table(shift))) {
        return H_NO_MEM;
    }
    s->pending_shift = shift;
    return H_SUCCESS;
}

static bool rehash_one(PowerPCCPU *cpu, SpaprMachine *s, uint64_t ptex)
{
    uint64_t v = get(slot(s, ptex)), r = get(slot(s, ptex) + 1);
    unsigned actual, base;

    if (!(v & HPTE_V_VALID) || !(v & HPTE_V_BOLTED)) {      /* the guest re-creates what is not bolted */
        return true;
    }
    base = base_shift(cpu, v, r, &actual);
    uint64_t pteg = ptex >> 3, hash;
    if (v & HPTE_V_SECONDARY) {
        pteg = ~pteg;
    }
    uint64_t old_mask = (1ull << (s->htab_shift - 7)) - 1;
    uint64_t avpn = (v & HPTE_V_AVPN) << 16;                /* virtual address, low 23 bits missing */
    if (v & HPTE_V_1TB) {
        uint64_t off = avpn & 0xffffffffffull, vsid = avpn >> 40;
        if (base < 23) {
            off |= ((vsid ^ vsid << 25 ^ pteg) & old_mask) << base & 0x7fffff;
        }
        hash = vsid ^ vsid << 25 ^ off >> base;
    } else {
        uint64_t off = avpn & 0xfffffffull, vsid = avpn >> 28;
        if (base < 23) {
            off |= ((vsid ^ pteg) & old_mask) << base & 0x7fffff;
        }
        hash = vsid ^ off >> base;
    }
    uint64_t mask = (1ull << (s->pending_shift - 7)) - 1;
    if (v & HPTE_V_SECONDARY) {
        hash = ~hash;
    }
    uint64_t *to = (uint64_t *)(s->pending_htab + (hash & mask) * 128);
    for (int i = 0; i < 8; i++) {
        if (!(get(&to[2 * i]) & HPTE_V_VALID)) {
            to[2 * i + 1] = GUINT64_TO_BE(r);       /* nobody walks it yet, and all of it is sent when it is the one */
            to[2 * i] = GUINT64_TO_BE(v);
            return true;
        }
    }
    return false;
}

static uint64_t commit(PowerPCCPU *cpu, SpaprMachine *s, uint64_t shift)
{
    if (!s->pending_htab || shift != s->pending_shift) {
        return H_CLOSED;
    }
    for (uint64_t i = 0; i < hptes(s); i++) {
        if (!rehash_one(cpu, s, i)) {
            return H_PTEG_FULL;
        }
    }
    free_table(&s->htab, &s->htab_shift);
    s->htab = s->pending_htab;
    s->htab_shift = s->pending_shift;
    s->pending_htab = NULL;
    s->pending_shift = 0;
    spapr_htab_replaced();
    tlb_flush_all_cpus();
    return H_SUCCESS;
}

HCALL(resize_hpt_commit, 0x370)
{
    uint64_t flags = args[0], shift = args[1];

    if (!s->cfg->hpt_resize) {
        return H_AUTHORITY;
    }
    if (flags) {
        return H_PARAMETER;
    }
    stop_walkers();
    uint64_t result = commit(cpu, s, shift);
    resume_walkers();
    return result;
}

/* ---- process table (radix and ISA 3.0 hash) ---- */

enum { PROC_TBL_NEW = 0x10, PROC_TBL_RADIX = 4, PROC_TBL_GTSE = 1, PROC_TBL_OP_MASK = 0x18 };

HCALL(register_proc_tbl, 0x37c)
{
    uint64_t flags = args[0], base = args[1], page = args[2], size = args[3];
    PowerPCCPU *other;

    if (cpu->model->family->mmu != MMU_300) {
        return H_FUNCTION;
    }
    if (flags & ~0x1full) {
        return H_PARAMETER;
    }
    switch (flags & PROC_TBL_OP_MASK) {
    case 0x00:
        break;                      /* keep the table, change only GTSE */
    case 0x10:                      /* deregister */
        s->patb1 = 0;
        flags &= ~(uint64_t)PROC_TBL_RADIX;
        break;
    case 0x18:
        if (size > 24) {
            return H_P4;
        }
        if (flags & PROC_TBL_RADIX) {
            if (base & 0xfff || base >> 60) {
                return H_P2;
            }
            if (page) {
                return H_P3;
            }
            s->patb1 = 1ull << 63 | base | size;
        } else {
            if (base >> 38) {
                return H_P2;
            }
            if (page & ~7ull) {
                return H_P3;
            }
            s->patb1 = base << 25 | page << 5 | size;
        }
        break;
    default:
        return H_PARAMETER;
    }
    bool radix = flags & PROC_TBL_RADIX, ok = true;
    stop_walkers();
    if (radix && s->htab) {         /* the guest has chosen: its hash table goes */
        spapr_hpt_alloc(s, 0, NULL);
    } else if (!radix && !s->htab) {
        ok = spapr_hpt_alloc(s, spapr_hpt_shift_for(spapr_hpt_ram(s)), NULL);
    }
    resume_walkers();
    if (!ok) {
        return H_NO_MEM;
    }
    CPU_FOREACH(other) {
        uint64_t lpcr = other->spr[SPR_LPCR] & ~(LPCR_UPRT | LPCR_HR | LPCR_GTSE);
        lpcr |= (s->patb1 ? LPCR_UPRT : 0) | (radix ? LPCR_HR : 0) | (flags & PROC_TBL_GTSE ? LPCR_GTSE : 0);
        other->spr[SPR_LPCR] = lpcr;
        ppc_update_region_flags(other);
        tlb_flush_cpu(other);
    }
    ppc_mmu_context_changed(cpu);
    return H_SUCCESS;
}

HCALL(invalidate_pid, 0x378)
{
    return H_FUNCTION;
}

HCALL(clean_slb, 0x374)
{
    return H_FUNCTION;
}
