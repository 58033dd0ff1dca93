/*
 * From IR to x86-64 in one forward pass.
 *
 * Values are kept in registers as long as they last; when none is free, the one needed last is spilled
 * (values that only a state map mentions are needed late and go first). A comparison that nothing but
 * maps (or, of doubles, one guard or exit) mentions is never computed in line: its operands live on, and whoever stores the state computes
 * it. rax, rcx, rdx and xmm13-15 are scratch. An operation without native code here runs the
 * interpreter's function through the thunk, so every operation works from the first day.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/select.h"
#include "accel/tcg/x86_64/host.h"
#include "accel/tcg/tcg.h"
#include "target/ppc/cpu.h"
#include <stddef.h>

static const uint8_t gpr_pool[] = { RBX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14 };
#define XMM_POOL 13

/* ---- registers ---- */

static bool is_const_node(const IrNode *n)
{
    return n->op == IR_CONST || n->op == IR_FCONST || n->op == IR_VCONST;
}

int new_cell(Gen *g)
{
    for (int i = 0; i < FRAME_CELLS; i++) {
        if (!g->cell_owner[i]) {
            return i;
        }
    }
    g->failed = true;
    return 0;
}

void spill(Gen *g, uint32_t v)
{
    VState *s = &g->v[v];

    if (!is_const_node(&g->ir->nodes[v]) && s->cell < 0) {
        s->cell = new_cell(g);
        g->cell_owner[s->cell] = v;
        if (s->xmm) {
            vstore(g->e, s->reg, RSP, 16 * s->cell);
        } else {
            store64(g->e, s->reg, RSP, 16 * s->cell);
        }
    }
    g->owner[s->xmm][s->reg] = 0;
    s->reg = -1;
}

static int alloc(Gen *g, bool xmm)
{
    int best = -1;
    uint32_t farthest = 0;
    unsigned n = xmm ? XMM_POOL : G_N_ELEMENTS(gpr_pool);
    unsigned start = tcg_options.random_regalloc ? g_rand_int_range(g->rand, 0, n) : 0;

    for (unsigned k = 0; k < n; k++) {
        unsigned i = (k + start) % n;
        int r = xmm ? (int)i : gpr_pool[i];
        if (g->pinned[xmm] >> r & 1) {
            continue;
        }
        if (!g->owner[xmm][r]) {
            bool spill_anyway = tcg_options.random_regalloc && g_rand_int_range(g->rand, 0, 8) == 0;
            if (!spill_anyway) {
                return r;
            }
            continue;
        }
        if (g->v[g->owner[xmm][r]].last >= farthest) {
            farthest = g->v[g->owner[xmm][r]].last;
            best = r;
        }
    }
    if (best < 0) {
        for (unsigned i = 0; i < n; i++) {
            int r = xmm ? (int)i : gpr_pool[i];
            if (!(g->pinned[xmm] >> r & 1) && !g->owner[xmm][r]) {
                return r;
            }
        }
        g_assert_not_reached();
    }
    spill(g, g->owner[xmm][best]);
    return best;
}

static void own(Gen *g, uint32_t v, int reg)
{
    g->v[v].reg = reg;
    g->owner[g->v[v].xmm][reg] = v;
    g->pinned[g->v[v].xmm] |= 1u << reg;
}

int use(Gen *g, Val v)
{
    VState *s = &g->v[v.n];
    const IrNode *n = &g->ir->nodes[v.n];

    if (s->reg < 0) {
        int r = alloc(g, s->xmm);
        own(g, v.n, r);
        if (n->op == IR_CONST) {
            mov_ri(g->e, r, n->imm);
        } else if (n->op == IR_FCONST) {
            v_load_k(g->e, r, v128_make(0, n->imm));
        } else if (n->op == IR_VCONST) {
            v_load_k(g->e, r, g->ir->pool[n->imm]);
        } else if (s->xmm) {
            vload(g->e, r, RSP, 16 * s->cell);
        } else {
            load64(g->e, r, RSP, 16 * s->cell);
        }
    }
    g->pinned[s->xmm] |= 1u << s->reg;
    return s->reg;
}

