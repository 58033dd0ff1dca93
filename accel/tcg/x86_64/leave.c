/*
 * Where a region goes on: exits that are patched to their target, the jump cache, and the vCPU's loop.
 *
 * Returns are looked up as every other indirect branch. A stack of return addresses (pushed by calls with the host code to go
 * on at, checked and popped by returns; with and without pairing host calls and returns) costs as many instructions as
 * the look-up and more memory traffic, and the host predicts the look-up's last jump well by its history.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/select.h"
#include "target/ppc/cpu.h"
#include <stddef.h>

const uint8_t *jit_thunk_leave;
static const uint8_t *thunk_lookup;

static void jump_to_rx(Emit *e, const uint8_t *rx)
{
    patch32(jmp32(e), jit_rw + (rx - jit_rx));
}

/* ---- the jump cache ---- */

/* op reg, [rcx + rax * 8 + disp] */
static void op_line(Emit *e, bool w, unsigned op, int reg, int disp)
{
    rex(e, w, reg, RAX, RCX, false);
    e8(e, op);
    e8(e, 0x44 | (reg & 7) << 3);
    e8(e, 3 << 6 | RAX << 3 | RCX);
    e8(e, disp);
}

void jit_make_leave_thunks(Emit *e)
{
    G_STATIC_ASSERT(sizeof(JumpCacheEntry) == 32);

    /* rdi: pc, not yet in cpu->nip. Jump cache line (rax: its index, times four) -> its code, or back to the loop. */
    thunk_lookup = to_rx(e->p);
    vex(e, 3, 3, true, false, RAX, NOV, RDI, 0xf0);                     /* rorx */
    modrr(e, RAX, RDI);
    e8(e, JUMP_CACHE_BITS);
    alu_rr(e, false, 6, RAX, RDI);
    alu_ri(e, false, 4, RAX, ((1 << JUMP_CACHE_BITS) - 1) << 2);
    load64(e, RCX, CPU, offsetof(PowerPCCPU, jump_cache));
    op_line(e, true, 0x3b, RDI, offsetof(JumpCacheEntry, pc));
    uint8_t *miss1 = jcc(e, CC_NE);
    load64(e, RDX, CPU, offsetof(PowerPCCPU, region_flags));            /* and space */
    op_line(e, true, 0x3b, RDX, offsetof(JumpCacheEntry, flags));
    uint8_t *miss2 = jcc(e, CC_NE);
    op_line(e, false, 0xff, 4, offsetof(JumpCacheEntry, code));         /* jmp */
    patch32(miss1, e->p);
    patch32(miss2, e->p);
    store64(e, RDI, CPU, offsetof(PowerPCCPU, nip));
    mov_ri(e, RAX, 0);
    jump_to_rx(e, jit_thunk_leave);
}

/* ---- exits ---- */

void store_nip(Gen *g, uint64_t pc)
{
    mov_ri(g->e, RDI, pc);
    store64(g->e, RDI, CPU, offsetof(PowerPCCPU, nip));
}

static void store_env32(Gen *g, size_t offset, uint32_t v)
{
    rex(g->e, false, 0, 0, CPU, false);
    e8(g->e, 0xc7);
    modrm(g->e, 0, CPU, offset);
    e32(g->e, v);
}

static void to_loop(Gen *g, const RegionExit *by)
{
    mov_ri(g->e, RAX, (uintptr_t)by);
    jump_to_rx(g->e, jit_thunk_leave);
}

static void leave_direct(Gen *g, const IrExit *x, RegionExit *re)
{
    if ((x->target & TARGET_PAGE_MASK) != (g->ir->pc & TARGET_PAGE_MASK)) {
        mov_ri(g->e, RDI, x->target);
        jump_to_rx(g->e, thunk_lookup);
        return;
    }
    while (((uintptr_t)g->e->p + 1) & 3) {      /* the displacement is rewritten while others may run it */
        e8(g->e, 0x90);
    }
    re->patch_site = (uintptr_t)jmp32(g->e);
    patch32((uint8_t *)re->patch_site, g->e->p);
    re->unpatched = (uintptr_t)to_rx(g->e->p);
    store_nip(g, x->target);
    to_loop(g, re);
}

void leave(Gen *g, uint32_t exit, uint32_t snap, const Loc *pc)
{
    const IrExit *x = &g->ir->exits[exit];

    switch (x->kind) {
    case EXIT_DIRECT:
        leave_direct(g, x, &g->r->exits[exit]);
        break;
    case EXIT_LOOP:
        store_nip(g, x->target);
        to_loop(g, NULL);
        break;
    case EXIT_LOOP_PC:
        store64(g->e, loc_to_gpr(g, pc, RAX), CPU, offsetof(PowerPCCPU, nip));
        to_loop(g, NULL);
        break;
    case EXIT_RAISE:
        store_nip(g, g->ir->snaps[snap].pc);
        store_env32(g, offsetof(PowerPCCPU, exception), x->target >> 32);
        store_env32(g, offsetof(PowerPCCPU, error_code), x->target);
        to_loop(g, NULL);
        break;
    default:
        mov_rr(g->e, RDI, loc_to_gpr(g, pc, RAX));
        jump_to_rx(g->e, thunk_lookup);
    }
}

void gen_polled_exit(Gen *g)
{
    store_nip(g, g->ir->pc);
    to_loop(g, NULL);
}
