/*
 * Special purpose registers: one row each in spr.c, from which access, gating and reset follow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_SPR_H
#define TARGET_PPC_SPR_H

#include "target/ppc/isa.h"

/* Who may do what. Reads and writes by problem state, supervisor, hypervisor. */
enum { UR = 1, UW = 2, SR = 4, SW = 8, HR = 16, HW = 32 };

typedef struct SprRow {
    uint16_t num;
    const char *name;
    uint8_t access;
    uint16_t level;             /* lowest family isa_level that has it */
    uint64_t reset;
    uint64_t (*get)(PowerPCCPU *cpu, unsigned n);           /* NULL: cpu->spr[num] */
    void (*set)(PowerPCCPU *cpu, unsigned n, uint64_t v);   /* NULL: cpu->spr[num] */
    uint16_t alias;             /* state lives in this other SPR; 0: its own */
    uint8_t fscr;               /* FSCR bit that problem state needs, or 0 */
    uint16_t until;             /* highest isa_level that has it; 0: all after */
} SprRow;

const SprRow *spr_find(const PowerPCCPU *cpu, unsigned n);
const SprRow *spr_rows(unsigned *count);                /* the whole table, for its test */
void spr_reset(PowerPCCPU *cpu);
uint64_t spr_get(PowerPCCPU *cpu, unsigned n);          /* debugger, monitor: no privilege */
void spr_set(PowerPCCPU *cpu, unsigned n, uint64_t v);

/* Called by the mfspr/mtspr rows: emit the access or the exception that the book asks for. */
void emit_mfspr(DisasCtx *ctx, unsigned rt, unsigned spr);
void emit_mtspr(DisasCtx *ctx, unsigned rs, unsigned spr);

#endif