/* A register for the result; `reuse` may give up its own if this is its last use. */
int def(Gen *g, Val reuse)
{
    uint32_t v = g->at;

    if (reuse.n && !tcg_options.random_regalloc) {
        VState *s = &g->v[reuse.n];
        if (s->reg >= 0 && s->last == g->at && s->xmm == g->v[v].xmm) {
            int r = s->reg;
            s->reg = -1;
            own(g, v, r);
            return r;
        }
    }
    int r = alloc(g, g->v[v].xmm);
    own(g, v, r);
    return r;
}

bool imm32(Gen *g, Val v, int32_t *k)
{
    const IrNode *n = &g->ir->nodes[v.n];

    if (n->op != IR_CONST || (int64_t)n->imm != (int32_t)n->imm) {
        return false;
    }
    *k = n->imm;
    return true;
}

static void release(Gen *g, uint32_t v)
{
    VState *s = &g->v[v];

    if (s->last <= g->at) {
        if (s->reg >= 0 && g->owner[s->xmm][s->reg] == v) {
            g->owner[s->xmm][s->reg] = 0;
        }
        s->reg = -1;
        if (s->cell >= 0) {
            g->cell_owner[s->cell] = 0;
            s->cell = -1;
        }
    }
}

/* ---- state maps ---- */

Loc locate(Gen *g, Val v)
{
    const IrNode *n = &g->ir->nodes[v.n];
    VState *s = &g->v[v.n];

    if (n->op == IR_CONST || n->op == IR_FCONST) {
        return (Loc){ .kind = LOC_CONST, .k = n->imm };
    }
    if (n->op == IR_VCONST) {
        return (Loc){ .kind = LOC_POOL, .k = (uintptr_t)jit_constant_of(g->ir->pool[n->imm]) };
    }
    if (s->sunk) {
        Sunk k = { locate(g, n->a[0]), locate(g, n->a[1]), n->cond, n->op == IR_FSETCOND ? SUNK_FP : n->aux };
        const Sunk *old = s->sunk_at ? &g_array_index(g->sunk, Sunk, s->sunk_at - 1) : NULL;
        if (!old || !same_loc(&old->a, &k.a) || !same_loc(&old->b, &k.b)) {
            g_array_append_val(g->sunk, k);
            s->sunk_at = g->sunk->len;
            g->failed |= s->sunk_at > UINT16_MAX;
        }
        return (Loc){ .kind = LOC_SUNK, .index = s->sunk_at - 1 };
    }
    if (s->reg >= 0) {
        return (Loc){ .kind = s->xmm ? LOC_XMM : LOC_GPR, .reg = s->reg };
    }
    g_assert(s->cell >= 0);
    return (Loc){ .kind = LOC_STACK, .index = s->cell };
}

void capture(Gen *g, GArray *maps, uint32_t snap, uint32_t *first, uint32_t *count)
{
    const IrSnap *s = &g->ir->snaps[snap];

    *first = maps->len;
    *count = s->count;
    for (uint32_t i = 0; i < s->count; i++) {
        const IrSnapEntry *e = &g->ir->snap_entries[s->first + i];
        MapEntry m = { e->slot, locate(g, e->val) };
        g_array_append_val(maps, m);
    }
}

/* ---- calls out ---- */

uint32_t new_out(Gen *g, OutKind kind, uint32_t snap, bool state, bool nip)
{
    Out o = { .kind = kind, .store_state = state, .store_nip = nip };

    if (snap) {
        o.pc = g->ir->snaps[snap].pc;
    }
    if (state) {
        capture(g, g->maps, snap, &o.map_first, &o.map_count);
    }
    for (int i = 0; i < 16; i++) {
        o.xmm |= g->owner[1][i] != 0;
    }
    g_array_append_val(g->outs, o);
    return g->outs->len - 1;
}

void call_out(Gen *g, uint32_t index)
{
    const Out *o = out_of(g, index);
    const uint8_t *thunk = o->xmm || o->dst.kind == LOC_XMM ? jit_thunk_out : jit_thunk_out_int;

    e8(g->e, 0x68);
    e32(g->e, write_record(g, o));
    e8(g->e, 0xe8);
    e32(g->e, 0);
    patch32(g->e->p - 4, jit_rw + (thunk - jit_rx));
}

void slow_path(Gen *g, uint8_t *jump, uint32_t out)
{
    Pending p = { .jump = jump, .back = g->e->p, .out = out, .exit = -1 };
    g_array_append_val(g->pending, p);
}

