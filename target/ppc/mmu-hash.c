/*
 * Hashed page table translation (Power ISA Book III, 6.7).
 *
 * Effective address -> SLB -> virtual address -> two groups of eight entries. The table belongs to the
 * machine: entries are read through the vhyp, and Reference and Change bits are written back there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/mmu.h"
#include "system/log.h"
#include "target/ppc/models.h"
#include <inttypes.h>

/* SLB: RB image (esid) and RS image (vsid) of slbmte */
#define SLB_V       (1ull << 27)
#define SLB_ESID    0xfffffffff0000000ull
#define SLB_ESID_1T 0xffffff0000000000ull
#define SLB_B_1T    (1ull << 62)
#define SLB_B       (3ull << 62)
#define SLB_KS      (1ull << 11)
#define SLB_KP      (1ull << 10)
#define SLB_N       (1ull << 9)
#define SLB_L_LP    0x130ull
#define SLB_VSID_256M 0x3ffffffffffff000ull
#define SLB_VSID_1T   0x3fffffffff000000ull

#define HPTE_V      1ull
#define HPTE_H      2ull        /* secondary hash */
#define HPTE_L      4ull
#define HPTE_AVPN   0x3fffffffffffff80ull
#define HPTE_B      (3ull << 62)
#define HPTE_RPN    0x0ffffffffffff000ull
#define HPTE_R      0x100ull
#define HPTE_C      0x80ull
#define HPTE_N      4ull
#define HPTE_G      8ull
#define HPTE_W_I    0x60ull
#define HPTE_PP0    (1ull << 63)

static const PpcSlb *slb_lookup(const PowerPCCPU *cpu, uint64_t ea)
{
    for (unsigned i = 0; i < cpu->slb_nr; i++) {
        const PpcSlb *s = &cpu->slb[i];
        uint64_t mask = (s->vsid & SLB_B) == SLB_B_1T ? SLB_ESID_1T : SLB_ESID;
        if (s->esid & SLB_V && ((s->esid ^ ea) & mask) == 0) {
            return s;
        }
    }
    return NULL;
}

static const PpcSegSize *segment_size(const PowerPCCPU *cpu, uint64_t vsid)
{
    for (const PpcSegSize *s = ppc_segment_sizes(cpu); s->shift; s++) {
        if ((vsid & SLB_L_LP) == s->slb_enc) {
            return s;
        }
    }
    return NULL;
}

static unsigned page_shift_of(const PpcSegSize *seg, uint64_t pte0, uint64_t pte1)
{
    if (!(pte0 & HPTE_L)) {
        return seg->shift == 12 ? 12 : 0;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(seg->enc) && seg->enc[i].shift; i++) {
        unsigned shift = seg->enc[i].shift;
        if (shift == 12) {
            continue;       /* L = 0 */
        }
        uint64_t mask = ((1ull << shift) - 1) & 0xff000;
        if ((pte1 & mask) >> 12 == seg->enc[i].pte_enc) {
            return shift;
        }
    }
    return 0;
}

unsigned ppc_hash_page_shift(const PowerPCCPU *cpu, unsigned seg_shift, uint64_t pte0, uint64_t pte1)
{
    for (const PpcSegSize *s = ppc_segment_sizes(cpu); s->shift; s++) {
        if (s->shift == seg_shift) {
            return page_shift_of(s, pte0, pte1);
        }
    }
    return 0;
}

typedef struct Found { uint64_t pte0, pte1, ptex; unsigned shift; } Found;

