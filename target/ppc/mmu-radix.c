/*
 * Radix tree translation, process-scoped (Power ISA Book III, 6.7.10, 6.7.11).
 *
 * The machine supplies the process table; each level's entry is checked against the architecture before
 * it is followed, so a guest's corrupt or circular tree ends in a fault after at most five levels.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/mmu.h"
#include "system/dirty.h"
#include "system/memory.h"
#include "target/ppc/models.h"

#define PTE_VALID 0x8000000000000000ull
#define PTE_LEAF  0x4000000000000000ull
#define PTE_R     0x100ull
#define PTE_C     0x080ull
#define PTE_ATT   0x030ull
#define PTE_PRIV  0x008ull
#define PTE_READ  0x004ull
#define PTE_WRITE 0x002ull
#define PTE_EXEC  0x001ull
#define PTE_RPN   0x01fffffffffff000ull
#define PDE_NLB   0x0fffffffffffff00ull
#define PDE_NLS   0x1full

static bool fault(MmuFault *f, uint32_t bits)
{
    f->bits = bits;
    return false;
}

static unsigned leaf_protection(const PowerPCCPU *cpu, uint64_t pte, bool pr, AccessType acc)
{
    unsigned prot = (pte & PTE_READ || pte & PTE_WRITE ? 1 : 0) | (pte & PTE_WRITE ? 2 : 0) | (pte & PTE_EXEC ? 4 : 0);

    if (pte & PTE_PRIV) {
        return pr ? 0 : prot;
    }
    if (!pr) {
        /* supervisor on a problem-state page: key 0 of AMR and IAMR */
        unsigned amr = cpu->spr[SPR_AMR] >> 62 & 3;
        if (amr & 2) {
            prot &= ~2;
        }
        if (amr & 1) {
            prot &= ~1;
        }
        if (cpu->spr[SPR_IAMR] >> 62 & 1) {
            prot &= ~4;
        }
    }
    return prot;
}

bool ppc_radix_translate(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode, bool debug, MmuResult *res, MmuFault *f)
{
    unsigned quadrant = ea >> 62, need = acc == ACC_EXEC ? 4 : acc == ACC_WRITE ? 2 : 1;
    uint64_t pid, dw0, dw1, prtbe0;

    if (quadrant == 1 || quadrant == 2) {       /* without a hypervisor state these are not there */
        f->segment = true;
        return false;
    }
    pid = quadrant == 3 ? 0 : cpu->spr[SPR_PIDR];
    if (!cpu->vhyp->get_pate(cpu, 0, &dw0, &dw1)) {
        return fault(f, DSISR_NOPTE);
    }
    uint64_t size = 1ull << ((dw1 & 0x1f) + 12);
    if (pid * 16 >= size || !memory_ldq_be((dw1 & 0x0ffffffffffff000ull) + pid * 16, &prtbe0)) {
        return fault(f, DSISR_NOPTE);
    }
    /* RTS: 31 + value bits of effective address; RPDB and RPDS of the root */
    unsigned rts = (prtbe0 >> 61 & 3) << 3 | (prtbe0 >> 5 & 7), bits = rts + 31;
    unsigned nls = prtbe0 & PDE_NLS;
    uint64_t base = prtbe0 & 0x0fffffffffffff00ull;
    unsigned left = bits;
    if (bits > 62 || bits < 31) {
        return fault(f, DSISR_BADRADIX);
    }
    uint64_t low = ea & 0x3fffffffffffffffull;
    if (bits < 62 && low >> bits) {
        f->segment = true;
        return false;
    }
    for (int level = 0; level < 6; level++) {
        if (nls < 5 || nls > 16 || left < nls + 12) {
            return fault(f, DSISR_BADRADIX);
        }
        left -= nls;
        uint64_t addr = base + ((low >> left & ((1ull << nls) - 1)) << 3);
        uint64_t *host = memory_ram_ptr(addr & ~7ull, 8);
        if (!host) {
            return fault(f, DSISR_NOPTE);
        }
        uint64_t raw = __atomic_load_n(host, __ATOMIC_ACQUIRE), pte = GUINT64_FROM_BE(raw);
        if (!(pte & PTE_VALID)) {
            return fault(f, DSISR_NOPTE);
        }
        if (!(pte & PTE_LEAF)) {
            nls = pte & PDE_NLS;
            base = pte & PDE_NLB;
            continue;
        }
        if (left != 12 && left != 16 && left != 21 && left != 30) {
            return fault(f, DSISR_BADRADIX);
        }
        unsigned prot = leaf_protection(cpu, pte, mode == MMU_USER, acc);
        bool ci = (pte & PTE_ATT) >> 4 == 2 || (pte & PTE_ATT) >> 4 == 3;
        if (!(prot & need) || (acc == ACC_EXEC && ci)) {
            return fault(f, acc == ACC_EXEC ? DSISR_NOEXEC : DSISR_PROT);
        }
        if (!debug) {
            uint64_t want = pte | PTE_R | (acc == ACC_WRITE ? PTE_C : 0);
            while (want != pte) {
                if (__atomic_compare_exchange_n(host, &raw, GUINT64_TO_BE(want), false, __ATOMIC_SEQ_CST,
                                                __ATOMIC_SEQ_CST)) {
                    pte = want;
                    dirty_mark(addr, 8);
                    break;
                }
                pte = GUINT64_FROM_BE(raw);
                if (!(pte & PTE_VALID)) {
                    return fault(f, DSISR_NOPTE);
                }
                want = pte | PTE_R | (acc == ACC_WRITE ? PTE_C : 0);
            }
        }
        if (!(pte & PTE_C)) {
            prot &= ~2u;
        }
        uint64_t mask = (1ull << left) - 1;
        res->raddr = (pte & PTE_RPN & ~mask) | (ea & mask);
        res->page_size = mask + 1;
        res->prot = prot;
        res->ci = ci;
        return true;
    }
    return fault(f, DSISR_BADRADIX);
}
