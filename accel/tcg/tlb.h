/*
 * Private to softmmu.c and tlb*.c: entries of the soft TLB.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_TLB_H
#define ACCEL_TCG_TLB_H

#include "accel/tcg/softmmu.h"
#include "target/ppc/cpu.h"

/* The entry that allows the access, flags aside, if there is one now. */
static inline TlbEntry *tlb_find(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode)
{
    const TlbFast *t = &cpu->tlb[mode];
    TlbEntry *e = (TlbEntry *)((char *)t->table + (ea >> (TARGET_PAGE_BITS - 5) & t->mask));
    uint64_t tag = acc == ACC_WRITE ? e->tag_write : e->tag_read;

    return (tag & (TARGET_PAGE_MASK | TLB_INVALID)) == (ea & TARGET_PAGE_MASK) ? e : NULL;
}

/* Makes it. NULL: a fault, recorded in cpu->exception, error_code and the registers its interrupt shows. */
TlbEntry *tlb_fill(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mode);

#endif
