/*
 * Address translation, common part: real mode, the choice between hash and radix, and turning a fault
 * into the registers its interrupt shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/mmu.h"
#include "system/log.h"
#include "system/memory.h"
#include "target/ppc/models.h"
#include <inttypes.h>

/* With vhyp the machine's process table decides; a guest that registered none runs on the hash table. */
bool ppc_uses_radix(const PowerPCCPU *cpu)
{
    return cpu->model->family->mmu == MMU_300 && cpu->spr[SPR_LPCR] & LPCR_HR;
}

/* Real mode of a guest: effective is real, less the top four bits (Book III, 5.7.3). */
static bool real_mode(PowerPCCPU *cpu, uint64_t ea, MmuResult *res)
{
    res->raddr = ea & 0x0fffffffffffffffull;
    res->prot = 7;
    res->page_size = TARGET_PAGE_SIZE;
    res->ci = false;
    return true;
}

static void report(PowerPCCPU *cpu, uint64_t ea, AccessType acc, const MmuFault *f)
{
    if (acc == ACC_EXEC) {
        cpu->exception = f->segment ? EXCP_ISEG : EXCP_ISI;
        cpu->error_code = f->segment ? 0 : f->bits;
        cpu->nip = ea;
        return;
    }
    cpu->exception = f->segment ? EXCP_DSEG : EXCP_DSI;
    cpu->error_code = 0;
    cpu->spr[SPR_DAR] = ea;
    if (!f->segment) {
        cpu->spr[SPR_DSISR] = f->bits | (acc == ACC_WRITE ? DSISR_STORE : 0);
    }
}

bool ppc_mmu_translate(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode, bool debug, MmuResult *res)
{
    MmuFault f = { 0 };
    bool ok;

    if (mode == MMU_REAL || mode == MMU_HV_REAL) {
        return real_mode(cpu, ea, res);
    }
    ok = ppc_uses_radix(cpu) ? ppc_radix_translate(cpu, ea, acc, mode, debug, res, &f)
                             : ppc_hash_translate(cpu, ea, acc, mode, debug, res, &f);
    if (!ok && !debug) {
        log_mask(LOG_MMU, "CPU %d: %s at %016" PRIx64 " mode %d: %s %08x\n", cpu->index,
                 acc == ACC_EXEC ? "fetch" : acc == ACC_WRITE ? "store" : "load", ea, mode,
                 f.segment ? "no segment" : "fault", f.bits);
        report(cpu, ea, acc, &f);
    }
    return ok;
}

static uint64_t context_of(uint64_t pid)
{
    return pid << 1 | 1;
}

void ppc_mmu_context_changed(PowerPCCPU *cpu)
{
    if (ppc_uses_radix(cpu)) {
        tlb_select_context(cpu, context_of(cpu->spr[SPR_PIDR]));
    } else {
        tlb_flush_cpu(cpu);
    }
}

void helper_tlbie(PowerPCCPU *cpu, uint64_t rs, uint64_t rb, uint64_t kind)
{
    unsigned ric = kind >> 4 & 3;
    bool r = kind & 1, local = kind >> 8 & 1, radix = cpu->model->family->mmu == MMU_300 && r;

    if (radix) {
        unsigned is = rb >> 10 & 3, ap = rb >> 5 & 7;
        unsigned shift = ap == 0 ? 12 : ap == 5 ? 16 : ap == 1 ? 21 : ap == 2 ? 30 : 0;
        /* Process 0's pages are seen by all. With a hypervisor state, contexts of several partitions share their keys. */
        uint64_t pid = rs >> 32, key = pid && cpu->vhyp ? context_of(pid) : 0;
        if (is == 0 && shift && ric != 2) {
            uint64_t ea = rb & ~0xfffull;
            if (local) {
                tlb_flush_page(cpu, ea, 1ull << shift, ea >> 62 ? 0 : key);
            } else {
                tlb_flush_page_all_cpus(ea, 1ull << shift, ea >> 62 ? 0 : key);
            }
            return;
        }
        if (ric == 1) {             /* page walk cache only: there is none */
            return;
        }
        if (is == 1 && key) {
            if (local) {
                tlb_invalidate_context(cpu, key);
            } else {
                tlb_invalidate_context_all_cpus(key);
            }
            return;
        }
    }
    if (local) {
        tlb_flush_cpu(cpu);
    } else {
        tlb_flush_all_cpus();
    }
}