static void gen_call_args(Gen *g, uint32_t out, const IrCall *c)
{
    Out *o = out_of(g, out);

    o->call = *c;
    o->nargs = c->nargs;
    for (int i = 0; i < c->nargs; i++) {
        o->args[i] = locate(g, c->args[i]);
        o->call.args[i].n = g->ir->nodes[c->args[i].n].type;
    }
}

static void gen_call(Gen *g, const IrNode *n)
{
    const IrCall *c = &g->ir->calls[n->imm];
    uint32_t out = new_out(g, OUT_CALL, n->snap, c->flags & IRC_READ, c->flags & IRC_RAISE);

    gen_call_args(g, out, c);
    if (n->type != IR_VOID && g->v[g->at].last) {
        int r = def(g, VAL_NONE);
        /* What a spill just moved is still in its register too: the result is written last. */
        out_of(g, out)->dst = (Loc){ .kind = g->v[g->at].xmm ? LOC_XMM : LOC_GPR, .reg = r };
    }
    call_out(g, out);
}

void gen_node_out(Gen *g, const IrNode *n)
{
    uint32_t out = new_out(g, OUT_NODE, 0, false, false);
    int r = def(g, VAL_NONE);
    Out *o = out_of(g, out);

    o->node = *n;
    o->nargs = MIN(ir_op_info[n->op].nargs, 3);
    for (int i = 0; i < o->nargs; i++) {
        o->args[i] = locate(g, n->a[i]);
    }
    if (n->op == IR_VSHUF) {
        o->pool = g->ir->pool[n->imm];
    }
    o->dst = (Loc){ .kind = g->v[g->at].xmm ? LOC_XMM : LOC_GPR, .reg = r };
    call_out(g, out);
}

static void gen_guard(Gen *g, const IrNode *n)
{
    const IrCall *c = &g->ir->calls[n->imm];
    int fast = use(g, n->a[2]), cc = emit_compare(g, n->cond, n->aux, n->a[0], n->a[1], true);
    int r = def(g, n->a[2]);

    if (g->v[g->at].xmm) {
        vmov_rr(g->e, r, fast);
    } else {
        mov_rr(g->e, r, fast);
    }
    uint8_t *j = jcc(g->e, cc);
    /* An argument or a slot may be the fast value itself, which has just lost its register to the result. */
    VState *f = &g->v[n->a[2].n];
    bool moved = f->reg < 0 && f->cell < 0 && !is_const_node(&g->ir->nodes[n->a[2].n]);
    f->reg = moved ? r : f->reg;
    uint32_t out = new_out(g, OUT_CALL, n->snap, c->flags & IRC_READ, false);
    gen_call_args(g, out, c);
    f->reg = moved ? -1 : f->reg;
    out_of(g, out)->dst = (Loc){ .kind = g->v[g->at].xmm ? LOC_XMM : LOC_GPR, .reg = r };
    slow_path(g, j, out);
}

/* ---- the pass ---- */

static void mark(Gen *g, Val v, uint32_t at)
{
    if (v.n && g->v[v.n].last < at) {
        g->v[v.n].last = at;
    }
}

/* A guard or exit on nothing but the outcome of a comparison of doubles makes it itself. */
static bool fuses(const IrRegion *ir, const IrNode *n)
{
    const IrNode *k = &ir->nodes[n->a[1].n], *f = &ir->nodes[n->a[0].n];

    return (n->op == IR_GUARD || n->op == IR_EXIT_IF) && (n->cond == C_EQ || n->cond == C_NE) && k->op == IR_CONST
        && k->imm == 0 && f->op == IR_FSETCOND && f->uses == 1;
}

static void lifetimes(Gen *g)
{
    const IrRegion *ir = g->ir;

    for (uint32_t i = ir->node_count - 1; i > 0; i--) {
        const IrNode *n = &ir->nodes[i];
        VState *s = &g->v[i];
        s->reg = s->cell = -1;
        s->xmm = n->type == IR_F64 || n->type == IR_V128;
        s->sunk = (n->op == IR_SETCOND && n->uses == 0) || (n->op == IR_FSETCOND && (n->uses == 0 || s->fused));
        if (fuses(ir, n)) {
            g->v[n->a[0].n].fused = true;
        }
        if (n->op == IR_ADC) {
            plan_carry(g, i);
        }
        uint32_t at = s->sunk ? s->last : i;
        for (int k = 0; k < 4; k++) {
            mark(g, n->a[k], at);
        }
        if (n->op == IR_CALL || n->op == IR_GUARD) {
            const IrCall *c = &ir->calls[n->imm];
            for (int k = 0; k < c->nargs; k++) {
                mark(g, c->args[k], i);
            }
        } else if (n->op == IR_EXIT || n->op == IR_EXIT_IF) {
            mark(g, ir->exits[n->imm].pc, i);
        }
        if (n->snap) {
            const IrSnap *sn = &ir->snaps[n->snap];
            for (uint32_t k = sn->first; k < sn->first + sn->count; k++) {
                mark(g, ir->snap_entries[k].val, i);
            }
        }
    }
}

