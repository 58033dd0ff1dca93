/*
 * vCPU threads, the big lock, and stopping the world.
 *
 * Lock order: big lock, then everything else. Generated code runs without the big lock. An exclusive
 * section may not be entered with it held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_CPUS_H
#define SYSTEM_CPUS_H

#include <glib.h>
#include <stdbool.h>

typedef struct PowerPCCPU PowerPCCPU;

void bql_lock(void);
void bql_unlock(void);
bool bql_held(void);
/* For who may have it or not: takes it if need be, and says if this thread had it, which is for bql_leave(). */
bool bql_enter(void);
void bql_leave(bool had);
void bql_wait(GCond *cond);                 /* gives it up meanwhile */

/*
 * Big lock held. Each vCPU stands still from the return of cpus_pause_all() until each who called that, on whatever thread, has called
 * cpus_resume_all(): to wait gives the big lock up, so that others come in between. The machine's run state is one of them (runstate.c), and is there
 * from the start.
 */
void cpus_pause_all(void);
void cpus_resume_all(void);
void cpus_start_thread(PowerPCCPU *cpu);    /* created standing still */
void cpus_start_new(void);                  /* ... and going when the others go; big lock held */
PowerPCCPU *cpus_current(void);             /* of the calling thread, or NULL */

/* Runs fn(cpu, arg) on the vCPU's thread under the big lock, between regions. The first waits. */
void run_on_cpu(PowerPCCPU *cpu, void (*fn)(PowerPCCPU *cpu, void *arg), void *arg);
void async_run_on_cpu(PowerPCCPU *cpu, void (*fn)(PowerPCCPU *cpu, void *arg), void *arg);

/* On a vCPU's thread, in such an fn: sleeps, the big lock given up, until then (g_get_monotonic_time()), or until it is to stop or to do something. */
void cpus_doze(PowerPCCPU *cpu, gint64 until);

/* While between these no other vCPU runs guest code. Not with the big lock held. */
void cpus_start_exclusive(void);
void cpus_end_exclusive(void);
/* Big lock held, and given up for a moment: until the second, no vCPU is anywhere but between regions, so that ppc_cpus may change. */
bool cpus_begin_change(void);
void cpus_end_change(bool began);           /* with what the first said */
/* The vCPU loop asks at each poll: must this thread come out? */
bool cpus_wants_attention(PowerPCCPU *cpu);
void cpu_wake(PowerPCCPU *cpu);             /* re-examine a halted vCPU; big lock held or not */

#endif
