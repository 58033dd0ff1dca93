/*
 * From guest code to a region: decode instruction after instruction until something ends it.
 *
 * A region follows the fall-through of conditional branches, so that a loop body or a function's
 * straight path is one region with side exits. It stays within one 4 KiB page of guest code: the
 * real page of the next may be another one after any TLB change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/breakpoint.h"
#include "accel/tcg/debug.h"
#include "accel/tcg/ir-build.h"
#include "accel/tcg/region-int.h"
#include "accel/tcg/tcg.h"
#include "config-host.h"
#include "system/log.h"
#include "target/ppc/isa.h"
#include <string.h>

#define MAX_INSNS 64
#define MAX_NODES 1200

static uint32_t fetch(const uint8_t *p, bool le)
{
    uint32_t w;

    memcpy(&w, p, 4);
    return le ? GUINT32_FROM_LE(w) : GUINT32_FROM_BE(w);
}

static IrRegion *build(PowerPCCPU *cpu, uint64_t pc, const uint8_t *code, uint32_t flags)
{
    DisasCtx ctx = {
        .cpu = cpu, .features = ppc_features_for(cpu, flags), .flags = flags, .pc = pc,
        .le = flags & RF_LE, .sf = flags & RF_SF, .pr = flags & RF_PR, .hv = flags & RF_HV,
        .page_end = (pc & TARGET_PAGE_MASK) + TARGET_PAGE_SIZE,
    };
    const uint64_t start = pc;
    bool single = flags & (RF_WATCHED | RF_ONE);

    ir_begin(pc, flags);
    for (unsigned n = 1; ; n++) {
        Insn insn = { .w = fetch(code + (ctx.pc - start), ctx.le) };
        ctx.next_pc = ctx.pc + 4;
        if (insn.w >> 26 == 1 && ppc_has(&ctx.features, PPC_F_ISA310)) {
            insn.prefixed = true;
            insn.prefix = insn.w;
            /* One that crosses 64 bytes is refused before its suffix matters (isa_translate). */
            insn.w = (ctx.pc & 63) == 60 ? 0 : fetch(code + (ctx.pc + 4 - start), ctx.le);
            ctx.next_pc = ctx.pc + 8;
        }
        if (!ctx.sf) {
            ctx.next_pc = (uint32_t)ctx.next_pc;
        }
        ir_insn_start(ctx.pc);
        isa_translate(&ctx, &insn);
        if (ir_has_exit()) {
            break;
        }
        if (ctx.end) {
            exit_loop(ctx.next_pc);
            break;
        }
        if (single || n >= MAX_INSNS || ir_size() >= MAX_NODES || ctx.next_pc >= ctx.page_end
            || ctx.next_pc < ctx.pc || breakpoint_at(ctx.next_pc)) {
            exit_direct(ctx.next_pc);
            break;
        }
        ctx.pc = ctx.next_pc;
    }
    tcg_log_ir(ir_builder.r, LOG_OP);
    IrRegion *ir = ir_finish();
    ir->traced = ctx.traced;
    ir->guest_len = MAX(ctx.next_pc - start, 4);
    return ir;
}

Region *tcg_translate(PowerPCCPU *cpu, uint64_t pc, uint64_t raddr, const void *host_code)
{
    IrRegion *ir = build(cpu, pc, host_code, cpu->region_flags);
    Region *r = g_new0(Region, 1);

    tcg_log_guest_code(ir, host_code);
    tcg_log_ir(ir, LOG_OP_OPT);
    r->pc = pc;
    r->flags = ir->flags;
    r->insns = ir->insns;
    r->traced = ir->traced;
    r->raddr[0] = raddr;
    r->raddr[1] = UINT64_MAX;
    r->guest_len = ir->guest_len;
    r->nexits = ir->exit_count;
    r->exits = g_new0(RegionExit, MAX(ir->exit_count, 1));
    for (uint32_t i = 0; i < ir->exit_count; i++) {
        r->exits[i] = (RegionExit){ .from = r, .target = ir->exits[i].target, .kind = ir->exits[i].kind };
    }
#ifdef CONFIG_TCG_X86_64
    /* -icount counts in the interpreter */
    if (!tcg_options.interpreter && !(r->flags & RF_ICOUNT)) {
        bool ok = jit_compile(ir, r);
        ir_free(ir);
        if (!ok) {
            g_free(r->exits);
            g_free(r);
            return NULL;
        }
        tcg_log_host_code(r);
        if (tcg_options.perf_map) {
            tcg_perf_region(r);
        }
        return r;
    }
#endif
    r->ir = ir;
    return r;
}
