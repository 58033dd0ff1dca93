/*
 * Running instruction rows in a test: translated by themselves, without decoder and memory, and interpreted or, after
 * tcg_init(), run as generated code.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_UNIT_ROWS_H
#define TESTS_UNIT_ROWS_H

#include <check.h>
#include <stdlib.h>
#include "accel/tcg/region.h"
#include "accel/tcg/tcg.h"
#include "target/ppc/isa.h"

static inline PowerPCCPU *rows_cpu_new(void)
{
    PowerPCCPU *cpu = g_aligned_alloc0(1, sizeof(PowerPCCPU), 64);

    cpu->jump_cache = g_aligned_alloc0(1u << JUMP_CACHE_BITS, sizeof(JumpCacheEntry), 64);
    for (unsigned i = 0; i < 1u << JUMP_CACHE_BITS; i++) {
        ((JumpCacheEntry *)cpu->jump_cache)[i].flags = UINT64_MAX;
    }
    return cpu;
}

static inline void rows_cpu_free(PowerPCCPU *cpu)
{
    g_aligned_free(cpu->jump_cache);
    g_aligned_free(cpu);
}

/* Is there generated code here? */
static inline bool rows_have_generated(void)
{
#ifdef CONFIG_TCG_X86_64
    return !tcg_options.interpreter;
#else
    return false;
#endif
}

static inline void rows_enter(PowerPCCPU *cpu, Region *r, bool generated)
{
#ifdef CONFIG_TCG_X86_64
    if (generated) {
        if (!jit_compile(r->ir, r)) {
            jit_reset_buffer();
            ck_assert(jit_compile(r->ir, r));
        }
        jit_enter(cpu, r);
        return;
    }
#endif
    interp_run(cpu, r);
}

/* The instructions words[0..n-1], of rows seq[], in one region with the flags RF_*. False: they raised. */
static inline bool rows_run_as(PowerPCCPU *cpu, const InsnDesc **seq, const uint32_t *words, int n, uint32_t flags,
                               bool generated)
{
    static Region r;
    g_autofree RegionExit *exits = NULL;
    g_autofree char *fault = NULL;
    volatile bool raised = false;
    IrRegion *ir;

    r = (Region){ .pc = 0x1000, .flags = flags };
    ir_begin(r.pc, flags);
    for (int i = 0; i < n; i++) {
        DisasCtx ctx = {
            .cpu = cpu, .flags = flags, .pc = r.pc + 4 * i, .next_pc = r.pc + 4 * i + 4, .le = true,
            .sf = true, .page_end = 0x2000,
        };
        Insn insn = { .w = words[i] };

        ir_insn_start(ctx.pc);
        seq[i]->row->fn(&ctx, &insn);
    }
    exit_loop(r.pc + 4 * n);
    ir = ir_finish();
    fault = ir_verify(ir);
    ck_assert_msg(!fault, "%s", fault);
    r.ir = ir;
    r.insns = n;
    r.nexits = ir->exit_count;
    r.exits = exits = g_new0(RegionExit, MAX(ir->exit_count, 1));
    for (uint32_t i = 0; i < ir->exit_count; i++) {
        exits[i] = (RegionExit){ .from = &r, .target = ir->exits[i].target, .kind = ir->exits[i].kind };
    }
    cpu->poll = 0;
    if (!sigsetjmp(cpu->jmp_env, 0)) {
        rows_enter(cpu, &r, generated);
    } else {
        raised = true;
    }
    ir_free(ir);
    return !raised;
}

static inline bool rows_run(PowerPCCPU *cpu, const InsnDesc **seq, const uint32_t *words, int n, uint32_t flags)
{
    return rows_run_as(cpu, seq, words, n, flags, false);
}

/* The row of that name. */
static inline const InsnDesc *rows_find(const char *id)
{
    size_t n;
    InsnDesc *t = isa_table(&n);

    for (size_t i = 0; i < n; i++) {
        if (g_str_equal(t[i].row->id, id)) {
            return &t[i];
        }
    }
    ck_abort_msg("no row %s", id);
}

#endif
