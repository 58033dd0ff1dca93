/*
 * Private to the translator: per-vCPU data that is not guest state.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_VCPU_H
#define ACCEL_TCG_VCPU_H

#include "accel/tcg/region.h"
#include "accel/tcg/softmmu.h"

typedef struct TcgVcpu {
    uint64_t regions_entered, lookups, translations;
    uint32_t flushes;               /* TLB flushes that may have taken lines of the jump cache (atomic) */
    void *softmmu;                  /* softmmu.c: contexts, victim entries */
} TcgVcpu;

/* The region at pc in the current state, if the jump cache knows it. */
Region *tcg_jump_cache_find(PowerPCCPU *cpu, uint64_t pc);

#endif
