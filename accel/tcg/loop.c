/*
 * The vCPU's inner loop: find the next region, run it, deliver what was raised, take interrupts.
 *
 * Exceptions raised anywhere below - in a helper, in the soft TLB's slow path, in a region's exit -
 * arrive here by siglongjmp with the guest state precise in PowerPCCPU.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/breakpoint.h"
#include "accel/tcg/interp.h"
#include "accel/tcg/region-int.h"
#include "accel/tcg/tcg.h"
#include "accel/tcg/vcpu.h"
#include "config-host.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "target/ppc/cpu.h"
#include "target/ppc/dump.h"
#include "target/ppc/isa.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

TcgOptions tcg_options = {
    .multi_threaded = true, .icount_shift = -1,
    .random_regalloc = CONFIG_RANDOM_REGALLOC, .random_seed = CONFIG_RANDOM_REGALLOC,
};

#define DEFAULT_TB_SIZE (256u << 20)

/* Bumped by every flush: pointers to regions taken before are dead. */
static uint32_t flush_generation;

bool tcg_init(GError **err)
{
    isa_init();
    region_cache_init();
#ifdef CONFIG_TCG_X86_64
    if (!tcg_options.interpreter) {
        g_autoptr(GError) why = NULL;
        if (!jit_init(tcg_options.tb_size ? tcg_options.tb_size : DEFAULT_TB_SIZE, &why)) {
            g_printerr("qemu-system-ppc64: warning: no code generator: %s; interpreting\n", why->message);
            tcg_options.interpreter = true;
        }
    }
#else
    tcg_options.interpreter = true;
#endif
    return true;
}

void tcg_vcpu_init(PowerPCCPU *cpu)
{
    cpu->tcg = g_new0(TcgVcpu, 1);
    tlb_init_cpu(cpu);
}

/* ---- jump caches ---- */

static uint64_t line_flags(const PowerPCCPU *cpu)
{
    return cpu->region_flags | (uint64_t)__atomic_load_n(&cpu->space, __ATOMIC_ACQUIRE) << 32;
}

Region *tcg_jump_cache_find(PowerPCCPU *cpu, uint64_t pc)
{
    JumpCacheEntry *e = (JumpCacheEntry *)cpu->jump_cache + jump_cache_index(pc);

    return e->pc == pc && __atomic_load_n(&e->flags, __ATOMIC_ACQUIRE) == line_flags(cpu) ? e->region : NULL;
}

/* The page was translated when the vCPU had seen `flushes` flushes and lines matched `flags`. */
static void jump_cache_set(PowerPCCPU *cpu, Region *r, uint64_t flags, uint32_t flushes)
{
    JumpCacheEntry *e = (JumpCacheEntry *)cpu->jump_cache + jump_cache_index(r->pc);

    /* The loop looks around after each instruction that is traced or stepped. */
    if (flags & RF_WATCHED || !tlb_note_code(cpu, r->pc)) {
        return;
    }

    __atomic_store_n(&e->flags, UINT64_MAX, __ATOMIC_RELEASE);
    e->pc = r->pc;
    e->region = r;
    e->code = r->code;
    __atomic_store_n(&e->flags, flags, __ATOMIC_SEQ_CST);
    /* Invalidated or unmapped meanwhile by another thread, which may have missed this line. */
    if (__atomic_load_n(&r->invalid, __ATOMIC_SEQ_CST)
        || __atomic_load_n(&cpu->tcg->flushes, __ATOMIC_SEQ_CST) != flushes) {
        __atomic_store_n(&e->flags, UINT64_MAX, __ATOMIC_RELEASE);
    }
}

void tcg_forget_region(PowerPCCPU *cpu, const Region *r)
{
    if (cpu->tcg) {
        JumpCacheEntry *e = (JumpCacheEntry *)cpu->jump_cache + jump_cache_index(r->pc);
        if (e->region == r) {
            __atomic_store_n(&e->flags, UINT64_MAX, __ATOMIC_RELEASE);
        }
    }
}

void tcg_forget_all_regions(PowerPCCPU *cpu)
{
    if (cpu->tcg) {
        tb_jump_cache_clear(cpu->jump_cache);
    }
}

/* ---- finding the next region ---- */

void tb_flush(void)
{
    flush_generation++;
    region_cache_reset();
}

