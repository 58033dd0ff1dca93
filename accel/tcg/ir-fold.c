/*
 * Local simplification: one rule a paragraph, tried when a pure node is about to be made.
 *
 * A rule may return an existing or simpler value, or rewrite the node in place. What a rule needs to
 * know about an operand's range comes from zbits() (how many low bits can be set) and sbits() (how many
 * low bits determine it by sign extension), which look one level down only, so building stays linear.
 * Nodes are looked at in copies: making a constant may move the array.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/ir-build.h"
#include "accel/tcg/ir-eval.h"

bool ir_eval_const_cond(IrCond c, bool word, uint64_t a, uint64_t b)
{
    return ir_eval_cond(c, word, a, b);
}

static bool kon(Val v, uint64_t *k)
{
    return v.n && is_const(v, k);
}

static unsigned width(uint64_t k)
{
    return k ? 64 - __builtin_clzll(k) : 0;
}

/* The value is < 2^result. */
static unsigned zbits(Val v)
{
    const IrNode n_copy = *ir_node(v), *n = &n_copy;
    uint64_t k;

    switch (n->op) {
    case IR_CONST: return width(n->imm);
    case IR_SETCOND: case IR_FSETCOND: return 1;
    case IR_SLOT: return ir_slot_info[n->imm].type == IR_I64 && ir_slot_info[n->imm].bytes == 1 ? 1 : 64;
    case IR_LD: case IR_LDENV: return n->aux & MO_SIGN ? 64 : 8u << (n->size & 3);
    case IR_EXTU: case IR_BSWAP: return 8u << n->size;
    case IR_ROTL32: case IR_FCVTD2S: return 32;
    case IR_CLZ: case IR_CTZ: case IR_POPCNT: return 7;
    case IR_VMASK: return 16;
    case IR_AND:
        if (kon(n->a[1], &k)) {
            return width(k);
        }
        return 64;
    case IR_SHR:
        return kon(n->a[1], &k) ? 64 - (k & 63) : 64;
    default: return 64;
    }
}

/* The value equals the sign extension of its low `result` bits. */
static unsigned sbits(Val v)
{
    const IrNode n_copy = *ir_node(v), *n = &n_copy;

    if (n->op == IR_CONST) {
        int64_t k = n->imm;
        return k == (int8_t)k ? 8 : k == (int16_t)k ? 16 : k == (int32_t)k ? 32 : 64;
    }
    if (n->op == IR_EXTS) {
        return 8u << n->size;
    }
    if ((n->op == IR_LD || n->op == IR_LDENV) && n->aux & MO_SIGN) {
        return 8u << (n->size & 3);
    }
    unsigned z = zbits(v);
    return z < 64 ? z + 1 : 64;
}

bool ir_is_single(Val v)
{
    const IrNode *n = ir_node(v);

    switch (n->op) {
    case IR_FROUNDS: case IR_FCVTS2D: case IR_FADDS: case IR_FSUBS: case IR_FMULS: case IR_FDIVS: case IR_FSQRTS:
    case IR_FMADDS: case IR_FMSUBS:
        return true;
    case IR_FNEG: case IR_FABS: case IR_FNABS:
        return ir_is_single(n->a[0]);
    case IR_GUARD:
        return ir_builder.r->calls[n->imm].flags & IRC_SINGLE && ir_is_single(n->a[2]);
    default:
        return false;
    }
}

static Val fold_cond(IrNode *n)
{
    uint64_t a, b;
    bool ka = kon(n->a[0], &a), kb = kon(n->a[1], &b);

    if (ka && kb) {
        bool r = ir_eval_cond(n->cond, n->aux, a, b);
        return n->op == IR_SEL ? n->a[r ? 2 : 3] : iconst(r);
    }
    if (n->op == IR_SEL && n->a[2].n == n->a[3].n) {
        return n->a[2];
    }
    if (n->op == IR_SETCOND && kb && b == 0 && zbits(n->a[0]) == 1) {
        if (n->cond == C_NE) {
            return n->a[0];
        }
        const IrNode s_copy = *ir_node(n->a[0]), *s = &s_copy;
        if (n->cond == C_EQ && s->op == IR_SETCOND) {
            return ir_cond2(IR_SETCOND, ir_cond_invert(s->cond), s->aux, s->a[0], s->a[1]);
        }
    }
    if (n->op == IR_SEL) {
        ir_fuse_cond(n);
    }
    return VAL_NONE;
}

