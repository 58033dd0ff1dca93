/*
 * Private to the translator: per-vCPU data that is not guest state.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_VCPU_H
#define ACCEL_TCG_VCPU_H

#include "accel/tcg/region.h"
#include "accel/tcg/softmmu.h"

#define RETURN_STACK_SIZE 32    /* power of two */

typedef struct ReturnStackEntry {
    uint64_t pc;
    const void *code;       /* host entry of the region at pc, or NULL */
    uint64_t flags;
} ReturnStackEntry;

typedef struct TcgVcpu {
    uint32_t ret_top;
    ReturnStackEntry ret_stack[RETURN_STACK_SIZE];
    uint64_t regions_entered, lookups, translations;
    uint32_t flushes;               /* TLB flushes that may have taken lines of the jump cache (atomic) */
    void *softmmu;                  /* softmmu.c: contexts, victim entries */
} TcgVcpu;

/* The region at pc in the current state, if the jump cache knows it. */
Region *tcg_jump_cache_find(PowerPCCPU *cpu, uint64_t pc);

#endif