static Region *translate_at(PowerPCCPU *cpu, uint64_t pc, uint64_t raddr)
{
    for (;;) {
        tcg_lock_regions();
        Region *r = region_find(raddr, pc, cpu->region_flags);
        if (r) {
            tcg_unlock_regions();
            return r;
        }
        const void *code = memory_ram_ptr(raddr, 4);
        if (!code) {
            tcg_unlock_regions();
            log_mask(LOG_GUEST_ERROR, "fetch from %016" PRIx64 ", which is not memory (pc %016" PRIx64 ")\n",
                     raddr, pc);
            cpu->nip = pc;
            ppc_raise(cpu, EXCP_MCHECK, 0);
        }
        r = tcg_translate(cpu, pc, raddr, code);
        if (r) {
            g_autofree void *copy = g_memdup2(code, r->guest_len);
            cpu->tcg->translations++;
            bool had_code = tb_page_has_code(raddr);
            region_publish(r);
            tcg_unlock_regions();
            /*
             * From the publication on, new TLB entries see that the page holds code; older ones are told
             * now. A store that slipped in between is found by looking at the bytes again.
             */
            if (!had_code) {
                tlb_protect_page(raddr & TARGET_PAGE_MASK);
            }
            if (!memcmp(copy, code, r->guest_len)) {
                return r;
            }
            tb_invalidate_phys(raddr, r->guest_len);
            continue;
        }
        tcg_unlock_regions();
        cpus_start_exclusive();
        tb_flush();
        cpus_end_exclusive();
    }
}

static Region *lookup(PowerPCCPU *cpu)
{
    uint64_t pc = cpu->region_flags & RF_SF ? cpu->nip : (uint32_t)cpu->nip;
    Region *r = tcg_jump_cache_find(cpu, pc);
    MmuResult res;

    if (r) {
        return r;
    }
    uint32_t flushes = __atomic_load_n(&cpu->tcg->flushes, __ATOMIC_SEQ_CST);
    uint64_t flags = line_flags(cpu);
    cpu->tcg->lookups++;
    if (!ppc_mmu_translate(cpu, pc, ACC_EXEC, RF_IMMU(cpu->region_flags), false, &res)) {
        ppc_raise(cpu, cpu->exception, cpu->error_code);
    }
    r = region_find(res.raddr, pc, cpu->region_flags);
    if (!r) {
        r = translate_at(cpu, pc, res.raddr);
    }
    if (!log_enabled(LOG_NOCHAIN)) {
        jump_cache_set(cpu, r, flags, flushes);
    }
    return r;
}

/* ---- running ---- */

static RegionExit *run(PowerPCCPU *cpu, Region *r)
{
    cpu->tcg->regions_entered++;
    if (log_enabled(LOG_EXEC) && log_in_filter(r->pc)) {
        log_printf("Trace %d: %016" PRIx64 " flags %08x\n", cpu->index, r->pc, r->flags);
    }
    if (log_enabled(LOG_CPU) && log_in_filter(r->pc)) {
        g_autoptr(GString) s = g_string_new(NULL);
        ppc_cpu_dump(cpu, log_enabled(LOG_FPU), s);
        log_printf("%s", s->str);
    }
#ifdef CONFIG_TCG_X86_64
    if (r->code) {
        return jit_enter(cpu, r);
    }
#endif
    return interp_run(cpu, r);
}

/* False if the vCPU was wanted elsewhere, so that the region was left at its start. */
static bool completed(const PowerPCCPU *cpu, const RegionExit *e, uint64_t pc)
{
    return e || cpu->nip != pc || !__atomic_load_n(&cpu->poll, __ATOMIC_ACQUIRE);
}

static bool may_chain(const RegionExit *e, const Region *to)
{
    const uint32_t one_at_a_time = RF_WATCHED | RF_ONE;

    return e->kind == EXIT_DIRECT && !log_enabled(LOG_NOCHAIN)
        && !((e->from->flags | to->flags) & one_at_a_time) && e->from->flags == to->flags
        && e->target == to->pc && (to->pc & TARGET_PAGE_MASK) == (e->from->pc & TARGET_PAGE_MASK);
}

static TcgRunResult run_loop(PowerPCCPU *cpu)
{
    RegionExit *e = NULL;
    uint32_t generation = flush_generation;

    for (;;) {
        if (__atomic_load_n(&cpu->poll, __ATOMIC_ACQUIRE)) {
            __atomic_store_n(&cpu->poll, 0, __ATOMIC_SEQ_CST);
            if (__atomic_load_n(&cpu->stop, __ATOMIC_ACQUIRE) || cpus_wants_attention(cpu)) {
                return TCG_RUN_INTERRUPTED;
            }
        }
        if (cpu->halted) {
            if (!ppc_has_work(cpu)) {
                return TCG_RUN_HALTED;
            }
            cpu->halted = false;
        }
        if (__atomic_load_n(&cpu->interrupt_request, __ATOMIC_ACQUIRE) && !(cpu->debug.step && cpu->debug.no_irq)
            && ppc_take_interrupt(cpu) && cpu->debug.step) {
            debug_step_done(cpu);
            return TCG_RUN_DEBUG;
        }
        if (cpu->region_flags & RF_ICOUNT && cpu->icount_left <= 0) {
            return TCG_RUN_BUDGET;
        }
        if (cpu->debug.step) {
            cpu->debug.under_way = true;
        } else if (breakpoint_at(cpu->region_flags & RF_SF ? cpu->nip : (uint32_t)cpu->nip)) {
            return TCG_RUN_DEBUG;
        }
        Region *r = lookup(cpu);
        if (r->flags & RF_ICOUNT && cpu->icount_left < r->insns) {
            /* the tail of the budget, one instruction at a time */
            uint32_t flags = cpu->region_flags;
            cpu->region_flags |= RF_ONE;
            r = lookup(cpu);
            cpu->region_flags = flags;
        }
        if (e && generation == flush_generation && !e->to && may_chain(e, r)) {
            region_chain(e, r);
        }
        generation = flush_generation;
        uint32_t flags = r->flags;
        uint64_t pc = r->pc;
        unsigned traced = r->traced;
        e = run(cpu, r);
        if (cpu->exception != EXCP_NONE) {
            ppc_deliver_exception(cpu);
            e = NULL;
        } else if (flags & RF_WATCHED && !completed(cpu, e, pc)) {
            cpu->debug.under_way = false;
        } else if (flags & RF_TRACED) {
            ppc_trace(cpu, pc, flags, traced);
        }
        if (cpu->debug.under_way) {
            debug_step_done(cpu);
            return TCG_RUN_DEBUG;
        }
    }
}

