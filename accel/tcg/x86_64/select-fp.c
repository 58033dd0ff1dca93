/*
 * Scalar floating point, in AVX forms. What is missing here or on this host runs through gen_node_out().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/x86_64/host.h"
#include "accel/tcg/x86_64/select.h"

enum { PS = 0, PD = 1, SS = 2, SD = 3 };       /* prefixes as VEX.pp */

static bool two(Gen *g, const IrNode *n, int op)
{
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);

    v_rrr(g->e, SD, 1, false, op, d, a, b);
    return true;
}

static bool scalar_single(Gen *g, const IrNode *n, int op)
{
    int a = use(g, n->a[0]), b = ir_op_info[n->op].nargs > 1 ? use(g, n->a[1]) : a, d = def(g, VAL_NONE);

    v_rrr(g->e, SD, 1, false, 0x5a, 14, a, a);          /* vcvtsd2ss */
    v_rrr(g->e, SD, 1, false, 0x5a, 15, b, b);
    v_rrr(g->e, SS, 1, false, op, 15, 14, 15);
    v_rrr(g->e, SS, 1, false, 0x5a, d, 15, 15);         /* vcvtss2sd */
    return true;
}

static bool fused(Gen *g, const IrNode *n, int op, bool single)
{
    if (!jit_host.fma) {
        return false;
    }
    int a = use(g, n->a[0]), b = use(g, n->a[1]), c = use(g, n->a[2]), d = def(g, VAL_NONE);

    if (single) {
        v_rrr(g->e, SD, 1, false, 0x5a, 13, a, a);
        v_rrr(g->e, SD, 1, false, 0x5a, 14, b, b);
        v_rrr(g->e, SD, 1, false, 0x5a, 15, c, c);
        v_rrr(g->e, 1, 2, false, op, 13, 14, 15);
        v_rrr(g->e, SS, 1, false, 0x5a, d, 13, 13);
        return true;
    }
    vmov_rr(g->e, d, a);
    v_rrr(g->e, 1, 2, true, op, d, b, c);               /* 213: d = b * d +- c */
    return true;
}

static bool sign_bit(Gen *g, const IrNode *n)
{
    int a = use(g, n->a[0]), d = def(g, VAL_NONE);
    V128 sign = v128_make(0, 1ull << 63);

    if (n->op == IR_FABS) {
        v_rrk(g->e, PD, 1, false, 0xdb, d, a, v128_make(0, ~(1ull << 63)), 0);
    } else {
        v_rrk(g->e, PD, 1, false, n->op == IR_FNEG ? 0xef : 0xeb, d, a, sign, 0);
    }
    return true;
}

/* After vucomisd: LT and LE with the operands exchanged, so that unordered is false; EQ needs CC_E as well. */
static const uint8_t fcc[] = { [C_EQ] = CC_NP, [C_LT] = CC_A, [C_GT] = CC_A, [C_LE] = CC_AE, [C_GE] = CC_AE, [C_UN] = CC_P };

static void compare(Gen *g, IrCond c, int a, int b)
{
    bool swap = c == C_LT || c == C_LE;

    v_rrr(g->e, PD, 1, false, 0x2e, swap ? b : a, NOV, swap ? a : b);
}

/* al = 1 or 0 */
static void answer(Gen *g, IrCond c, int a, int b)
{
    compare(g, c, a, b);
    op_rr8(g->e, 0x0f90 | fcc[c], 0, RAX);
    if (c == C_EQ) {
        op_rr8(g->e, 0x0f90 | CC_E, 0, RCX);
        op_rr8(g->e, 0x20, RCX, RAX);                   /* and al, cl */
    }
}

static bool fsetcond_(Gen *g, const IrNode *n)
{
    int a = use(g, n->a[0]), b = use(g, n->a[1]), d = def(g, VAL_NONE);

    answer(g, n->cond, a, b);
    op_rr8(g->e, 0x0fb6, d, RAX);
    return true;
}

