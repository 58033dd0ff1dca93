/*
 * Helpers, called straight from generated code.
 *
 * For one that looks at guest registers, or may raise, those that differ from their homes are stored first. What lives in
 * a register that the callee may spoil goes to its cell, arguments too; so they are then read from cells and
 * from registers that survive, in any order. A vector argument is passed as the address of its cell.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/host.h"
#include "accel/tcg/x86_64/select.h"

static const uint8_t arg_regs[] = { RDI, RSI, RDX, RCX, R8, R9 };
static const uint8_t spoiled[] = { RSI, RDI, R8, R9, R10, R11 };        /* of those that hold values */

static void load_arg(Gen *g, int reg, Val v)
{
    Loc l = locate(g, v);
    bool vector = g->ir->nodes[v.n].type == IR_V128;

    switch (l.kind) {
    case LOC_CONST:
    case LOC_POOL:
        mov_ri(g->e, reg, l.k);
        break;
    case LOC_STACK:
        op_rm(g->e, true, vector ? 0x8d : 0x8b, reg, RSP, 16 * l.index);        /* lea, mov */
        break;
    default:
        g_assert(l.kind == LOC_GPR);
        mov_rr(g->e, reg, l.reg);
    }
}

/* After the state is stored: by a later node, or as an argument? */
static bool needed(Gen *g, const IrCall *c, uint32_t v)
{
    for (unsigned i = 0; i < c->nargs; i++) {
        if (c->args[i].n == v) {
            return v;
        }
    }
    return v && g->v[v].last > g->at;
}

bool gen_call_direct(Gen *g, const IrNode *n)
{
    const IrCall *c = &g->ir->calls[n->imm];
    bool wanted = n->type != IR_VOID && g->v[g->at].last, vector = c->ret == IR_V128;
    unsigned at = 0;
    int cell = 0;

    if (c->flags & IRC_NORETURN || c->nargs + c->cpu + vector > 6) {
        return false;
    }
    if (c->flags & IRC_READ) {
        store_state(g, n->snap);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(spoiled); i++) {
        if (needed(g, c, g->owner[0][spoiled[i]])) {
            spill(g, g->owner[0][spoiled[i]]);
        }
    }
    for (unsigned i = 0; i < 16; i++) {
        if (needed(g, c, g->owner[1][i])) {
            spill(g, g->owner[1][i]);
        }
    }
    if (c->flags & IRC_RAISE) {
        store_nip(g, g->ir->snaps[n->snap].pc);
    }
    if (vector) {
        cell = new_cell(g);
        g->cell_owner[cell] = g->at;
        g->v[g->at].cell = cell;
        op_rm(g->e, true, 0x8d, arg_regs[at++], RSP, 16 * cell);
    }
    if (c->cpu) {
        mov_rr(g->e, arg_regs[at++], CPU);
    }
    for (unsigned i = 0; i < c->nargs; i++) {
        load_arg(g, arg_regs[at++], c->args[i]);
    }
    mov_ri(g->e, RAX, (uintptr_t)c->fn);
    e8(g->e, 0xff);
    modrr(g->e, 2, RAX);
    if (!wanted) {
        return true;
    }
    int d = def(g, VAL_NONE);
    if (vector) {
        vload(g->e, d, RSP, 16 * cell);
    } else if (g->v[g->at].xmm) {
        vmovq_xr(g->e, d, RAX);
    } else {
        mov_rr(g->e, d, RAX);
    }
    return true;
}