TcgRunResult tcg_vcpu_run(PowerPCCPU *cpu)
{
    if (cpu->vhyp && cpu->vhyp->cpu_exec_enter) {
        cpu->vhyp->cpu_exec_enter(cpu);
    }
    if (sigsetjmp(cpu->jmp_env, 0)) {
        interp_fp_leave(cpu);
        if (cpu->exception) {
            ppc_deliver_exception(cpu);
        }
    }
    TcgRunResult result;
    if (cpu->debug.under_way) {         /* the instruction ended in an exception, or in a call of the machine */
        debug_step_done(cpu);
        result = TCG_RUN_DEBUG;
    } else {
        result = debug_hit_waits(cpu) ? TCG_RUN_DEBUG : run_loop(cpu);
    }
    if (cpu->vhyp && cpu->vhyp->cpu_exec_exit) {
        cpu->vhyp->cpu_exec_exit(cpu);
    }
    return result;
}

void tcg_coverage_write(void)
{
    const char *path = g_getenv("PPC_INSN_COVERAGE");
    size_t n;
    InsnDesc *table = isa_table(&n);

    if (!path) {
        return;
    }
    FILE *f = fopen(path, "a");
    if (!f) {
        g_printerr("qemu-system-ppc64: warning: cannot write coverage to '%s'\n", path);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (table[i].hits) {
            fprintf(f, "%s %u\n", table[i].row->id, table[i].hits);
        }
    }
    fclose(f);
}

static gint by_hits(gconstpointer a, gconstpointer b)
{
    const InsnDesc *x = *(InsnDesc *const *)a, *y = *(InsnDesc *const *)b;

    return x->hits < y->hits ? 1 : x->hits > y->hits ? -1 : strcmp(x->row->id, y->row->id);
}

void tcg_dump_opcount(GString *out)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    size_t n;
    InsnDesc *table = isa_table(&n);

    for (size_t i = 0; i < n; i++) {
        if (table[i].hits) {
            g_ptr_array_add(rows, &table[i]);
        }
    }
    g_ptr_array_sort(rows, by_hits);
    for (guint i = 0; i < rows->len; i++) {
        const InsnDesc *d = g_ptr_array_index(rows, i);
        g_string_append_printf(out, "%-16s %10u\n", d->row->mnemonic, d->hits);
    }
}

static void flush_all(PowerPCCPU *cpu, void *on)
{
    bql_unlock();
    cpus_start_exclusive();
    tcg_options.one_insn_per_tb = on != NULL;
    PowerPCCPU *other;
    CPU_FOREACH(other) {
        ppc_update_region_flags(other);
    }
    tb_flush();
    cpus_end_exclusive();
    bql_lock();
}

void tcg_set_one_insn(bool on)
{
    if (ppc_cpu_get(0)) {
        run_on_cpu(ppc_cpu_get(0), flush_all, on ? ppc_cpu_get(0) : NULL);
    } else {
        tcg_options.one_insn_per_tb = on;
    }
}

void tcg_dump_stats(GString *out)
{
    PowerPCCPU *cpu;

    g_string_append_printf(out, "Regions: %u, flushes: %u\n", region_cache_count(), flush_generation);
#ifdef CONFIG_TCG_X86_64
    if (!tcg_options.interpreter) {
        g_string_append_printf(out, "Code buffer: %zu of %zu bytes\n", jit_buffer_used(), jit_buffer_size());
    }
#endif
    CPU_FOREACH(cpu) {
        if (cpu->tcg) {
            g_string_append_printf(out, "CPU %d: entered %" PRIu64 ", looked up %" PRIu64 ", translated %" PRIu64 "\n",
                                   cpu->index, cpu->tcg->regions_entered, cpu->tcg->lookups, cpu->tcg->translations);
        }
    }
}