void ir_fuse_cond(IrNode *n)
{
    uint64_t k;
    IrCond c = n->cond;

    /* constant on the left: swap */
    if (kon(n->a[0], &k) && !kon(n->a[1], &k)) {
        static const IrCond swapped[] = { C_EQ, C_NE, C_GT, C_LE, C_GE, C_LT, C_GTU, C_LEU, C_GEU, C_LTU,
                                          C_TSTZ, C_TSTNZ };
        Val t = n->a[0];
        n->a[0] = n->a[1];
        n->a[1] = t;
        c = n->cond = swapped[c];
    }
    if (!kon(n->a[1], &k)) {
        return;
    }
    const IrNode s_copy = *ir_node(n->a[0]), *s = &s_copy;
    bool positive = (k == 0 && (c == C_NE || c == C_GTU)) || (k == 1 && (c == C_EQ || c == C_TSTNZ));
    bool negative = (k == 0 && (c == C_EQ || c == C_LEU)) || (k == 1 && (c == C_NE || c == C_TSTZ));
    if (s->op != IR_SETCOND || (!positive && !negative)) {
        return;
    }
    n->cond = positive ? s->cond : ir_cond_invert(s->cond);
    n->aux = s->aux;
    Val a = s->a[0], b = s->a[1];
    n->a[0] = a;
    n->a[1] = b;
}

/* x op constant */
static Val fold_right_const(IrNode *n, uint64_t k)
{
    Val x = n->a[0];
    const IrNode xn_copy = *ir_node(x), *xn = &xn_copy;
    uint64_t k2;

    switch (n->op) {
    case IR_ADD:
        if (k == 0) {
            return x;
        }
        if (xn->op == IR_ADD && kon(xn->a[1], &k2)) {
            return add(xn->a[0], iconst(k + k2));
        }
        break;
    case IR_SUB:
        return add(x, iconst(-k));
    case IR_MUL:
        if (k == 0) {
            return iconst(0);
        }
        if ((k & (k - 1)) == 0) {
            return shli(x, __builtin_ctzll(k));
        }
        break;
    case IR_AND:
        if (k == 0) {
            return iconst(0);
        }
        if ((k & (k + 1)) == 0 && zbits(x) <= width(k)) {   /* a low mask that keeps everything */
            return x;
        }
        if (xn->op == IR_AND && kon(xn->a[1], &k2)) {
            return band(xn->a[0], iconst(k & k2));
        }
        if (xn->op == IR_ROTL && kon(xn->a[1], &k2) && k2 & 63) {     /* a rotation that loses what comes around */
            if (k == UINT64_MAX << (k2 & 63)) {
                return shl(xn->a[0], iconst(k2 & 63));
            }
            if (k == UINT64_MAX >> (64 - (k2 & 63))) {
                return shr(xn->a[0], iconst(64 - (k2 & 63)));
            }
        }
        if (k == 0xff) {
            return extu8(x);
        }
        if (k == 0xffff) {
            return extu16(x);
        }
        if (k == 0xffffffff) {
            return extu32(x);
        }
        break;
    case IR_ANDC:
        return band(x, iconst(~k));
    case IR_OR:
        if (k == 0) {
            return x;
        }
        if (k == UINT64_MAX) {
            return iconst(k);
        }
        break;
    case IR_XOR:
        if (k == 0) {
            return x;
        }
        if (k == UINT64_MAX) {
            return bnot(x);
        }
        if (k == 1 && xn->op == IR_SETCOND) {
            return ir_cond2(IR_SETCOND, ir_cond_invert(xn->cond), xn->aux, xn->a[0], xn->a[1]);
        }
        break;
    case IR_SHL: case IR_SHR: case IR_SAR: case IR_ROTL:
        if ((k & 63) == 0) {
            return x;
        }
        if (n->op == IR_SHR && zbits(x) <= (k & 63)) {
            return iconst(0);
        }
        if (n->op == IR_ROTL && xn->op == IR_ROTL && kon(xn->a[1], &k2)) {
            return rotl(xn->a[0], iconst((k + k2) & 63));
        }
        break;
    case IR_ROTL32:
        if ((k & 31) == 0) {
            return extu32(x);
        }
        break;
    default:
        break;
    }
    return VAL_NONE;
}

