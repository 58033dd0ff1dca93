/*
 * Where a region may be left: the comparison in line, what it stores out of line, at the region's end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/select.h"
#include "target/ppc/cpu.h"

/* What leaving here, now, would store, and where to. */
static Pending capture_exit(Gen *g, const IrNode *n)
{
    const IrExit *x = &g->ir->exits[n->imm];
    Pending p = { .exit = n->imm, .snap = n->snap };

    capture(g, g->exit_maps, n->snap, &p.map_first, &p.map_count);
    if (x->pc.n) {
        p.pc = locate(g, x->pc);
    }
    if (is_loop_edge(g, n->imm)) {
        p.carried = loop_capture(g, p.map_first, p.map_count);
    }
    return p;
}

void gen_exit_if(Gen *g, const IrNode *n)
{
    uint8_t *jump = jcc(g->e, emit_compare(g, n->cond, n->aux, n->a[0], n->a[1], true));
    Pending p = capture_exit(g, n);

    p.jump = jump;
    g_array_append_val(g->pending, p);
}

int loc_to_gpr(Gen *g, const Loc *l, int scratch)
{
    switch (l->kind) {
    case LOC_GPR: return l->reg;
    case LOC_STACK: load64(g->e, scratch, RSP, 16 * l->index); return scratch;
    case LOC_CONST: mov_ri_keep(g->e, scratch, l->k); return scratch;
    case LOC_XMM: vmovq_rx(g->e, scratch, l->reg); return scratch;
    default: g_assert_not_reached();
    }
}

static void store_sunk(Gen *g, const MapEntry *m, const Sunk **last)
{
    const Sunk *k = sunk_of(g, &m->loc);

    if (k->word == SUNK_FP) {
        store_fcompare(g, k, ir_slot_info[m->slot].bytes == 1, ir_slot_info[m->slot].offset);
        *last = NULL;
        return;
    }
    bool test = k->cond == C_TSTZ || k->cond == C_TSTNZ, bit = test && !k->word && k->b.kind == LOC_CONST && is_high_bit(k->b.k);
    bool again = *last && same_loc(&(*last)->a, &k->a) && same_loc(&(*last)->b, &k->b) && (*last)->word == k->word
        && ((*last)->cond == C_TSTZ || (*last)->cond == C_TSTNZ) == test;

    if (!again) {
        int a = loc_to_gpr(g, &k->a, RAX);
        if (bit) {
            bt_ri(g->e, a, __builtin_ctzll(k->b.k));
        } else if (!test && k->b.kind == LOC_CONST && (k->word || (int64_t)k->b.k == (int32_t)k->b.k)) {
            alu_ri(g->e, !k->word, 7, a, (int32_t)k->b.k);
        } else {
            int b = loc_to_gpr(g, &k->b, RCX);
            if (test) {
                test_rr(g->e, !k->word, a, b);
            } else {
                alu_rr(g->e, !k->word, 7, a, b);
            }
        }
        *last = k;
    }
    const IrSlotInfo *info = &ir_slot_info[m->slot];
    if (info->bytes == 8) {             /* a GPR may hold the answer of a comparison */
        op_rr8(g->e, 0x0f90 | cc_of(k->cond, bit), 0, RDX);
        op_rr8(g->e, 0x0fb6, RDX, RDX);
        store64(g->e, RDX, CPU, info->offset);
        return;
    }
    rex(g->e, false, 0, 0, CPU, false);
    e8(g->e, 0x0f);
    e8(g->e, 0x90 | cc_of(k->cond, bit));
    modrm(g->e, 0, CPU, info->offset);
}

static void store_slot(Gen *g, const MapEntry *m)
{
    const IrSlotInfo *info = &ir_slot_info[m->slot];
    int32_t off = info->offset;
    const Loc *l = &m->loc;
    bool fpr = m->slot >= SLOT_FPR && m->slot <= SLOT_FPR_LAST;

    if (info->type == IR_V128) {
        int x = l->reg;
        if (l->kind == LOC_STACK) {
            vload(g->e, x = 15, RSP, 16 * l->index);
        } else if (l->kind == LOC_POOL) {
            mov_ri_keep(g->e, RAX, l->k);
            vload(g->e, x = 15, RAX, 0);
        }
        vstore(g->e, x, CPU, off);
        return;
    }
    if (l->kind == LOC_CONST && (info->bytes == 1 || (int64_t)l->k == (int32_t)l->k)) {
        rex(g->e, info->bytes == 8, 0, 0, CPU, false);
        e8(g->e, info->bytes == 8 ? 0xc7 : 0xc6);
        modrm(g->e, 0, CPU, off);
        if (info->bytes == 8) {
            e32(g->e, l->k);
        } else {
            e8(g->e, l->k);
        }
    } else if (l->kind == LOC_XMM) {
        vstore64(g->e, l->reg, CPU, off);
    } else {
        int r = loc_to_gpr(g, l, RAX);
        if (info->bytes == 1) {
            store8(g->e, r, CPU, off);
        } else {
            store64(g->e, r, CPU, off);
        }
    }
    if (fpr) {
        rex(g->e, true, 0, 0, CPU, false);
        e8(g->e, 0xc7);
        modrm(g->e, 0, CPU, off ^ 8);
        e32(g->e, 0);
    }
}

static void store_map(Gen *g, uint32_t first, uint32_t count)
{
    const MapEntry *maps = (const MapEntry *)(void *)g->exit_maps->data;
    const Sunk *last = NULL;

    for (uint32_t i = first; i < first + count; i++) {
        if (maps[i].loc.kind != LOC_SUNK) {
            store_slot(g, &maps[i]);
        }
    }
    for (uint32_t i = first; i < first + count; i++) {
        if (maps[i].loc.kind == LOC_SUNK) {
            store_sunk(g, &maps[i], &last);
        }
    }
}

void store_state(Gen *g, uint32_t snap)
{
    uint32_t first, count;

    capture(g, g->exit_maps, snap, &first, &count);
    store_map(g, first, count);
}

static void take_exit(Gen *g, const Pending *p)
{
    store_map(g, p->map_first, p->map_count);
    if (is_loop_edge(g, p->exit)) {
        loop_back(g, p->carried);
    } else {
        leave(g, p->exit, p->snap, &p->pc);
    }
}

void gen_exit(Gen *g, const IrNode *n)
{
    Pending p = capture_exit(g, n);

    take_exit(g, &p);
}

void gen_pending(Gen *g)
{
    for (guint i = 0; i < g->pending->len; i++) {
        Pending *p = &g_array_index(g->pending, Pending, i);
        if ((size_t)(g->e->end - g->e->p) < 16384) {
            g->failed = true;
            return;
        }
        patch32(p->jump, g->e->p);
        if (p->exit < 0) {
            call_out(g, p->out);
            patch32(jmp32(g->e), p->back);
        } else {
            take_exit(g, p);
        }
    }
}
