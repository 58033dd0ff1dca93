/*
 * See breakpoint.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/breakpoint.h"
#include "accel/tcg/region.h"
#include "target/ppc/cpu.h"

typedef struct Watchpoint { uint64_t ea, len; WatchKind kind; } Watchpoint;

bool breakpoints_set, watchpoints_set;

static GHashTable *breakpoints;     /* address -> how often it is set */
static GArray *watchpoints;         /* of Watchpoint */

/* ---- breakpoints ---- */

bool breakpoint_at(uint64_t pc)
{
    return breakpoints_set && g_hash_table_contains(breakpoints, &pc);
}

void breakpoint_insert(uint64_t pc)
{
    if (!breakpoints) {
        breakpoints = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    }
    guint times = GPOINTER_TO_UINT(g_hash_table_lookup(breakpoints, &pc));
    g_hash_table_insert(breakpoints, g_memdup2(&pc, sizeof(pc)), GUINT_TO_POINTER(times + 1));
    breakpoints_set = true;
    if (!times) {
        tb_invalidate_pc(pc);
    }
}

bool breakpoint_remove(uint64_t pc)
{
    guint times = breakpoints ? GPOINTER_TO_UINT(g_hash_table_lookup(breakpoints, &pc)) : 0;

    if (times > 1) {
        g_hash_table_insert(breakpoints, g_memdup2(&pc, sizeof(pc)), GUINT_TO_POINTER(times - 1));
    } else if (times) {
        g_hash_table_remove(breakpoints, &pc);
        breakpoints_set = g_hash_table_size(breakpoints) > 0;
    }
    return times > 0;
}

/* ---- watchpoints ---- */

/* Entries of the soft TLB say whether their page is watched. */
static void watchpoints_changed(void)
{
    PowerPCCPU *cpu;

    watchpoints_set = watchpoints->len > 0;
    CPU_FOREACH(cpu) {
        tlb_flush_watch(cpu);
    }
}

static bool overlap(const Watchpoint *w, uint64_t ea, uint64_t size)
{
    return ea <= w->ea + (w->len - 1) && w->ea <= ea + (size - 1);
}

bool watchpoint_on_page(uint64_t page)
{
    for (guint i = 0; watchpoints_set && i < watchpoints->len; i++) {
        if (overlap(&g_array_index(watchpoints, Watchpoint, i), page, TARGET_PAGE_SIZE)) {
            return true;
        }
    }
    return false;
}

bool watchpoint_insert(uint64_t ea, uint64_t len, WatchKind kind)
{
    Watchpoint w = { ea, len, kind };

    if (!len || ea + (len - 1) < ea) {
        return false;
    }
    if (!watchpoints) {
        watchpoints = g_array_new(FALSE, FALSE, sizeof(Watchpoint));
    }
    g_array_append_val(watchpoints, w);
    watchpoints_changed();
    return true;
}

bool watchpoint_remove(uint64_t ea, uint64_t len, WatchKind kind)
{
    for (guint i = 0; watchpoints && i < watchpoints->len; i++) {
        const Watchpoint *w = &g_array_index(watchpoints, Watchpoint, i);
        if (w->ea == ea && w->len == len && w->kind == kind) {
            g_array_remove_index(watchpoints, i);
            watchpoints_changed();
            return true;
        }
    }
    return false;
}

void breakpoints_clear(void)
{
    if (breakpoints_set) {
        g_hash_table_remove_all(breakpoints);
        breakpoints_set = false;
    }
    if (watchpoints_set) {
        g_array_set_size(watchpoints, 0);
        watchpoints_changed();
    }
}

void watchpoint_check(PowerPCCPU *cpu, uint64_t ea, unsigned size, bool write)
{
    for (guint i = 0; i < watchpoints->len; i++) {
        const Watchpoint *w = &g_array_index(watchpoints, Watchpoint, i);
        if (!overlap(w, ea, size) || w->kind == (write ? WATCH_READ : WATCH_WRITE)) {
            continue;
        }
        cpu->debug.hit = w->kind;
        cpu->debug.hit_ea = w->ea;
        if (!(cpu->region_flags & RF_STEP)) {
            debug_step(cpu, true);
            ppc_exit_to_loop(cpu);
        }
        return;
    }
}

/* ---- steps ---- */

void debug_step(PowerPCCPU *cpu, bool no_irq)
{
    cpu->debug.step = true;
    cpu->debug.no_irq = no_irq;
    ppc_update_region_flags(cpu);
}

void debug_step_done(PowerPCCPU *cpu)
{
    cpu->debug.step = cpu->debug.under_way = false;
    ppc_update_region_flags(cpu);
}

void debug_step_cancel(PowerPCCPU *cpu)
{
    if (cpu->debug.step) {
        cpu->debug.hit = WATCH_NONE;        /* its access was not made: it will be noticed again */
        debug_step_done(cpu);
    }
}

WatchKind debug_take_hit(PowerPCCPU *cpu, uint64_t *ea)
{
    WatchKind hit = cpu->debug.hit;

    *ea = cpu->debug.hit_ea;
    cpu->debug.hit = WATCH_NONE;
    return hit;
}

bool debug_hit_waits(PowerPCCPU *cpu)
{
    if (cpu->debug.step || cpu->debug.hit == WATCH_NONE) {
        return false;
    }
    for (guint i = 0; i < watchpoints->len; i++) {
        const Watchpoint *w = &g_array_index(watchpoints, Watchpoint, i);
        if (w->ea == cpu->debug.hit_ea && w->kind == cpu->debug.hit) {
            return true;
        }
    }
    cpu->debug.hit = WATCH_NONE;
    return false;
}