static Val fold_same(IrNode *n)
{
    switch (n->op) {
    case IR_SUB: case IR_XOR: case IR_ANDC: return iconst(0);
    case IR_AND: case IR_OR: case IR_VAND: case IR_VOR: return n->a[0];
    case IR_VXOR: case IR_VANDC: return vconst(0, 0);
    default: return VAL_NONE;
    }
}

/* Where byte k (book numbering) of a value comes from, through one shuffle. */
static Val byte_source(Val v, unsigned k, unsigned *byte)
{
    const IrNode *n = ir_node(v);

    if (n->op == IR_VSHUF) {
        unsigned c = V_B(ir_builder.r->pool[n->imm], k);
        *byte = c & 15;
        return n->a[c / 16];
    }
    *byte = k;
    return v;
}

/* A shuffle of shuffles is a shuffle, as long as two sources are enough; one that moves nothing is its source. */
static Val fold_shuffle(IrNode *n)
{
    V128 c = ir_builder.r->pool[n->imm];
    Val src[2] = { VAL_NONE, VAL_NONE };
    uint8_t control[16];
    bool same = true, identity = true;

    for (unsigned i = 0; i < 16; i++) {
        unsigned k = V_B(c, i), byte, s;
        Val v = byte_source(n->a[k / 16], k & 15, &byte);
        for (s = 0; s < 2 && src[s].n && src[s].n != v.n; s++) {
        }
        if (s == 2) {
            return VAL_NONE;
        }
        src[s] = v;
        control[i] = 16 * s + byte;
        same &= control[i] == k;
        identity &= control[i] == i;
    }
    if (identity) {
        return src[0];
    }
    if (!src[1].n) {
        src[1] = src[0];
    }
    if (same && src[0].n == n->a[0].n && src[1].n == n->a[1].n) {
        return VAL_NONE;
    }
    return vshuf(src[0], src[1], control);
}

/* The doubleword of a shuffle's source that doubleword d of its result is, or none. */
static Val whole_doubleword(const IrNode *shuffle, unsigned d)
{
    V128 c = ir_builder.r->pool[shuffle->imm];
    unsigned first = V_B(c, 8 * d);

    for (unsigned i = 0; i < 8; i++) {
        if (first % 8 || V_B(c, 8 * d + i) != first + i) {
            return VAL_NONE;
        }
    }
    return first & 8 ? v2i_lo(shuffle->a[first / 16]) : v2i_hi(shuffle->a[first / 16]);
}

/* x op (y op y'): only where the second operand's shape matters. */
static Val fold_unary(IrNode *n)
{
    Val x = n->a[0];
    const IrNode xn_copy = *ir_node(x), *xn = &xn_copy;

    switch (n->op) {
    case IR_EXTU:
        if (zbits(x) <= (8u << n->size)) {
            return x;
        }
        if ((xn->op == IR_EXTU || xn->op == IR_EXTS) && xn->size >= n->size) {
            return ir_op1(IR_EXTU, n->size, 0, xn->a[0]);
        }
        break;
    case IR_EXTS:
        if (sbits(x) <= (8u << n->size)) {
            return x;
        }
        if ((xn->op == IR_EXTU || xn->op == IR_EXTS) && xn->size >= n->size) {
            return ir_op1(IR_EXTS, n->size, 0, xn->a[0]);
        }
        break;
    case IR_NOT: case IR_NEG: case IR_FNEG: case IR_VNOT:
        if (xn->op == n->op) {
            return xn->a[0];
        }
        break;
    case IR_F2I:
        if (xn->op == IR_I2F) {
            return xn->a[0];
        }
        if (xn->op == IR_FCONST) {
            return iconst(xn->imm);
        }
        if (xn->op == IR_V2F) {
            return v2i_hi(xn->a[0]);
        }
        break;
    case IR_I2F:
        if (xn->op == IR_F2I) {
            return xn->a[0];
        }
        if (xn->op == IR_CONST) {
            return fconst(xn->imm);
        }
        break;
    case IR_V2F:
        if (xn->op == IR_F2V) {
            return xn->a[0];
        }
        if (xn->op == IR_I2V) {
            return i2f(xn->a[0]);
        }
        break;
    case IR_V2IHI:
        if (xn->op == IR_F2V) {
            return f2i(xn->a[0]);
        }
        if (xn->op == IR_I2V) {
            return xn->a[0];
        }
        if (xn->op == IR_VSHUF) {
            return whole_doubleword(xn, 0);
        }
        break;
    case IR_V2ILO:
        if (xn->op == IR_F2V) {
            return iconst(0);
        }
        if (xn->op == IR_I2V) {
            return xn->a[1];
        }
        if (xn->op == IR_VSHUF) {
            return whole_doubleword(xn, 1);
        }
        break;
    default:
        break;
    }
    return VAL_NONE;
}

