/*
 * See cpus.h.
 *
 * With thread=single (and always with -icount) the threads still exist, but a token lets one of them
 * run guest code at a time, and a periodic kick passes it on: one code path for both modes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/cpus.h"
#include "accel/accel.h"
#include "accel/tcg/tcg.h"
#include "gdbstub/gdbstub.h"
#include "system/clock.h"
#include "system/icount.h"
#include "target/ppc/cpu.h"
#include <string.h>
#include <unistd.h>

static GMutex bql;
static __thread bool bql_mine;
static __thread PowerPCCPU *current;
static GCond pause_cond;                /* a vCPU stopped, or finished a work item */

void bql_lock(void)
{
    g_assert(!bql_mine);
    g_mutex_lock(&bql);
    bql_mine = true;
}

void bql_unlock(void)
{
    g_assert(bql_mine);
    bql_mine = false;
    g_mutex_unlock(&bql);
}

bool bql_held(void)
{
    return bql_mine;
}

bool bql_enter(void)
{
    bool had = bql_mine;

    if (!had) {
        bql_lock();
    }
    return had;
}

void bql_leave(bool had)
{
    if (!had) {
        bql_unlock();
    }
}

void bql_wait(GCond *cond)
{
    g_assert(bql_mine);
    bql_mine = false;
    g_cond_wait(cond, &bql);
    bql_mine = true;
}

PowerPCCPU *cpus_current(void)
{
    return current;
}

/* ---- work items ---- */

typedef struct Work {
    void (*fn)(PowerPCCPU *cpu, void *arg);
    void *arg;
    bool *done;
    struct Work *next;
} Work;

static GMutex work_lock;

static void queue_work(PowerPCCPU *cpu, Work *w)
{
    g_mutex_lock(&work_lock);
    Work **p = (Work **)&cpu->work;
    while (*p) {
        p = &(*p)->next;
    }
    *p = w;
    g_mutex_unlock(&work_lock);
    cpu_kick(cpu);
    cpu_wake(cpu);
}

static void do_work(PowerPCCPU *cpu)
{
    for (;;) {
        g_mutex_lock(&work_lock);
        Work *w = cpu->work;
        if (w) {
            cpu->work = w->next;
        }
        g_mutex_unlock(&work_lock);
        if (!w) {
            return;
        }
        w->fn(cpu, w->arg);
        if (w->done) {
            *w->done = true;
            g_cond_broadcast(&pause_cond);
        }
        g_free(w);
    }
}

void async_run_on_cpu(PowerPCCPU *cpu, void (*fn)(PowerPCCPU *, void *), void *arg)
{
    Work *w = g_new0(Work, 1);

    *w = (Work){ .fn = fn, .arg = arg };
    queue_work(cpu, w);
}

void run_on_cpu(PowerPCCPU *cpu, void (*fn)(PowerPCCPU *, void *), void *arg)
{
    if (cpu == current || !cpu->thread) {
        fn(cpu, arg);
        return;
    }
    g_assert(bql_mine);
    bool done = false;
    Work *w = g_new0(Work, 1);
    *w = (Work){ .fn = fn, .arg = arg, .done = &done };
    queue_work(cpu, w);
    while (!done) {
        g_cond_wait(&pause_cond, &bql);
    }
}

void cpus_doze(PowerPCCPU *cpu, gint64 until)
{
    bool in_time = true;

    while (in_time && !__atomic_load_n(&cpu->stop, __ATOMIC_SEQ_CST) && !__atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE)) {
        bql_mine = false;
        in_time = g_cond_wait_until(&cpu->halt_cond, &bql, until);
        bql_mine = true;
    }
}

/* ---- exclusive sections ---- */

static GMutex exec_lock;
static GCond exec_cond;
static int executing;
static bool exclusive;
static __thread bool in_exec, was_in_exec;

/*
 * With thread=single, turns go in the order in which they were asked for: whoever just ran would otherwise take the next one, too, before
 * the others have woken up.
 */
static unsigned turns_asked, turns_taken;

static void exec_start(void)
{
    g_mutex_lock(&exec_lock);
    unsigned turn = turns_asked++;
    while (exclusive || (!tcg_options.multi_threaded && (executing || turn != turns_taken))) {
        g_cond_wait(&exec_cond, &exec_lock);
    }
    turns_taken++;
    executing++;
    in_exec = true;
    g_mutex_unlock(&exec_lock);
}

static void exec_end(void)
{
    g_mutex_lock(&exec_lock);
    executing--;
    in_exec = false;
    g_cond_broadcast(&exec_cond);
    g_mutex_unlock(&exec_lock);
}

void cpus_start_exclusive(void)
{
    PowerPCCPU *cpu;

    g_assert(!bql_mine);
    was_in_exec = in_exec;
    if (in_exec) {
        exec_end();
    }
    g_mutex_lock(&exec_lock);
    while (exclusive) {
        g_cond_wait(&exec_cond, &exec_lock);
    }
    __atomic_store_n(&exclusive, true, __ATOMIC_SEQ_CST);
    CPU_FOREACH(cpu) {
        cpu_kick(cpu);
    }
    while (executing) {
        g_cond_wait(&exec_cond, &exec_lock);
    }
    g_mutex_unlock(&exec_lock);
}