static bool search(PowerPCCPU *cpu, const PpcSegSize *seg, uint64_t vsid_reg, uint64_t ea, Found *out)
{
    bool seg_1t = (vsid_reg & SLB_B) == SLB_B_1T;
    uint64_t vsid, hash, want0, epn_mask = ~((1ull << seg->shift) - 1);

    /* The entry holds the virtual address less its low 23 bits (AVPN), shifted into place. */
    if (seg_1t) {
        uint64_t off = ea & 0xffffffffffull & epn_mask;
        vsid = (vsid_reg & SLB_VSID_1T) >> 24;
        hash = vsid ^ vsid << 25 ^ off >> seg->shift;
        want0 = vsid << 24 | (off >> 16 & 0xffff80);
    } else {
        uint64_t off = ea & 0xfffffffull & epn_mask;
        vsid = (vsid_reg & SLB_VSID_256M) >> 12;
        hash = vsid ^ off >> seg->shift;
        want0 = vsid << 12 | (off >> 16 & 0xf80);
    }
    want0 &= HPTE_AVPN;
    want0 |= (vsid_reg & SLB_B);
    uint64_t mask = cpu->vhyp->hpt_mask(cpu);
    for (int secondary = 0; secondary < 2; secondary++) {
        uint64_t ptex = ((secondary ? ~hash : hash) & mask) * 8;
        const uint64_t *pteg = cpu->vhyp->map_hptes(cpu, ptex, 8);
        if (!pteg) {
            return false;
        }
        for (int i = 0; i < 8; i++) {
            uint64_t pte0 = GUINT64_FROM_BE(__atomic_load_n(&pteg[2 * i], __ATOMIC_ACQUIRE));
            if (!(pte0 & HPTE_V) || !!(pte0 & HPTE_H) != secondary
                || ((pte0 ^ want0) & (HPTE_AVPN | HPTE_B))) {
                continue;
            }
            uint64_t pte1 = GUINT64_FROM_BE(__atomic_load_n(&pteg[2 * i + 1], __ATOMIC_ACQUIRE));
            unsigned shift = page_shift_of(seg, pte0, pte1);
            if (!shift) {
                continue;
            }
            *out = (Found){ pte0, pte1, ptex + i, shift };
            return true;
        }
    }
    return false;
}

/* Read, write, execute allowed by Kp/Ks, PP and N/G (Book III, 6.7.9). */
static unsigned protection(const PpcSlb *slb, uint64_t pte1, bool pr)
{
    bool key = slb->vsid & (pr ? SLB_KP : SLB_KS);
    unsigned pp = (pte1 & 3) | (pte1 & HPTE_PP0 ? 4 : 0), prot;

    if (!key) {
        prot = pp == 3 || pp == 6 ? 1 : pp < 3 ? 3 : 0;
    } else {
        prot = pp == 1 || pp == 3 ? 1 : pp == 2 ? 3 : pp == 6 ? 0 : 0;
    }
    if (!(pte1 & (HPTE_N | HPTE_G)) && !(slb->vsid & SLB_N)) {
        prot |= 4;
    }
    return prot;
}

/* Virtual page class keys: two AMR bits and one IAMR bit each. */
static unsigned key_protection(const PowerPCCPU *cpu, uint64_t pte1)
{
    unsigned key = (pte1 & 0xe00) >> 9 | (pte1 & 0x3000000000000000ull) >> 57, prot = 7;

    if (cpu->model->family->isa_level < 206) {
        return 7;
    }
    unsigned amr = cpu->spr[SPR_AMR] >> (62 - 2 * key) & 3;
    if (amr & 2) {
        prot &= ~2;
    }
    if (amr & 1) {
        prot &= ~1;
    }
    if (cpu->model->family->isa_level >= 207 && cpu->spr[SPR_IAMR] >> (62 - 2 * key) & 1) {
        prot &= ~4;
    }
    return prot;
}

bool ppc_hash_translate(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode, bool debug, MmuResult *res, MmuFault *f)
{
    const PpcSlb *slb = slb_lookup(cpu, ea);
    unsigned need = acc == ACC_EXEC ? 4 : acc == ACC_WRITE ? 2 : 1;
    Found e;

    if (!slb) {
        f->segment = true;
        return false;
    }
    const PpcSegSize *seg = segment_size(cpu, slb->vsid);
    if (acc == ACC_EXEC && slb->vsid & SLB_N) {
        f->bits = DSISR_NOEXEC;
        return false;
    }
    if (!seg || !search(cpu, seg, slb->vsid, ea, &e)) {
        f->bits = DSISR_NOPTE;
        return false;
    }
    unsigned page = protection(slb, e.pte1, mode == MMU_USER), keys = key_protection(cpu, e.pte1);
    if (!(page & keys & need)) {
        if (acc == ACC_EXEC) {
            f->bits = page & 4 || !(page & 3) ? DSISR_PROT : DSISR_NOEXEC;
        } else {
            f->bits = (page & need ? 0 : DSISR_PROT) | (keys & need ? 0 : DSISR_KEY);
        }
        return false;
    }
    /* execution needs read permission by the PP bits */
    if (acc == ACC_EXEC && !(page & 1)) {
        f->bits = DSISR_PROT;
        return false;
    }
    uint64_t mask = (1ull << e.shift) - 1;
    uint64_t pte1 = e.pte1;
    if (!debug) {
        if (!(pte1 & HPTE_R)) {
            pte1 |= HPTE_R;
            cpu->vhyp->hpte_set_r(cpu, e.ptex, pte1);
        }
        if (acc == ACC_WRITE && !(pte1 & HPTE_C)) {
            pte1 |= HPTE_C;
            cpu->vhyp->hpte_set_c(cpu, e.ptex, pte1);
        }
    }
    res->prot = page & keys;
    if (!(pte1 & HPTE_C)) {
        res->prot &= ~2;
    }
    res->raddr = (pte1 & HPTE_RPN & ~mask) | (ea & mask);
    res->page_size = 1ull << e.shift;
    res->ci = (pte1 & 0x20) != 0;
    return true;
}

