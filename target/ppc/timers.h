/*
 * Private to target/ppc: the timers of one thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_TIMERS_H
#define TARGET_PPC_TIMERS_H

#include "system/clock.h"
#include "target/ppc/cpu.h"

#define LPCR_LD (1ull << 17)

typedef struct PpcTimers {
    uint64_t decr_at;       /* time base value at which the decrementer is zero */
    Timer *decr_timer;
    bool decr_unknown;      /* it came from a stream that did not have it */
    uint64_t decr_taken;    /* time base value of the last decrementer interrupt, or when the thread came in; 0: none since reset */
} PpcTimers;

int64_t ppc_tb_offset(void);        /* of the time base against the virtual clock */
void ppc_timers_init(PowerPCCPU *cpu);
void ppc_timers_reset(PowerPCCPU *cpu);
void ppc_timers_rearm(PowerPCCPU *cpu);

#endif
