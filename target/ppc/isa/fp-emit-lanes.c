/*
 * Floating-point operations on the lanes of a vector as IR: see fp-emit.h, and fp-emit.c for the range checks. One guard looks at all lanes; if any
 * fails it, the exact library computes all of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit-int.h"

static Val vector_cold(uint32_t desc, IrCond cond, Val x, Val y, Val fast, Val a, Val b, Val c)
{
    return GUARD(cond, x, y, fast, helper_vfp_cold, "xeixxx", IRC_STATE, iconst(desc), a, b, c);
}

static Val splat_one(unsigned lane)
{
    uint64_t d = lane == 3 ? FP_ONE : 0x3f8000003f800000ull;

    return vconst(d, d);
}

static Val sign_bits(unsigned lane)
{
    uint64_t d = lane == 3 ? 1ull << 63 : 0x8000000080000000ull;

    return vconst(d, d);
}

static Val vector_arithmetic(uint32_t desc, Val a, Val b, Val c)
{
    unsigned lane = FPD_SRC(desc) == FF_D ? 3 : 2;
    FpOp op = FPD_OP(desc);
    Val r, v, f = a, g = a, odd;

    switch (op) {
    case FPO_ADD:
        r = ir_op2(IR_VFADD, lane, 0, a, b);
        break;
    case FPO_SUB:
        r = ir_op2(IR_VFSUB, lane, 0, a, b);
        break;
    case FPO_MUL:
        r = ir_op2(IR_VFMUL, lane, 0, a, b);
        g = b;
        break;
    case FPO_DIV:
        r = ir_op2(IR_VFDIV, lane, 0, a, b);
        break;
    case FPO_SQRT:
        r = ir_op1(IR_VFSQRT, lane, 0, b);
        break;
    case FPO_RE:
        f = g = splat_one(lane);
        r = ir_op2(IR_VFDIV, lane, 0, f, b);
        break;
    case FPO_RSQRTE:
        r = ir_op2(IR_VFDIV, lane, 0, splat_one(lane), ir_op1(IR_VFSQRT, lane, 0, b));
        break;
    case FPO_MADD:
    case FPO_NMADD:
        r = ir_op3(IR_VFMADD, lane, 0, a, c, b);
        g = c;
        break;
    case FPO_MSUB:
    case FPO_NMSUB:
        r = ir_op3(IR_VFMSUB, lane, 0, a, c, b);
        g = c;
        break;
    default:
        return VAL_NONE;
    }
    v = op == FPO_NMADD || op == FPO_NMSUB ? vxor(r, sign_bits(lane)) : r;
    /* As for scalars: see arithmetic(). */
    odd = op == FPO_ADD || op == FPO_SUB || op == FPO_SQRT || op == FPO_RSQRTE
        ? ir_op1(IR_VFINF, lane, 0, r) : ir_op3(IR_VFODD, lane, 0, r, f, g);
    return vector_cold(desc, C_NE, odd, iconst(0), v, a, b, c);
}

/* Every byte all ones: no NaN in either operand. */
static Val numbers_mask(unsigned lane, Val a, Val b)
{
    return vmask(vand(vfcmp(C_EQ, lane, a, a), vfcmp(C_EQ, lane, b, b)));
}

static Val vector_min_max(uint32_t desc, Val a, Val b)
{
    unsigned lane = FPD_SRC(desc) == FF_D ? 3 : 2;
    bool max = FPD_OP(desc) == FPO_MAX;
    IrOp op = max ? IR_VFMAX : IR_VFMIN;
    Val ab = ir_op2(op, lane, 0, a, b), ba = ir_op2(op, lane, 0, b, a);

    return vector_cold(desc, C_NE, numbers_mask(lane, a, b), iconst(0xffff), max ? vand(ab, ba) : vor(ab, ba), a, b, b);
}

