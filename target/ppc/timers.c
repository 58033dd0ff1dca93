/*
 * Time base and decrementer (Power ISA Book III, chapter 7).
 *
 * The time base is the virtual clock at 512 MHz plus an offset, which is what migrates. The decrementer
 * is kept as the time base value at which it turns negative; it raises its interrupt from then on until
 * it is written again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/timers.h"
#include "system/clock.h"
#include "target/ppc/models.h"

static int64_t tb_offset;       /* one for the machine: all threads see the same time base */

static uint64_t ns_to_tb(uint64_t ns)
{
    return (uint64_t)((u128)ns * PPC_TB_FREQ / NS_PER_SEC);
}

static int64_t tb_to_ns_ceil(uint64_t tb)
{
    return (int64_t)(((u128)tb * NS_PER_SEC + PPC_TB_FREQ - 1) / PPC_TB_FREQ);
}

uint64_t ppc_tb(PowerPCCPU *cpu)
{
    return ns_to_tb(clock_virtual_ns()) + tb_offset;
}

int64_t ppc_tb_offset(void)
{
    return tb_offset;
}

void ppc_set_tb(PowerPCCPU *cpu, uint64_t v)
{
    tb_offset += v - ppc_tb(cpu);
}

static bool large_decr(PowerPCCPU *cpu)
{
    return cpu->model->family->large_decr && cpu->spr[SPR_LPCR] & LPCR_LD;
}

uint64_t ppc_get_decr(PowerPCCPU *cpu)
{
    int64_t left = (int64_t)(cpu->timers->decr_at - ppc_tb(cpu));

    return large_decr(cpu) ? (uint64_t)left : (uint32_t)left;
}

static void decr_fires(void *opaque)
{
    PowerPCCPU *cpu = opaque;

    if ((int64_t)(cpu->timers->decr_at - ppc_tb(cpu)) >= 0) {
        ppc_timers_rearm(cpu);      /* rounding: a little early */
        return;
    }
    cpu->timers->decr_unknown = false;
    ppc_set_irq(cpu, CPU_INT_DECR, true);
}

void ppc_timers_rearm(PowerPCCPU *cpu)
{
    uint64_t at = cpu->timers->decr_at + 1;     /* the first moment it is negative */

    timer_mod(cpu->timers->decr_timer, tb_to_ns_ceil(at - tb_offset));
}

void ppc_set_decr(PowerPCCPU *cpu, uint64_t v)
{
    int64_t signed_v = large_decr(cpu) ? (int64_t)(v << 8) >> 8 : (int32_t)v;

    cpu->timers->decr_at = ppc_tb(cpu) + signed_v;
    cpu->timers->decr_unknown = false;
    if (signed_v < 0) {
        timer_del(cpu->timers->decr_timer);
        ppc_set_irq(cpu, CPU_INT_DECR, true);
        return;
    }
    ppc_set_irq(cpu, CPU_INT_DECR, false);
    ppc_timers_rearm(cpu);
}

void ppc_timers_init(PowerPCCPU *cpu)
{
    cpu->timers = g_new0(PpcTimers, 1);
    cpu->timers->decr_timer = timer_new(decr_fires, cpu);
}

void ppc_timers_reset(PowerPCCPU *cpu)
{
    timer_del(cpu->timers->decr_timer);
    cpu->timers->decr_unknown = false;
    cpu->timers->decr_taken = 0;
    /* As the peers have it: all ones in the low word, and no interrupt before it is written. */
    cpu->timers->decr_at = ppc_tb(cpu) + UINT32_MAX;
}