/* ---- SLB instructions ---- */

static void segment_flush(PowerPCCPU *cpu, const PpcSlb *s)
{
    if (s->esid & SLB_V) {
        bool seg_1t = (s->vsid & SLB_B) == SLB_B_1T;
        tlb_flush_segment(cpu, s->esid & (seg_1t ? SLB_ESID_1T : SLB_ESID), seg_1t ? 1ull << 40 : 1ull << 28);
    }
}

void helper_slbmte(PowerPCCPU *cpu, uint64_t rs, uint64_t rb)
{
    unsigned i = rb & 0xfff;

    if (i >= cpu->slb_nr || (rs & SLB_B && (rs & SLB_B) != SLB_B_1T)
        || ((rs & SLB_B) == SLB_B_1T && !cpu->model->family->seg_1t)) {
        ppc_raise(cpu, EXCP_PROGRAM, PROG_INVAL);
    }
    segment_flush(cpu, &cpu->slb[i]);
    cpu->slb[i].esid = rb & (SLB_ESID | SLB_V);
    cpu->slb[i].vsid = rs;
    segment_flush(cpu, &cpu->slb[i]);
}

uint64_t helper_slbmfee(PowerPCCPU *cpu, uint64_t rb)
{
    unsigned i = rb & 0xfff;

    return i < cpu->slb_nr ? cpu->slb[i].esid : 0;
}

uint64_t helper_slbmfev(PowerPCCPU *cpu, uint64_t rb)
{
    unsigned i = rb & 0xfff;

    return i < cpu->slb_nr ? cpu->slb[i].vsid : 0;
}

uint64_t helper_slbfee(PowerPCCPU *cpu, uint64_t rb)
{
    const PpcSlb *s = slb_lookup(cpu, rb);

    return s ? s->vsid : UINT64_MAX;
}

void helper_slbie(PowerPCCPU *cpu, uint64_t rb)
{
    PpcSlb *s = (PpcSlb *)slb_lookup(cpu, rb);

    if (s) {
        segment_flush(cpu, s);
        s->esid &= ~SLB_V;
    }
}

void helper_slbieg(PowerPCCPU *cpu, uint64_t rb)
{
    PowerPCCPU *other;

    CPU_FOREACH(other) {
        helper_slbie(other, rb);
    }
}

/* IH decides which of the effective-to-real translations go; entry 0 stays but for IH = 4 and 7 (3.0). */
void helper_slbia(PowerPCCPU *cpu, uint64_t ih)
{
    for (unsigned i = 0; i < cpu->slb_nr; i++) {
        PpcSlb *s = &cpu->slb[i];
        if (!(s->esid & SLB_V) || ih == 2 || (i == 0 && ih != 4)) {
            continue;
        }
        if (ih == 3 && !(s->vsid & 0x80)) {     /* class 1 only */
            continue;
        }
        segment_flush(cpu, s);
        s->esid &= ~SLB_V;
    }
}

/* 64-bit bridge: segment register i is SLB entry i, covering 256 MB from i << 28. */
void helper_mtsr(PowerPCCPU *cpu, uint64_t sr, uint64_t v)
{
    uint64_t rb = sr << 28 | SLB_V | sr;
    uint64_t rs = (v & 0x7ffffff) << 12 | (v >> 27 & 15) << 8;

    helper_slbmte(cpu, rs, rb);
}

uint64_t helper_mfsr(PowerPCCPU *cpu, uint64_t sr)
{
    const PpcSlb *s = &cpu->slb[sr];

    return (s->vsid >> 12 & 0x7ffffff) | (s->vsid >> 8 & 15) << 27;
}
