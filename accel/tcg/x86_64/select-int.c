/*
 * Integer operations, comparisons, guest registers and environment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/select.h"
#include "target/ppc/cpu.h"

int cc_of(IrCond c, bool bit)
{
    static const uint8_t cc[] = { CC_E, CC_NE, CC_L, CC_GE, CC_LE, CC_G, CC_B, CC_AE, CC_BE, CC_A, CC_E, CC_NE };

    return bit ? (c == C_TSTNZ ? CC_B : CC_AE) : cc[c];
}

/* `n` is the sum of `b` and something, and carries out if it is less than that. */
static bool is_carry(const Gen *g, const IrNode *n)
{
    const IrNode *s = &g->ir->nodes[n->a[0].n];

    return n->op == IR_SETCOND && n->cond == C_LTU && !n->aux && s->op == IR_ADD && (s->a[0].n == n->a[1].n || s->a[1].n == n->a[1].n);
}

int emit_compare(Gen *g, IrCond c, bool word, Val a, Val b, bool keep)
{
    const IrNode *bn = &g->ir->nodes[b.n];
    bool is_k = bn->op == IR_CONST && (word || (int64_t)bn->imm == (int32_t)bn->imm);
    int32_t k = is_k ? (int32_t)bn->imm : 0;

    if (g->v[a.n].fused) {
        return emit_fcompare(g, &g->ir->nodes[a.n], c == C_NE);
    }
    if (is_k && k == 0 && !word && (c == C_EQ || c == C_NE) && g->flags_of == a.n && g->flags_at == g->e->p) {
        return cc_of(c, false);
    }
    int ra = use(g, a);

    if (c == C_TSTZ || c == C_TSTNZ) {
        if (!word && bn->op == IR_CONST && is_high_bit(bn->imm)) {
            bt_ri(g->e, ra, __builtin_ctzll(bn->imm));
            return cc_of(c, true);
        }
        if (is_k) {
            test_ri(g->e, !word, ra, k);
        } else {
            test_rr(g->e, !word, ra, use(g, b));
        }
    } else if (is_k && k == 0) {
        test_rr(g->e, !word, ra, ra);
        /* test clears carry: unsigned conditions against zero read as they should */
    } else if (is_k) {
        alu_ri(g->e, !word, 7, ra, k);
    } else {
        int rb = use(g, b);
        alu_rr(g->e, !word, 7, ra, rb);
    }
    return cc_of(c, false);
}

static void flags_are_of(Gen *g, uint32_t node)
{
    g->flags_of = node;
    g->flags_at = g->e->p;
}

/* Does the next node that makes code ask for the flags of this one? */
static bool flags_wanted(const Gen *g)
{
    uint32_t i = g->at + 1;

    while (i < g->ir->node_count && g->ir->nodes[i].op == IR_CONST) {
        i++;
    }
    const IrNode *n = &g->ir->nodes[i];
    bool compares = i < g->ir->node_count && (n->op == IR_SETCOND || n->op == IR_SEL || n->op == IR_EXIT_IF) && n->a[0].n == g->at;
    const IrNode *k = &g->ir->nodes[n->a[1].n];
    return compares && (is_carry(g, n) || ((n->cond == C_EQ || n->cond == C_NE) && !n->aux && k->op == IR_CONST && k->imm == 0));
}

static void binary(Gen *g, const IrNode *n, int alu)
{
    int32_t k;

    if (imm32(g, n->a[1], &k)) {
        int a = use(g, n->a[0]), d = def(g, n->a[0]);
        if (alu == 0 && d != a && !flags_wanted(g)) {
            op_rm(g->e, true, 0x8d, d, a, k);       /* lea */
            return;
        }
        mov_rr(g->e, d, a);
        alu_ri(g->e, true, alu, d, k);
        flags_are_of(g, g->at);
        return;
    }
    int a = use(g, n->a[0]), b = use(g, n->a[1]);
    if (alu == 0 && g->v[n->a[0].n].last != g->at && g->v[n->a[1].n].last == g->at) {
        int t = a;                                  /* the other operand's register can be had */
        a = b;
        b = t;
    }
    int d = def(g, a == g->v[n->a[0].n].reg ? n->a[0] : n->a[1]);
    if (d == b && d != a) {                         /* cannot happen: only a's register is reused */
        g_assert_not_reached();
    }
    if (alu == 0 && d != a && !flags_wanted(g)) {
        lea_rr(g->e, d, a, b);
        return;
    }
    mov_rr(g->e, d, a);
    alu_rr(g->e, true, alu, d, b);
    flags_are_of(g, g->at);
}

