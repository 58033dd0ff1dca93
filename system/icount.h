/*
 * -icount: virtual time is the number of instructions executed, 2^shift ns each.
 *
 * One vCPU runs at a time, a budget of instructions at once that ends no later than the next timer is due.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_ICOUNT_H
#define SYSTEM_ICOUNT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "accel/tcg/tcg.h"

typedef struct PowerPCCPU PowerPCCPU;

typedef struct IcountOptions {
    bool adapt;         /* shift=auto: follow real time */
    bool align;         /* do not run ahead of real time */
    bool no_sleep;      /* sleep=off: while all are idle, time jumps instead of passing */
} IcountOptions;
extern IcountOptions icount_options;

TcgRunResult icount_run(PowerPCCPU *cpu);   /* one budget; not with the big lock */
/* What the calling vCPU has executed of its budget, which the clock does not have yet. */
int64_t icount_pending_ns(void);
void icount_timer_changed(void);            /* a timer may be due before the budget ends */
/*
 * All vCPUs are idle: waits on `cond` with the big lock `mutex` as long as it takes until a timer is due, or not at all,
 * and advances the clock.
 */
void icount_idle(GCond *cond, GMutex *mutex);

#endif