/* With a carry that is known, or nothing to add but it, an addition is a plain one. */
static Val fold_carry(IrNode *n)
{
    uint64_t k;
    bool sum = n->op == IR_ADC;

    if (kon(n->a[0], &k) || (!kon(n->a[1], &k) && n->a[0].n > n->a[1].n)) {
        Val t = n->a[0];
        n->a[0] = n->a[1];
        n->a[1] = t;
    }
    const Val a = n->a[0], b = n->a[1], c = n->a[2];
    if (kon(c, &k)) {
        Val r = add(add(a, b), c);
        return sum ? r : setcond(k ? C_LEU : C_LTU, r, a);
    }
    if (kon(b, &k) && k == 0) {
        return sum ? add(a, c) : setcond(C_LTU, add(a, c), c);
    }
    return VAL_NONE;
}

Val ir_fold(IrNode *n)
{
    const IrOpInfo *info = &ir_op_info[n->op];
    uint64_t a = 0, b = 0, r;

    if (n->op == IR_SETCOND || n->op == IR_SEL) {
        return fold_cond(n);
    }
    if (n->op == IR_ADC || n->op == IR_ADCC) {
        return fold_carry(n);
    }
    if (n->op == IR_VSHUF) {
        return fold_shuffle(n);
    }
    if (n->op == IR_VSEL) {
        const IrNode m = *ir_node(n->a[0]);
        return n->a[1].n == n->a[2].n ? n->a[1] : m.op == IR_VNOT ? vsel(m.a[0], n->a[2], n->a[1]) : VAL_NONE;
    }
    if (n->op == IR_VXOR) {
        /* a constant takes over the complement */
        const IrNode x = *ir_node(n->a[0]), y = *ir_node(n->a[1]);
        if ((x.op == IR_VCONST && y.op == IR_VNOT) || (x.op == IR_VNOT && y.op == IR_VCONST)) {
            V128 k = ir_builder.r->pool[x.op == IR_VCONST ? x.imm : y.imm];
            return vxor(x.op == IR_VNOT ? x.a[0] : y.a[0], vconst(~V_D(k, 0), ~V_D(k, 1)));
        }
    }
    if (n->op == IR_VAND || n->op == IR_VANDC) {
        /* a & ~b, as one */
        const IrNode x = *ir_node(n->a[0]), y = *ir_node(n->a[1]);
        if (y.op == IR_VNOT) {
            return n->op == IR_VAND ? vandc(n->a[0], y.a[0]) : vand(n->a[0], y.a[0]);
        }
        if (x.op == IR_VNOT && n->op == IR_VAND) {
            return vandc(n->a[1], x.a[0]);
        }
    }
    if (info->nargs == 1) {
        if (kon(n->a[0], &a) && ir_eval_int(n->op, n->size, a, 0, &r)) {
            return iconst(r);
        }
        return fold_unary(n);
    }
    if (info->nargs != 2) {
        return VAL_NONE;
    }
    bool ka = kon(n->a[0], &a), kb = kon(n->a[1], &b);
    if (ka && kb && ir_eval_int(n->op, n->size, a, b, &r)) {
        return iconst(r);
    }
    if (info->commutative && ((ka && !kb) || (!ka && !kb && n->a[0].n > n->a[1].n))) {
        Val t = n->a[0];
        n->a[0] = n->a[1];
        n->a[1] = t;
        bool tk = ka;
        ka = kb;
        kb = tk;
        b = a;
    }
    if (kb) {
        Val v = fold_right_const(n, b);
        if (v.n) {
            return v;
        }
    }
    if (ka && a == 0) {
        switch (n->op) {
        case IR_SUB: return neg(n->a[1]);
        case IR_SHL: case IR_SHR: case IR_SAR: case IR_ROTL: case IR_ROTL32: case IR_ANDC: return iconst(0);
        default: break;
        }
    }
    if (n->a[0].n == n->a[1].n) {
        return fold_same(n);
    }
    return VAL_NONE;
}