/* ---- additions with carry ---- */

/* Between the node that makes the carry and `to` there is nothing but moves. */
static bool only_moves(const Gen *g, uint32_t from, uint32_t to)
{
    for (uint32_t i = from + 1; i < to; i++) {
        const IrNode *n = &g->ir->nodes[i];
        if (n->op != IR_CONST && n->op != IR_SLOT) {
            return false;
        }
    }
    return true;
}

static bool has_carry_out(const Gen *g, uint32_t adc)
{
    const IrNode *n = &g->ir->nodes[adc], *c = n + 1;

    return adc + 1 < g->ir->node_count && c->op == IR_ADCC && !memcmp(n->a, c->a, 3 * sizeof(Val));
}

void plan_carry(Gen *g, uint32_t adc)
{
    const IrNode *n = &g->ir->nodes[adc], *c = &g->ir->nodes[n->a[2].n];
    uint32_t at = n->a[2].n;
    bool made_by_add = is_carry(g, c) && c->a[0].n == at - 1;
    bool made_by_adc = c->op == IR_ADCC && has_carry_out(g, at - 1) && g->ir->nodes[at - 1].op == IR_ADC;

    g->v[at].fused = (made_by_add || made_by_adc) && !c->snap_uses && c->uses == 1 + has_carry_out(g, adc)
        && only_moves(g, at, adc) && g->ir->nodes[n->a[0].n].op != IR_CONST;
}

static void carry_is(Gen *g, uint32_t node)
{
    g->carry_of = node;
    g->carry_at = g->e->p;
}

static void adc_(Gen *g, const IrNode *n)
{
    int32_t k = 0;
    bool is_k = imm32(g, n->a[1], &k), fused = g->v[n->a[2].n].fused;
    /* What brings the operands are moves then; a constant zero, which is made otherwise, is an immediate operand. */
    bool live = g->carry_of == n->a[2].n && g->carry_at == g->e->p && g->ir->nodes[n->a[0].n].op != IR_CONST;

    g_assert(live || !fused);
    int a = use(g, n->a[0]), b = is_k ? -1 : use(g, n->a[1]), c = live ? -1 : use(g, n->a[2]), d = def(g, n->a[0]);
    mov_rr(g->e, d, a);
    if (!live) {
        bt_ri(g->e, c, 0);
    }
    if (is_k) {
        alu_ri(g->e, true, 2, d, k);
    } else {
        alu_rr(g->e, true, 2, d, b);
    }
    flags_are_of(g, g->at);
}

static void carry_to(Gen *g)
{
    if (!g->v[g->at].fused) {
        int d = def(g, VAL_NONE);
        op_rr8(g->e, 0x0f90 | CC_B, 0, RAX);
        op_rr8(g->e, 0x0fb6, d, RAX);
    }
    carry_is(g, g->at);
}

static void adcc_(Gen *g, const IrNode *n)
{
    if (g->flags_of != g->at - 1 || g->flags_at != g->e->p || !has_carry_out(g, g->at - 1)) {
        int a = use(g, n->a[0]), b = use(g, n->a[1]), c = use(g, n->a[2]);
        mov_rr(g->e, RAX, a);
        bt_ri(g->e, c, 0);
        alu_rr(g->e, true, 2, RAX, b);
    }
    carry_to(g);
}

static void shift(Gen *g, const IrNode *n, int op, int pp)
{
    const IrNode *b = &g->ir->nodes[n->a[1].n];

    if (b->op == IR_CONST) {
        int a = use(g, n->a[0]), d = def(g, n->a[0]);
        mov_rr(g->e, d, a);
        shift_ri(g->e, true, op, d, b->imm & 63);
        return;
    }
    int a = use(g, n->a[0]), c = use(g, n->a[1]), d = def(g, VAL_NONE);
    if (op == 0) {
        mov_rr(g->e, RCX, c);
        mov_rr(g->e, d, a);
        rex(g->e, true, 0, 0, d, false);
        e8(g->e, 0xd3);
        modrr(g->e, 0, d);
    } else {
        v_rrr(g->e, pp, 2, true, 0xf7, d, c, a);    /* shlx, shrx, sarx */
    }
}

