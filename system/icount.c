/*
 * See icount.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/icount.h"
#include "accel/tcg/tcg.h"
#include "system/clock.h"
#include "system/cpus.h"
#include "target/ppc/cpu.h"

IcountOptions icount_options;

#define BUDGET_MAX 100000
#define ALIGN_SLACK_NS 1000000
#define ADAPT_EVERY_NS 100000000

static __thread int64_t budget;             /* of the slice being run; 0: none */

int64_t icount_pending_ns(void)
{
    PowerPCCPU *cpu = budget ? cpus_current() : NULL;

    return cpu ? (budget - cpu->icount_left) << tcg_options.icount_shift : 0;
}

void icount_timer_changed(void)
{
    PowerPCCPU *cpu = budget ? cpus_current() : NULL;

    if (cpu) {
        __atomic_store_n(&cpu->slice_over, true, __ATOMIC_RELEASE);
        cpu_kick(cpu);
    }
}

static int64_t real_ns(void)
{
    return g_get_monotonic_time() * 1000;
}

/* By how much virtual time is ahead of real time, since the first call. */
static int64_t ahead_ns(void)
{
    static int64_t start_real, start_virtual;

    if (!start_real) {
        start_real = real_ns();
        start_virtual = clock_virtual_ns();
    }
    return (clock_virtual_ns() - start_virtual) - (real_ns() - start_real);
}

/* Between budgets only, so that every instruction of one counts alike. */
static void adapt(void)
{
    static int64_t last_real, last_ahead;
    int64_t now = real_ns();

    if (now - last_real < ADAPT_EVERY_NS) {
        return;
    }
    int64_t ahead = ahead_ns();
    if (ahead > ALIGN_SLACK_NS && ahead > last_ahead && tcg_options.icount_shift > 0) {
        tcg_options.icount_shift--;
    } else if (ahead < -ALIGN_SLACK_NS && ahead < last_ahead && tcg_options.icount_shift < 10) {
        tcg_options.icount_shift++;
    }
    last_real = now;
    last_ahead = ahead;
}

TcgRunResult icount_run(PowerPCCPU *cpu)
{
    if (icount_options.adapt) {
        adapt();
    }
    int shift = tcg_options.icount_shift;
    int64_t until = clock_next_deadline_ns() - clock_virtual_ns();

    budget = CLAMP(until >> shift, 1, BUDGET_MAX);
    cpu->icount_left = budget;
    TcgRunResult result = tcg_vcpu_run(cpu);
    int64_t done = budget - cpu->icount_left;
    budget = 0;
    clock_advance(done << shift);
    if (icount_options.align) {
        int64_t ahead = ahead_ns();
        if (ahead > ALIGN_SLACK_NS) {
            g_usleep(MIN(ahead, ADAPT_EVERY_NS) / 1000);
        }
    }
    return result;
}

void icount_idle(GCond *cond, GMutex *mutex)
{
    static bool warping;        /* another vCPU's thread passes the time already */
    int64_t next = clock_next_deadline_ns(), left = next - clock_virtual_ns();

    if (warping || next == INT64_MAX || left <= 0) {
        g_cond_wait(cond, mutex);
        return;
    }
    if (icount_options.no_sleep) {
        clock_advance(left);
        g_cond_wait(cond, mutex);
        return;
    }
    warping = true;
    int64_t start = real_ns();
    g_cond_wait_until(cond, mutex, g_get_monotonic_time() + (left + 999) / 1000);
    clock_advance(MIN(real_ns() - start, left));
    warping = false;
}