/* What dies here; kept as lists by last use so that the pass stays linear. */
static void release_dead(Gen *g)
{
    for (uint32_t v = g->dead_head[g->at]; v; v = g->dead_next[v]) {
        release(g, v);
    }
}

bool jit_generate(const IrRegion *ir, Region *r, Emit *e)
{
    Gen gen = { .ir = ir, .r = r, .e = e }, *g = &gen;
    g_autofree VState *states = g_new0(VState, ir->node_count);
    g_autofree uint32_t *head = g_new0(uint32_t, ir->node_count), *next = g_new0(uint32_t, ir->node_count);

    g->v = states;
    g->dead_head = head;
    g->dead_next = next;
    g->pending = g_array_new(FALSE, FALSE, sizeof(Pending));
    g->exit_maps = g_array_new(FALSE, FALSE, sizeof(MapEntry));
    g->outs = g_array_new(FALSE, FALSE, sizeof(Out));
    g->maps = g_array_new(FALSE, FALSE, sizeof(MapEntry));
    g->sunk = g_array_new(FALSE, FALSE, sizeof(Sunk));
    g->carried_locs = g_array_new(FALSE, FALSE, sizeof(Loc));
    if (tcg_options.random_regalloc) {
        static __thread GRand *rand;
        if (!rand) {
            rand = g_rand_new_with_seed(tcg_options.random_seed);
        }
        g->rand = rand;
    }
    lifetimes(g);
    loop_plan(g);
    for (uint32_t i = 1; i < ir->node_count; i++) {
        if (states[i].last) {
            next[i] = head[states[i].last];
            head[states[i].last] = i;
        }
    }
    loop_enter(g);
    /* anything to look at? */
    rex(e, false, 0, 0, CPU, false);
    e8(e, 0x83);
    modrm(e, 7, CPU, offsetof(PowerPCCPU, poll));
    e8(e, 0);
    uint8_t *polled = jcc(e, CC_NE);

    for (uint32_t i = 1; i < ir->node_count && !g->failed; i++) {
        const IrNode *n = &ir->nodes[i];
        bool carry_kept = e->p == g->carry_at && (n->op == IR_SLOT || is_const_node(n));
        g->at = i;
        g->pinned[0] = g->pinned[1] = 0;
        if ((size_t)(e->end - e->p) < 65536) {
            g->failed = true;
            break;
        }
        switch (n->op) {
        case IR_CONST: case IR_FCONST: case IR_VCONST:
            break;
        case IR_CALL:
            if (!gen_call_direct(g, n)) {
                gen_call(g, n);
            }
            g->slots_stored |= stores_slots(ir, n);
            break;
        case IR_GUARD: gen_guard(g, n); break;
        case IR_EXIT_IF: gen_exit_if(g, n); break;
        case IR_EXIT: gen_exit(g, n); break;
        default:
            if (!states[i].sunk && !gen_int(g, n) && !gen_mem(g, n) && !gen_fp(g, n) && !gen_vec(g, n)) {
                gen_node_out(g, n);
            }
        }
        if (carry_kept) {       /* moves leave the flags alone */
            g->carry_at = e->p;
        }
        release_dead(g);
        if (n->type != IR_VOID && !states[i].last) {        /* nobody wants it */
            release(g, i);
        }
    }
    if (!g->failed) {
        gen_pending(g);
        patch32(polled, e->p);
        gen_polled_exit(g);
    }
    g_array_free(g->pending, TRUE);
    g_array_free(g->exit_maps, TRUE);
    g_array_free(g->outs, TRUE);
    g_array_free(g->maps, TRUE);
    g_array_free(g->sunk, TRUE);
    g_array_free(g->carried_locs, TRUE);
    return !g->failed;
}