static void rotl32_(Gen *g, const IrNode *n)
{
    const IrNode *b = &g->ir->nodes[n->a[1].n];
    int a = use(g, n->a[0]);

    if (b->op == IR_CONST) {
        int d = def(g, n->a[0]);
        op_rr(g->e, false, 0x89, a, d);             /* mov d32, a32 */
        shift_ri(g->e, false, 0, d, b->imm & 31);
        return;
    }
    int c = use(g, n->a[1]), d = def(g, VAL_NONE);
    mov_rr(g->e, RCX, c);
    op_rr(g->e, false, 0x89, a, d);
    rex(g->e, false, 0, 0, d, false);
    e8(g->e, 0xd3);
    modrr(g->e, 0, d);
}

static void extend(Gen *g, const IrNode *n, bool sign)
{
    int a = use(g, n->a[0]), d = def(g, n->a[0]);

    switch (n->size) {
    case 0: rex(g->e, sign, d, 0, a, true); opc(g->e, sign ? 0x0fbe : 0x0fb6); modrr(g->e, d, a); break;
    case 1: op_rr(g->e, sign, sign ? 0x0fbf : 0x0fb7, d, a); break;
    default:
        if (sign) {
            op_rr(g->e, true, 0x63, d, a);
        } else {
            op_rr(g->e, false, 0x89, a, d);
        }
    }
}

static void bswap_to(Gen *g, int d, unsigned size)
{
    rex(g->e, size == 3, 0, 0, d, false);
    e8(g->e, 0x0f);
    e8(g->e, 0xc8 | (d & 7));
    if (size == 1) {
        shift_ri(g->e, false, 5, d, 16);
    }
}

static void muldiv(Gen *g, const IrNode *n)
{
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);
    bool rem = n->op == IR_REMS || n->op == IR_REMU, high = n->op == IR_MULHS || n->op == IR_MULHU;
    int ext = n->op == IR_MULHS ? 5 : n->op == IR_MULHU ? 4 : n->op == IR_DIVS || n->op == IR_REMS ? 7 : 6;

    mov_rr(g->e, RAX, a);
    if (ext == 7) {
        e8(g->e, 0x48);
        e8(g->e, 0x99);                             /* cqo */
    } else if (ext == 6) {
        op_rr(g->e, false, 0x31, RDX, RDX);
    }
    rex(g->e, true, 0, 0, b, false);
    e8(g->e, 0xf7);
    modrr(g->e, ext, b);
    mov_rr(g->e, d, rem || high ? RDX : RAX);
}

static void select_(Gen *g, const IrNode *n)
{
    int t = use(g, n->a[2]), f = use(g, n->a[3]), cc = emit_compare(g, n->cond, n->aux, n->a[0], n->a[1], true);
    int d = def(g, VAL_NONE);

    mov_rr(g->e, d, f);
    op_rr(g->e, true, 0x0f40 | cc, d, t);
}

static void setcond_(Gen *g, const IrNode *n)
{
    if (is_carry(g, n) && g->flags_of == n->a[0].n && g->flags_at == g->e->p) {
        carry_to(g);
        return;
    }
    int cc = emit_compare(g, n->cond, n->aux, n->a[0], n->a[1], true), d = def(g, VAL_NONE);

    op_rr8(g->e, 0x0f90 | cc, 0, RAX);
    op_rr8(g->e, 0x0fb6, d, RAX);
}

void load_slot(Gen *g, unsigned slot, int d)
{
    const IrSlotInfo *s = &ir_slot_info[slot];

    if (s->type == IR_V128) {
        vload(g->e, d, CPU, s->offset);
    } else if (s->type == IR_F64) {
        vload64(g->e, d, CPU, s->offset);
    } else if (s->bytes == 1) {
        op_rm(g->e, false, 0x0fb6, d, CPU, s->offset);
    } else {
        load64(g->e, d, CPU, s->offset);
    }
}

void gen_slot(Gen *g, const IrNode *n)
{
    load_slot(g, n->imm, def(g, VAL_NONE));
}