static Val vector_round(uint32_t desc, Val b)
{
    unsigned lane = FPD_SRC(desc) == FF_D ? 3 : 2, rm = FPD_RM(desc);
    static const uint8_t mode[] = { [FP_NEAREST_EVEN] = 0, [FP_TO_ZERO] = 3, [FP_UP] = 2, [FP_DOWN] = 1 };
    Val r;

    if (rm == FP_NEAREST_AWAY) {
        return VAL_NONE;
    }
    r = ir_op1(IR_VFRINT, lane, FPD_OP(desc) == FPO_RINTX ? 4 : mode[rm == FPR_CURRENT ? FP_NEAREST_EVEN : rm], b);
    return vector_cold(desc, C_NE, ir_op1(IR_VFINF, lane, 0, r), iconst(0), r, b, b, b);
}

/* Doubleword i of a vector as an integer. */
static Val lane_bits(Val v, int i)
{
    return i ? v2i_lo(v) : v2i_hi(v);
}

/* Between words and doubles the words are the even ones. */
static const uint8_t even_words_last[16] = { 16, 16, 16, 16, 16, 16, 16, 16, 0, 1, 2, 3, 8, 9, 10, 11 };
static const uint8_t last_words_twice[16] = { 8, 9, 10, 11, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15 };

static Val even_words(Val b)
{
    return vshuf(b, vconst(0, 0), even_words_last);
}

/* The sign bits of lanes, of 0x8080 at most. */
static Val lane_signs(unsigned lane, Val v)
{
    return andi(vmask(v), lane == 3 ? 0x8080 : 0x8888);
}

/*
 * To words, truncating. Out of range the host gives INT32_MIN and no inexact flag, as long as nothing out of the range
 * of the book's answer reaches it: of an unsigned conversion, what is negative.
 */
static Val vector_to_words(uint32_t desc, Val b)
{
    unsigned lane = FPD_SRC(desc) == FF_D ? 3 : 2;
    bool is_signed = FPD_OP(desc) == FPO_TO_S;
    Val in = is_signed ? b : vandc(b, vop2(IR_VCMPGTS, lane, vconst(0, 0), b));
    Val r = ir_op1(IR_VFCVT, lane == 3 ? 3 : 1, 0, in), wrong;

    r = lane == 3 ? vshuf(r, r, last_words_twice) : r;
    wrong = vmask(vop2(IR_VCMPEQ, 2, r, vconst(0x8000000080000000, 0x8000000080000000)));
    return vector_cold(desc, C_NE, is_signed ? wrong : bor(wrong, lane_signs(lane, b)), iconst(0), r, b, b, b);
}

/* Words: exact as doubles; as singles inexact at most. */
static Val vector_from_words(uint32_t desc, Val b)
{
    bool to_double = FPD_DST(desc) == FF_D, is_signed = FPD_OP(desc) == FPO_FROM_S;
    uint64_t two52 = 0x4330000000000000;
    Val r;

    if (to_double) {
        return is_signed ? ir_op1(IR_VFCVT, 2, 0, even_words(b))
            : ir_op2(IR_VFSUB, 3, 0, vor(vopi(IR_VSHRI, 3, 32, b), vconst(two52, two52)), vconst(two52, two52));
    }
    r = ir_op1(IR_VFCVT, 0, 0, b);
    /* The guard of the signed one never fires: it keeps the inexact flag in view (see observed()). */
    return vector_cold(desc, C_EQ, is_signed ? lane_bits(b, 1) : setcond(C_EQ, lane_signs(2, b), iconst(0)),
                       iconst(is_signed ? INT32_MIN : 0), r, b, b, b);
}

/* Doublewords to doubles, one by one. */
static Val vector_from_doublewords(uint32_t desc, Val b)
{
    Val out[2], r;

    for (int i = 0; i < 2; i++) {
        out[i] = f2i(ir_op1(IR_FCVTI2D, 0, 0, lane_bits(b, i)));
    }
    r = i2v(out[0], out[1]);
    if (FPD_OP(desc) == FPO_FROM_U) {
        return vector_cold(desc, C_NE, lane_signs(3, b), iconst(0), r, b, b, b);
    }
    return vector_cold(desc, C_EQ, lane_bits(b, 1), iconst(INT32_MIN), r, b, b, b);
}

