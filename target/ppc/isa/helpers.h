/*
 * Helpers of the fixed-point, branch, storage and system rows: what is too long or too rare for IR.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_ISA_HELPERS_H
#define TARGET_PPC_ISA_HELPERS_H

#include "target/ppc/cpu.h"

/* kind: bit 1 word, bit 0 signed */
uint64_t helper_dive(uint64_t a, uint64_t b, uint64_t kind);
uint64_t helper_dive_ov(uint64_t a, uint64_t b, uint64_t kind);
uint64_t helper_bpermd(uint64_t rs, uint64_t rb);
uint64_t helper_addg6s(uint64_t a, uint64_t b);
uint64_t helper_cbcdtd(uint64_t rs);
uint64_t helper_cdtbcd(uint64_t rs);
uint64_t helper_darn(uint64_t l);
uint64_t helper_hash(uint64_t key, uint64_t ra, uint64_t rb);

uint64_t helper_mfcr(PowerPCCPU *cpu);

/* storage */
void helper_lmw(PowerPCCPU *cpu, uint64_t ea, uint64_t rt, uint64_t op);
void helper_stmw(PowerPCCPU *cpu, uint64_t ea, uint64_t rs, uint64_t op);
void helper_lsw(PowerPCCPU *cpu, uint64_t ea, uint64_t n_rt, uint64_t op);
void helper_lswx(PowerPCCPU *cpu, uint64_t ea, uint64_t regs, uint64_t op);
void helper_stsw(PowerPCCPU *cpu, uint64_t ea, uint64_t n_rs, uint64_t op);
void helper_icbi(PowerPCCPU *cpu, uint64_t ea, uint64_t op);
void helper_lq(PowerPCCPU *cpu, uint64_t ea, uint64_t rt, uint64_t op);
void helper_stq(PowerPCCPU *cpu, uint64_t ea, uint64_t rs, uint64_t op);
void helper_lqarx(PowerPCCPU *cpu, uint64_t ea, uint64_t rt, uint64_t op);
void helper_stqcx(PowerPCCPU *cpu, uint64_t ea, uint64_t rs, uint64_t op);
uint64_t helper_store_conditional(PowerPCCPU *cpu, uint64_t held, uint64_t ea, uint64_t v, uint64_t op);
void helper_amo_load(PowerPCCPU *cpu, uint64_t ea, uint64_t rt_fc, uint64_t op);
void helper_amo_store(PowerPCCPU *cpu, uint64_t ea, uint64_t rs_fc, uint64_t op);

/* transactional memory: every transaction fails at once */
void helper_tbegin(PowerPCCPU *cpu);
#endif
