/*
 * See throttle.h. A thread of its own sends the vCPUs to sleep; a vCPU that is to stop wakes up at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/throttle.h"
#include "system/cpus.h"
#include "target/ppc/cpu.h"

#define WORK_US 10000

static unsigned percent;
static bool running;            /* the thread; under the big lock */
static unsigned asleep;         /* vCPUs that were sent to sleep and have not woken up */

static int64_t sleep_us(void)
{
    return (int64_t)WORK_US * throttle_percent() / (100 - throttle_percent());
}

static void doze(PowerPCCPU *cpu, void *arg)
{
    cpus_doze(cpu, g_get_monotonic_time() + sleep_us());
    asleep--;
}

static gpointer throttle_thread(gpointer opaque)
{
    PowerPCCPU *cpu;

    bql_lock();
    while (throttle_percent()) {
        if (!asleep) {
            CPU_FOREACH(cpu) {
                asleep++;
                async_run_on_cpu(cpu, doze, NULL);
            }
        }
        bql_unlock();
        g_usleep(WORK_US + sleep_us());
        bql_lock();
    }
    running = false;
    bql_unlock();
    return NULL;
}

void throttle_set(unsigned p)
{
    g_assert(p < 100);
    __atomic_store_n(&percent, p, __ATOMIC_RELAXED);
    if (p && !running) {
        running = true;
        g_thread_unref(g_thread_new("throttle", throttle_thread, NULL));
    }
}

unsigned throttle_percent(void)
{
    return __atomic_load_n(&percent, __ATOMIC_RELAXED);
}
