/*
 * Between the MMU, the exception code and the instruction rows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_MMU_H
#define TARGET_PPC_MMU_H

#include "target/ppc/cpu.h"

/* LPCR (Book III, 2.2) */
#define LPCR_VPM0   (1ull << 63)
#define LPCR_VPM1   (1ull << 62)
#define LPCR_ISL    (1ull << 61)
#define LPCR_VRMASD_SHIFT 47
#define LPCR_ILE    (1ull << 25)
#define LPCR_AIL    (3ull << 23)
#define LPCR_AIL_SHIFT 23
#define LPCR_UPRT   (1ull << 22)
#define LPCR_HR     (1ull << 20)
#define LPCR_PECE   0x1f000ull      /* which exceptions end power saving */
#define LPCR_LPES0  (1ull << 3)
#define LPCR_GTSE   (1ull << 10)

/* DSISR / SRR1 bits of storage interrupts */
#define DSISR_NOPTE     0x40000000u
#define DSISR_NOEXEC    0x10000000u     /* SRR1 only: no-execute or guarded */
#define DSISR_PROT      0x08000000u
#define DSISR_STORE     0x02000000u
#define DSISR_DAWR      0x00400000u
#define DSISR_KEY       0x00200000u
#define DSISR_BADRADIX  0x00080000u
#define DSISR_ATOMIC_RC 0x00040000u
#define DSISR_BAD_AMO   0x00000004u     /* invalid function code of an atomic memory operation */
#define DSISR_PRTABLE   0x00020000u     /* fault in the process table or on its behalf */

typedef struct MmuFault {
    PpcExcp excp;
    uint32_t bits;      /* DSISR, or the bits of SRR1 for instruction fetches */
    bool segment;       /* DSEG/ISEG: DAR only */
} MmuFault;

bool ppc_hash_translate(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode, bool debug, MmuResult *res, MmuFault *f);
bool ppc_radix_translate(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode, bool debug, MmuResult *res, MmuFault *f);
bool ppc_uses_radix(const PowerPCCPU *cpu);
/* Hash PTE pages: actual page shift from the LP bits under a segment base page, or 0. */
unsigned ppc_hash_page_shift(const PowerPCCPU *cpu, unsigned seg_shift, uint64_t pte0, uint64_t pte1);
/* The effective-address context changed (PID, process table): flush or switch the soft TLB. */
void ppc_mmu_context_changed(PowerPCCPU *cpu);

/* helpers of the rows */
void helper_slbmte(PowerPCCPU *cpu, uint64_t rs, uint64_t rb);
uint64_t helper_slbmfee(PowerPCCPU *cpu, uint64_t rb);
uint64_t helper_slbmfev(PowerPCCPU *cpu, uint64_t rb);
uint64_t helper_slbfee(PowerPCCPU *cpu, uint64_t rb);     /* -1: not found */
void helper_slbie(PowerPCCPU *cpu, uint64_t rb);
void helper_slbieg(PowerPCCPU *cpu, uint64_t rb);
void helper_slbia(PowerPCCPU *cpu, uint64_t ih);
void helper_mtsr(PowerPCCPU *cpu, uint64_t sr, uint64_t v);
uint64_t helper_mfsr(PowerPCCPU *cpu, uint64_t sr);
/* kind: R | PRS << 1 | RIC << 4 | local << 8 */
void helper_tlbie(PowerPCCPU *cpu, uint64_t rs, uint64_t rb, uint64_t kind);

/* excp.c */
void helper_rfid(PowerPCCPU *cpu);
void helper_hrfid(PowerPCCPU *cpu);
void helper_rfscv(PowerPCCPU *cpu);
void helper_rfebb(PowerPCCPU *cpu, uint64_t s);
void helper_mtmsr(PowerPCCPU *cpu, uint64_t v, uint64_t mask);
void helper_msgsnd(PowerPCCPU *cpu, uint64_t rb);
void helper_msgclr(PowerPCCPU *cpu, uint64_t rb);
void helper_msgsndp(PowerPCCPU *cpu, uint64_t rb);
void helper_msgclrp(PowerPCCPU *cpu, uint64_t rb);
void helper_power_save(PowerPCCPU *cpu, uint64_t next_pc);
void helper_wait(PowerPCCPU *cpu, uint64_t next_pc);

#endif