int emit_fcompare(Gen *g, const IrNode *n, bool holds)
{
    int a = use(g, n->a[0]), b = use(g, n->a[1]);

    if (n->cond == C_EQ) {
        v_rrr(g->e, SD, 1, false, 0xc2, 15, a, b);      /* vcmpeqsd */
        e8(g->e, 0);
        v_rrr(g->e, PD, 1, false, 0x7e, 15, NOV, RAX);
        test_rr(g->e, false, RAX, RAX);
        return holds ? CC_NE : CC_E;
    }
    compare(g, n->cond, a, b);
    return holds ? fcc[n->cond] : fcc[n->cond] ^ 1;
}

static int loc_to_xmm(Gen *g, const Loc *l, int scratch)
{
    switch (l->kind) {
    case LOC_XMM:
        return l->reg;
    case LOC_STACK:
        vload64(g->e, scratch, RSP, 16 * l->index);
        return scratch;
    default:
        g_assert(l->kind == LOC_CONST);
        v_load_k(g->e, scratch, v128_make(0, l->k));
        return scratch;
    }
}

void store_fcompare(Gen *g, const Sunk *k, bool byte, int32_t offset)
{
    int a = loc_to_xmm(g, &k->a, 14), b = loc_to_xmm(g, &k->b, 15);

    answer(g, k->cond, a, b);
    if (byte) {
        store8(g->e, RAX, CPU, offset);
    } else {
        op_rr8(g->e, 0x0fb6, RAX, RAX);
        store64(g->e, RAX, CPU, offset);
    }
}

static bool select_fp(Gen *g, const IrNode *n)
{
    int a = use(g, n->a[0]), b = use(g, n->a[1]), t = use(g, n->a[2]), f = use(g, n->a[3]), d = def(g, VAL_NONE);

    v_rrr(g->e, SD, 1, false, 0xc2, 15, a, b);          /* vcmpsd, quiet */
    e8(g->e, n->cond == C_EQ ? 0x00 : n->cond == C_GT ? 0x1e : 0x1d);
    v_rrr(g->e, PD, 3, false, 0x4b, d, f, t);           /* vblendvpd */
    e8(g->e, 15 << 4);
    return true;
}

/* Exponent field less imm; the way through two zeros is taken by a zero result only. */
static bool range(Gen *g, const IrNode *n)
{
    int r = use(g, n->a[0]), a = use(g, n->a[1]), b = use(g, n->a[2]), d = def(g, VAL_NONE);
    uint8_t *number, *done[2];

    vmovq_rx(g->e, d, r);
    alu_rr(g->e, true, 0, d, d);                        /* the sign is out */
    if (n->a[1].n == n->a[0].n) {
        done[0] = done[1] = jcc8(g->e, CC_E);
        number = NULL;
    } else {
        number = jcc8(g->e, CC_NE);
        vmovq_rx(g->e, RAX, a);
        alu_rr(g->e, true, 0, RAX, RAX);
        done[0] = jcc8(g->e, CC_E);
        vmovq_rx(g->e, RAX, b);
        alu_rr(g->e, true, 0, RAX, RAX);
        done[1] = jcc8(g->e, CC_E);
        patch8(number, g->e->p);
    }
    shift_ri(g->e, true, 5, d, 53);
    alu_ri(g->e, true, 5, d, n->imm);
    patch8(done[0], g->e->p);
    patch8(done[1], g->e->p);
    return true;
}

/*
 * See ir-ops.h. A tie is exact if r - b == p and r - p == b (minus: r + b == p and p - r == b), p being the product.
 * Hardly any result is a tie, so the rest is passed over.
 */
