/*
 * Private to region.c, translate.c and loop.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_REGION_INT_H
#define ACCEL_TCG_REGION_INT_H

#include "accel/tcg/region.h"
#include "accel/tcg/tcg.h"

void region_cache_init(void);
void region_cache_reset(void);
guint region_cache_count(void);
Region *region_find(uint64_t raddr, uint64_t pc, uint32_t flags);
void region_publish(Region *r);                     /* tcg_lock held */
void region_chain(RegionExit *e, Region *to);
void tcg_lock_regions(void);
void tcg_unlock_regions(void);

/* translate.c: a new region for cpu's state at pc, or NULL when the code buffer is full. tcg_lock held. */
Region *tcg_translate(PowerPCCPU *cpu, uint64_t pc, uint64_t raddr, const void *host_code);

/* loop.c: drop a region, or all, from a vCPU's jump cache */
void tcg_forget_region(PowerPCCPU *cpu, const Region *r);
void tcg_forget_all_regions(PowerPCCPU *cpu);

#endif