static Val vector_resize(uint32_t desc, Val b)
{
    Val r, zeros;

    if (FPD_DST(desc) == FF_D) {
        r = ir_op1(IR_VFCVT, 4, 0, even_words(b));
        return vector_cold(desc, C_NE, ir_op1(IR_VFINF, 3, 0, r), iconst(0), r, b, b, b);
    }
    r = ir_op1(IR_VFCVT, 5, 0, b);
    r = vshuf(r, r, last_words_twice);
    /* Zero where the operand is, a NaN elsewhere: the zero of an underflow will not do. */
    zeros = vnot(vfcmp(C_EQ, 3, b, vconst(0, 0)));
    return vector_cold(desc, C_NE, ir_op3(IR_VFODD, 2, 0, r, zeros, zeros), iconst(0), r, b, b, b);
}

static Val vector_convert(uint32_t desc, Val b)
{
    FpFmtId src = FPD_SRC(desc), dst = FPD_DST(desc);

    switch (FPD_OP(desc)) {
    case FPO_TO_S:
    case FPO_TO_U:
        return dst == FF_W && FPD_RM(desc) == FP_TO_ZERO ? vector_to_words(desc, b) : VAL_NONE;
    case FPO_FROM_S:
    case FPO_FROM_U:
        return src == FF_W ? vector_from_words(desc, b) : dst == FF_D ? vector_from_doublewords(desc, b) : VAL_NONE;
    case FPO_CVT:
        return (src == FF_D && dst == FF_S) || (src == FF_S && dst == FF_D) ? vector_resize(desc, b) : VAL_NONE;
    case FPO_RINT:
    case FPO_RINTX:
        return vector_round(desc, b);
    default:
        return VAL_NONE;
    }
}

void fp_vector(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned a, unsigned b, unsigned c)
{
    FpOp op = FPD_OP(desc);
    Val va, vb, vc, r;

    if (ctx->flags & RF_FPSLOW) {
        CALLV(helper_vfp_exec, "veii", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(desc),
              iconst(FP_REGS(t, a, b, c)));
        return;
    }
    vb = vsr(b);
    va = fp_reads_a(op) ? vsr(a) : vb;
    vc = fp_reads_c(op) ? vsr(c) : vb;
    r = op == FPO_MAX || op == FPO_MIN ? vector_min_max(desc, va, vb)
                                       : vector_arithmetic(desc, va, vb, vc);
    if (!r.n) {
        r = vector_convert(desc, vb);
    }
    if (!r.n) {
        r = CALL(helper_vfp_cold, "xeixxx", IRC_STATE, iconst(desc), va, vb, vc);
    }
    set_vsr(t, r);
}

void fp_vector_compare(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned a, unsigned b, bool rc)
{
    unsigned lane = FPD_SRC(desc) == FF_D ? 3 : 2;
    FpOp op = FPD_OP(desc);
    Val va, vb, r, m;

    if (ctx->flags & RF_FPSLOW) {
        CALLV(helper_vfp_exec, "veii", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(desc),
              iconst(FP_REGS(t, a, b, 0) | (rc ? FP_REGS_RC : 0)));
        return;
    }
    va = vsr(a);
    vb = vsr(b);
    r = vfcmp(op == FPO_EQ ? C_EQ : op == FPO_GT ? C_GT : C_GE, lane, va, vb);
    r = vector_cold(desc, C_NE, numbers_mask(lane, va, vb), iconst(0xffff), r, va, vb, vb);
    set_vsr(t, r);
    if (rc) {
        m = vmask(r);
        set_crbit(24, setcond(C_EQ, m, iconst(0xffff)));
        set_crbit(25, iconst(0));
        set_crbit(26, setcond(C_EQ, m, iconst(0)));
        set_crbit(27, iconst(0));
    }
}