static bool tie(Gen *g, const IrNode *n)
{
    bool minus = n->aux & 1;
    int r = use(g, n->a[0]), a = use(g, n->a[1]), c = use(g, n->a[2]), b = use(g, n->a[3]), d = def(g, VAL_NONE);
    Emit *e = g->e;

    vmovq_rx(e, RAX, r);
    op_rr(e, false, 0x31, d, d);                        /* xor: 0 */
    alu_ri(e, false, 4, RAX, 0x1fffffff);
    alu_ri(e, false, 7, RAX, 0x10000000);
    uint8_t *none = jcc8(e, CC_NE);
    vmovq_rx(e, d, a);
    vmovq_rx(e, RAX, c);
    alu_rr(e, false, 1, d, RAX);
    vmovq_rx(e, RAX, b);
    alu_rr(e, false, 1, d, RAX);
    alu_ri(e, false, 4, d, 0x1fffffff);
    uint8_t *wide = jcc8(e, CC_NE);
    v_rrr(e, SD, 1, false, 0x59, 13, a, c);
    v_rrr(e, SD, 1, false, minus ? 0x58 : 0x5c, 14, r, b);
    v_rrr(e, SD, 1, false, 0xc2, 14, 14, 13);           /* vcmpneqsd */
    e8(e, 4);
    v_rrr(e, SD, 1, false, 0x5c, 15, minus ? 13 : r, minus ? r : 13);
    v_rrr(e, SD, 1, false, 0xc2, 15, 15, b);
    e8(e, 4);
    v_rrr(e, PD, 1, false, 0xeb, 14, 14, 15);
    vmovq_rx(e, d, 14);
    patch8(none, e->p);
    patch8(wide, e->p);
    return true;
}

bool gen_fp(Gen *g, const IrNode *n)
{
    int a, d;

    switch (n->op) {
    case IR_F2I: a = use(g, n->a[0]); vmovq_rx(g->e, def(g, VAL_NONE), a); return true;
    case IR_I2F: a = use(g, n->a[0]); vmovq_xr(g->e, def(g, VAL_NONE), a); return true;
    case IR_FADD: return two(g, n, 0x58);
    case IR_FSUB: return two(g, n, 0x5c);
    case IR_FMUL: return two(g, n, 0x59);
    case IR_FDIV: return two(g, n, 0x5e);
    case IR_FSQRT: a = use(g, n->a[0]); v_rrr(g->e, SD, 1, false, 0x51, def(g, VAL_NONE), a, a); return true;
    case IR_FADDS: return scalar_single(g, n, 0x58);
    case IR_FSUBS: return scalar_single(g, n, 0x5c);
    case IR_FMULS: return scalar_single(g, n, 0x59);
    case IR_FDIVS: return scalar_single(g, n, 0x5e);
    case IR_FSQRTS: return scalar_single(g, n, 0x51);
    case IR_FMADD: return fused(g, n, 0xa9, false);
    case IR_FMSUB: return fused(g, n, 0xab, false);
    case IR_FMADDS: return fused(g, n, 0xa9, true);
    case IR_FMSUBS: return fused(g, n, 0xab, true);
    case IR_FNEG: case IR_FABS: case IR_FNABS: return sign_bit(g, n);
    case IR_FSETCOND: return fsetcond_(g, n);
    case IR_FMAX: return two(g, n, 0x5f);
    case IR_FMIN: return two(g, n, 0x5d);
    case IR_FSEL: return select_fp(g, n);
    case IR_FRANGE: return range(g, n);
    case IR_FTIE: return tie(g, n);
    case IR_FROUNDS:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, SD, 1, false, 0x5a, 15, a, a);
        v_rrr(g->e, SS, 1, false, 0x5a, d, 15, 15);
        return true;
    case IR_FCVTS2D:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 1, false, 0x6e, 15, NOV, a);
        v_rrr(g->e, SS, 1, false, 0x5a, d, 15, 15);
        return true;
    case IR_FCVTD2S:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, SD, 1, false, 0x5a, 15, a, a);
        v_rrr(g->e, PD, 1, false, 0x7e, 15, NOV, d);
        return true;
    case IR_FCVTI2D:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 1, false, 0xef, d, d, d);
        v_rrr(g->e, SD, 1, true, 0x2a, d, d, a);
        return true;
    case IR_FCVTD2I: a = use(g, n->a[0]); d = def(g, VAL_NONE); v_rrr(g->e, SD, 1, true, 0x2c, d, NOV, a); return true;
    case IR_FRINT:
        a = use(g, n->a[0]);
        d = def(g, VAL_NONE);
        v_rrr(g->e, PD, 3, false, 0x0b, d, a, a);
        e8(g->e, 8 | (n->aux & 3));
        return true;
    default: return false;
    }
}