static void env_load(Gen *g, const IrNode *n)
{
    static const uint16_t zero[] = { 0x0fb6, 0x0fb7, 0x8b, 0x8b }, sign[] = { 0x0fbe, 0x0fbf, 0x63, 0x8b };
    int d = def(g, VAL_NONE);
    bool s = n->aux & MO_SIGN;

    op_rm(g->e, s || n->size == 3, s ? sign[n->size] : zero[n->size], d, CPU, n->imm);
}

static void env_store(Gen *g, const IrNode *n)
{
    int a = use(g, n->a[0]);

    if (n->size == 0) {
        store8(g->e, a, CPU, n->imm);
        return;
    }
    if (n->size == 1) {
        e8(g->e, 0x66);
    }
    op_rm(g->e, n->size == 3, 0x89, a, CPU, n->imm);
}

static void unary(Gen *g, const IrNode *n, int ext)
{
    int a = use(g, n->a[0]), d = def(g, n->a[0]);

    mov_rr(g->e, d, a);
    rex(g->e, true, 0, 0, d, false);
    e8(g->e, 0xf7);
    modrr(g->e, ext, d);
}

static void counted(Gen *g, const IrNode *n, unsigned op)
{
    int a = use(g, n->a[0]), d = def(g, VAL_NONE);

    e8(g->e, 0xf3);
    op_rr(g->e, true, op, d, a);
}

bool gen_int(Gen *g, const IrNode *n)
{
    switch (n->op) {
    case IR_SLOT:
        if (!g->v[g->at].carried) {
            gen_slot(g, n);
        }
        return true;
    case IR_LDENV: env_load(g, n); return true;
    case IR_STENV: env_store(g, n); return true;
    case IR_LDENVX: vload(g->e, def(g, VAL_NONE), CPU, n->imm); return true;
    case IR_STENVX: vstore(g->e, use(g, n->a[0]), CPU, n->imm); return true;
    case IR_ADC: adc_(g, n); return true;
    case IR_ADCC: adcc_(g, n); return true;
    case IR_ADD: binary(g, n, 0); return true;
    case IR_OR: binary(g, n, 1); return true;
    case IR_AND: binary(g, n, 4); return true;
    case IR_SUB: binary(g, n, 5); return true;
    case IR_XOR: binary(g, n, 6); return true;
    case IR_ANDC: {
        int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);
        v_rrr(g->e, 0, 2, true, 0xf2, d, b, a);     /* andn: ~b & a */
        return true;
    }
    case IR_NOT: unary(g, n, 2); return true;
    case IR_NEG: unary(g, n, 3); return true;
    case IR_MUL: {
        int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, n->a[0]);
        mov_rr(g->e, d, a);
        op_rr(g->e, true, 0x0faf, d, b);
        return true;
    }
    case IR_MULHS: case IR_MULHU: case IR_DIVS: case IR_DIVU: case IR_REMS: case IR_REMU: muldiv(g, n); return true;
    case IR_SHL: shift(g, n, 4, 1); return true;
    case IR_SHR: shift(g, n, 5, 3); return true;
    case IR_SAR: shift(g, n, 7, 2); return true;
    case IR_ROTL: shift(g, n, 0, 0); return true;
    case IR_ROTL32: rotl32_(g, n); return true;
    case IR_EXTS: extend(g, n, true); return true;
    case IR_EXTU: extend(g, n, false); return true;
    case IR_BSWAP: {
        int a = use(g, n->a[0]), d = def(g, n->a[0]);
        mov_rr(g->e, d, a);
        bswap_to(g, d, n->size);
        return true;
    }
    case IR_CLZ:
        if (!jit_have_lzcnt) {
            return false;
        }
        counted(g, n, 0x0fbd);
        return true;
    case IR_CTZ: counted(g, n, 0x0fbc); return true;
    case IR_POPCNT: counted(g, n, 0x0fb8); return true;
    case IR_PDEP: case IR_PEXT: {
        int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);
        v_rrr(g->e, n->op == IR_PDEP ? 3 : 2, 2, true, 0xf5, d, a, b);
        return true;
    }
    case IR_SETCOND: setcond_(g, n); return true;
    case IR_SEL: select_(g, n); return true;
    case IR_FENCE:
        if (n->aux) {
            e8(g->e, 0xf0);                         /* lock or dword [rsp], 0: cheaper than mfence */
            e8(g->e, 0x83);
            modrm(g->e, 1, RSP, 0);
            e8(g->e, 0);
        }
        return true;
    default: return false;
    }
}