void cpus_end_exclusive(void)
{
    g_mutex_lock(&exec_lock);
    __atomic_store_n(&exclusive, false, __ATOMIC_SEQ_CST);
    g_cond_broadcast(&exec_cond);
    g_mutex_unlock(&exec_lock);
    if (was_in_exec) {
        exec_start();
    }
}

bool cpus_begin_change(void)
{
    PowerPCCPU *cpu;
    bool any = false;

    CPU_FOREACH(cpu) {
        any |= cpu->thread && !cpu->stopped;
    }
    if (any) {
        bql_unlock();
        cpus_start_exclusive();
        bql_lock();
    }
    return any;
}

void cpus_end_change(bool began)
{
    if (began) {
        cpus_end_exclusive();
    }
}

bool cpus_wants_attention(PowerPCCPU *cpu)
{
    return __atomic_load_n(&exclusive, __ATOMIC_ACQUIRE) || __atomic_load_n(&cpu->work, __ATOMIC_ACQUIRE)
        || __atomic_load_n(&cpu->slice_over, __ATOMIC_ACQUIRE);
}

/* ---- threads ---- */

void cpu_kick(PowerPCCPU *cpu)
{
    __atomic_store_n(&cpu->poll, 1, __ATOMIC_SEQ_CST);
}

void cpu_wake(PowerPCCPU *cpu)
{
    bool had = bql_enter();

    g_cond_broadcast(&cpu->halt_cond);
    bql_leave(had);
}

static bool idle(PowerPCCPU *cpu)
{
    return !accel->runs_guest || cpu->powered_off || (cpu->halted && !ppc_has_work(cpu));
}

#define SLICE_NS 5000000
static Timer *slice_timer;

static void slice_tick(void *opaque)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        __atomic_store_n(&cpu->slice_over, true, __ATOMIC_RELEASE);
        cpu_kick(cpu);
    }
    timer_mod(slice_timer, clock_virtual_ns() + SLICE_NS);
}

static bool all_idle(void)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if (!idle(cpu) || cpu->stop) {
            return false;
        }
    }
    return true;
}

static gpointer vcpu_thread(gpointer opaque)
{
    PowerPCCPU *cpu = opaque;

    current = cpu;
    bql_lock();
    cpu->host_tid = gettid();
    for (;;) {
        do_work(cpu);
        if (cpu->stop) {
            cpu->stopped = true;
            g_cond_broadcast(&pause_cond);
            g_cond_wait(&cpu->halt_cond, &bql);
            continue;
        }
        cpu->stopped = false;
        if (idle(cpu)) {
            if (tcg_options.icount_shift >= 0 && all_idle()) {
                icount_idle(&cpu->halt_cond, &bql);
            } else {
                g_cond_wait(&cpu->halt_cond, &bql);
            }
            continue;
        }
        bql_unlock();
        exec_start();
        cpu->slice_over = false;
        TcgRunResult why = tcg_options.icount_shift >= 0 ? icount_run(cpu) : tcg_vcpu_run(cpu);
        exec_end();
        bql_lock();
        if (why == TCG_RUN_DEBUG) {
            cpu->stop = true;
            gdb_cpu_stopped(cpu);
        }
    }
    return NULL;
}

void cpus_start_thread(PowerPCCPU *cpu)
{
    g_autofree char *name = g_strdup_printf("CPU %d/%s", cpu->index, accel->thread_name);

    cpu->stop = cpu->stopped = true;
    g_cond_init(&cpu->halt_cond);
    cpu->thread = g_thread_new(name, vcpu_thread, cpu);
    if (accel->runs_guest && !tcg_options.multi_threaded && !slice_timer && ppc_cpus->len > 1) {
        slice_timer = timer_new(slice_tick, NULL);
        timer_mod(slice_timer, SLICE_NS);
    }
}

/* Who wants them to stand still, the machine that does not run among them. */
static unsigned holds = 1;

void cpus_pause_all(void)
{
    PowerPCCPU *cpu;

    holds++;
    CPU_FOREACH(cpu) {
        __atomic_store_n(&cpu->stop, true, __ATOMIC_SEQ_CST);
        cpu_kick(cpu);
        g_cond_broadcast(&cpu->halt_cond);
    }
    CPU_FOREACH(cpu) {
        while (cpu->thread && cpu != current && !cpu->stopped) {
            g_cond_wait(&pause_cond, &bql);
        }
    }
}

void cpus_start_new(void)
{
    PowerPCCPU *cpu;

    if (holds) {
        return;
    }
    CPU_FOREACH(cpu) {
        if (!cpu->debug.held) {
            __atomic_store_n(&cpu->stop, false, __ATOMIC_SEQ_CST);
            g_cond_broadcast(&cpu->halt_cond);
        }
    }
}

void cpus_resume_all(void)
{
    g_assert(holds);
    holds--;
    cpus_start_new();
}
