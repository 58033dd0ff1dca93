/*
 * Breakpoints and watchpoints of a debugger, and single steps.
 *
 * They are set and removed under the big lock while no vCPU runs guest code, and looked at by the vCPU threads without one. A
 * breakpoint stops a vCPU before the instruction at its address; a region ends before one, and none begins at one, so that
 * only the vCPU loop gets there, which looks. A watchpoint stops a vCPU after the instruction that made the access: the soft
 * TLB's slow path notices it before, and the instruction is run once more from its beginning, as a single step.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_BREAKPOINT_H
#define ACCEL_TCG_BREAKPOINT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct PowerPCCPU PowerPCCPU;

typedef enum WatchKind { WATCH_NONE, WATCH_WRITE, WATCH_READ, WATCH_ACCESS } WatchKind;

/* By effective address. What is set twice must be removed twice. */
void breakpoint_insert(uint64_t pc);
bool breakpoint_remove(uint64_t pc);            /* false: there is none */
/* false: the range is empty or leaves the address space */
bool watchpoint_insert(uint64_t ea, uint64_t len, WatchKind kind);
bool watchpoint_remove(uint64_t ea, uint64_t len, WatchKind kind);      /* false: none is exactly that */
void breakpoints_clear(void);                   /* watchpoints too */

/* The vCPU's next run is of one instruction. With no_irq no interrupt is taken before it. */
void debug_step(PowerPCCPU *cpu, bool no_irq);
void debug_step_cancel(PowerPCCPU *cpu);
/* Why the vCPU stopped, if for a watchpoint (then *ea is where that begins); forgets it. */
WatchKind debug_take_hit(PowerPCCPU *cpu, uint64_t *ea);

/* ---- for the translator ---- */
extern bool breakpoints_set, watchpoints_set;   /* is there any? */
bool breakpoint_at(uint64_t pc);
bool watchpoint_on_page(uint64_t page);
/* An access that is about to be made. May leave for the vCPU loop. */
void watchpoint_check(PowerPCCPU *cpu, uint64_t ea, unsigned size, bool write);
void debug_step_done(PowerPCCPU *cpu);          /* the instruction was run */
/* Did it stop for a watchpoint that is still set, while another vCPU's stop was told? */
bool debug_hit_waits(PowerPCCPU *cpu);

#endif
