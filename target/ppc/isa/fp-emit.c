/*
 * Floating-point operations as IR: see fp-emit.h.
 *
 * The range checks are what makes host arithmetic exact. Under round-to-nearest a result whose
 * exponent lies inside the format's normal range, above its smallest binade, came from numbers (a
 * NaN or infinity would show), did not overflow and was not tiny before rounding. What is left to
 * report is inexactness, and the host keeps that flag itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

#define ONE 0x3ff0000000000000ull

static void owe(uint32_t desc, Val a, Val b, Val c)
{
    if (FPD_UPD(desc)) {
        slot_set(SLOT_FPOP, iconst(desc));
        if (a.n) {
            slot_set(SLOT_FPA, a);
        }
        if (b.n) {
            slot_set(SLOT_FPB, b);
        }
        if (c.n) {
            slot_set(SLOT_FPC, c);
        }
        slot_set(SLOT_FPQ, iconst(0));
    }
}

void fp_set_cr1(void)
{
    set_crf(1, CALL(helper_fpscr_cr1, "ie", IRC_STATE));
}

static Val cold(uint32_t desc, IrCond cond, Val x, Val y, Val fast, Val a, Val b, Val c)
{
    unsigned flags = IRC_STATE | (FPD_DST(desc) == FF_SD ? IRC_SINGLE : 0);

    return GUARD(cond, x, y, fast, helper_fp_cold, "feifff", flags, iconst(desc), a, b, c);
}

static Val exponent(Val bits)
{
    return shri(shli(bits, 1), 53);
}

/* Does the instruction read operand a (c)? */
static bool has_a(FpOp op)
{
    return op <= FPO_DIV || (op >= FPO_MADD && op <= FPO_NMSUB) || op >= FPO_MAX;
}

static bool has_c(FpOp op)
{
    return op >= FPO_MADD && op <= FPO_NMSUB;
}

/*
 * Arithmetic whose result is a double. Sums of numbers, and roots, are never tiny and inexact, so only
 * NaN and infinity need the exact library; a product or quotient must lie above the smallest binade,
 * or be the zero of a zero factor.
 */
static Val arithmetic(uint32_t desc, Val a, Val b, Val c)
{
    FpOp op = FPD_OP(desc);
    Val r, v, f = a, g = a;

    switch (op) {
    case FPO_ADD:
        r = fadd_(a, b);
        break;
    case FPO_SUB:
        r = fsub_(a, b);
        break;
    case FPO_MUL:
        r = fmul_(a, b);
        g = b;
        break;
    case FPO_DIV:
        r = fdiv_(a, b);
        break;
    case FPO_SQRT:
        r = fsqrt_(b);
        break;
    case FPO_RE:
        r = fdiv_(f = g = fconst(ONE), b);
        break;
    case FPO_RSQRTE:
        r = fdiv_(fconst(ONE), fsqrt_(b));
        break;
    case FPO_MADD:
    case FPO_NMADD:
        r = fmadd_(a, c, b);
        g = c;
        break;
    case FPO_MSUB:
    case FPO_NMSUB:
        r = fmsub_(a, c, b);
        g = c;
        break;
    default:
        return VAL_NONE;
    }
    v = op == FPO_NMADD || op == FPO_NMSUB ? fneg_(r) : r;
    if (op == FPO_ADD || op == FPO_SUB || op == FPO_SQRT || op == FPO_RSQRTE) {
        return cold(desc, C_EQ, exponent(f2i(r)), iconst(0x7ff), v, a, b, c);
    }
    return cold(desc, C_GTU, frange(2, r, f, g), iconst(2044), v, a, b, c);
}

/*
 * Arithmetic with a single result, kept as a double. Operands are singles in every sensible program;
 * then sum, product, quotient and root may be rounded to double and again to single without harm
 * (53 >= 2 * 24 + 2), and a sum is never tiny and inexact. Not so a * c + b, whose
 * first rounding may make half-way what is not: FTIE tells. Operands that are no singles (the book
 * leaves the result undefined) go to the exact library.
 */
static Val single_arithmetic(uint32_t desc, Val a, Val b, Val c)
{
    FpOp op = FPD_OP(desc);
    bool minus = op == FPO_MSUB || op == FPO_NMSUB;
    Val r, v, f = VAL_NONE, g = VAL_NONE, others = VAL_NONE;

    switch (op) {
    case FPO_CVT:
        r = b;
        break;
    case FPO_ADD:
        r = fadd_(a, b);
        break;
    case FPO_SUB:
        r = fsub_(a, b);
        break;
    case FPO_MUL:
        r = fmul_(f = a, g = b);
        break;
    case FPO_DIV:
        r = fdiv_(f = g = a, b);
        break;
    case FPO_SQRT:
        r = fsqrt_(b);
        break;
    case FPO_RE:
        r = fdiv_(f = g = fconst(ONE), b);
        break;
    case FPO_RSQRTE:
        r = fdiv_(fconst(ONE), fsqrt_(b));
        break;
    case FPO_MADD:
    case FPO_NMADD:
    case FPO_MSUB:
    case FPO_NMSUB:
        if (ir_is_single(a) && ir_is_single(b) && ir_is_single(c)) {
            r = ir_op3(minus ? IR_FMSUBS : IR_FMADDS, 0, 0, a, c, b);
            v = op == FPO_NMADD || op == FPO_NMSUB ? fneg_(r) : r;
            return cold(desc, C_GTU, frange(898, r, a, c), iconst(252), v, a, b, c);
        }
        r = minus ? fmsub_(f = a, g = c, b) : fmadd_(f = a, g = c, b);
        break;
    default:
        return VAL_NONE;
    }
    v = ir_op1(IR_FROUNDS, 0, 0, r);
    v = op == FPO_NMADD || op == FPO_NMSUB ? fneg_(v) : v;
    /* Before rounding: 898..1149 of double's bias. The zero of a sum or a root is exact. */
    if ((op == FPO_ADD || op == FPO_SUB) && ir_is_single(a) && ir_is_single(b)) {
        v = cold(desc, C_GTU, exponent(f2i(r)), iconst(1149), v, a, b, c);
    } else {
        v = cold(desc, C_GTU, frange(898, r, f.n ? f : r, f.n ? g : r), iconst(251), v, a, b, c);
    }
    if (has_c(op)) {
        return cold(desc, C_NE, ftie(minus, r, a, c, b), iconst(0), v, a, b, c);
    }
    if (op == FPO_RSQRTE) {
        return cold(desc, C_EQ, andi(f2i(r), 0x1fffffff), iconst(0x10000000), v, a, b, c);
    }
    if (op != FPO_CVT && !ir_is_single(b)) {
        others = f2i(b);
    }
    if (has_a(op) && !ir_is_single(a)) {
        others = others.n ? bor(others, f2i(a)) : f2i(a);
    }
    return others.n ? cold(desc, C_TSTNZ, others, iconst(0x1fffffff), v, a, b, c) : v;
}

/*
 * A conversion that nobody reads must still leave the host's inexact flag, so it may not be dropped:
 * this guard uses it. The value it looks for hardly occurs, and the exact library has it right too.
 */
static Val observed(uint32_t desc, Val bits, Val v, Val b)
{
    return cold(desc, C_EQ, bits, iconst(INT32_MIN), v, b, b, b);
}

/*
 * To integers, truncating. The host's inexact flag must stay off when the book's answer is VXCVI,
 * so what is out of range may not reach the host conversion. (Beyond 63 bits every double is an
 * integer.)
 */
static Val to_integer(uint32_t desc, Val b)
{
    bool is_signed = FPD_OP(desc) == FPO_TO_S, word = FPD_DST(desc) == FF_W;
    Val r, e;

    if (FPD_SRC(desc) != FF_D) {
        return VAL_NONE;
    }
    if (FPD_RM(desc) == FPR_CURRENT) {
        Val t = ir_op1(IR_FCVTD2I, 0, 0, b);    /* for the inexact flag, and the range */

        if (word || !is_signed) {
            return VAL_NONE;
        }
        r = ir_op1(IR_FCVTD2I, 0, 0, frint(0, b));
        return cold(desc, C_EQ, t, iconst(1ull << 63), i2f(r), b, b, b);
    }
    if (is_signed && !word) {
        r = ir_op1(IR_FCVTD2I, 0, 0, b);
        return cold(desc, C_EQ, r, iconst(1ull << 63), i2f(r), b, b, b);
    }
    /* Biased exponent, with the sign above it if that is out of range too. */
    e = is_signed ? exponent(f2i(b)) : shri(f2i(b), 52);
    if (word) {
        /* The cold answer comes as the double that converts to it. */
        Val safe = GUARD(C_GEU, e, iconst(is_signed ? 1023 + 31 : 1023 + 32), b,
                         helper_fp_to_word_cold, "feif", IRC_STATE, iconst(desc), b);

        r = ir_op1(IR_FCVTD2I, 0, 0, safe);
        return observed(desc, r, i2f(desc & FPD_SPLAT ? bor(shli(r, 32), extu32(r)) : r), b);
    }
    r = ir_op1(IR_FCVTD2I, 0, 0, i2f(sel(C_GEU, e, iconst(1023 + 63), iconst(0), f2i(b))));
    return cold(desc, C_GEU, e, iconst(1023 + 63), i2f(r), b, b, b);
}

static Val from_integer(uint32_t desc, Val b)
{
    bool single = FPD_DST(desc) == FF_SD;
    Val i = f2i(b), r;

    if (FPD_SRC(desc) != FF_L) {
        return VAL_NONE;
    }
    r = ir_op1(IR_FCVTI2D, 0, 0, i);
    if (single) {
        r = ir_op1(IR_FROUNDS, 0, 0, r);
    }
    if (FPD_OP(desc) == FPO_FROM_U) {
        r = cold(desc, C_LT, i, iconst(0), r, b, b, b);
    }
    if (single) {
        /* Beyond 53 bits the host would round twice. */
        return cold(desc, C_GTU, addi(i, 1ll << 53), iconst(1ull << 54), r, b, b, b);
    }
    return observed(desc, i, r, b);
}

static Val round_integral(uint32_t desc, Val b)
{
    static const uint8_t mode[] = {
        [FP_NEAREST_EVEN] = 0, [FP_TO_ZERO] = 3, [FP_UP] = 2, [FP_DOWN] = 1,
    };
    unsigned rm = FPD_RM(desc);
    Val r;

    if (FPD_SRC(desc) != FF_D || (FPD_OP(desc) == FPO_RINTX && rm != FPR_CURRENT)) {
        return VAL_NONE;
    }
    if (FPD_OP(desc) == FPO_RINTX) {
        r = v2f(ir_op1(IR_VFRINT, 3, 4, f2v(b)));
    } else if (rm == FP_NEAREST_AWAY) {
        /* Truncate; the rest is exact; step away from zero from one half on. */
        Val t = frint(3, b);
        Val up = fsetcond(C_GE, fabs_(fsub_(b, t)), fconst(0x3fe0000000000000ull));
        Val step = bor(band(neg(up), iconst(ONE)), andi(f2i(b), 1ull << 63));

        r = fadd_(t, i2f(step));
    } else {
        r = frint(mode[rm == FPR_CURRENT ? FP_NEAREST_EVEN : rm], b);
    }
    return cold(desc, C_EQ, exponent(f2i(b)), iconst(0x7ff), r, b, b, b);
}

/* Of two zeros the maximum is the positive one, the minimum the negative one, except in C's way. */
static Val min_max(uint32_t desc, Val a, Val b)
{
    FpOp op = FPD_OP(desc);
    bool max = op == FPO_MAX || op == FPO_MAXC || op == FPO_MAXJ;
    Val r = max ? fmax_(a, b) : fmin_(a, b);

    if (op != FPO_MAXC && op != FPO_MINC) {
        Val other = max ? fmax_(b, a) : fmin_(b, a);    /* differs for zeros alone */

        r = v2f(max ? vand(f2v(r), f2v(other)) : vor(f2v(r), f2v(other)));
    }
    return cold(desc, C_NE, fsetcond(C_UN, a, b), iconst(0), r, a, b, b);
}

static Val compare_mask(uint32_t desc, Val a, Val b)
{
    IrCond cond = FPD_OP(desc) == FPO_EQ ? C_EQ : FPD_OP(desc) == FPO_GT ? C_GT : C_GE;
    Val r = fsel(cond, a, b, fconst(~0ull), fconst(0));

    return cold(desc, C_NE, fsetcond(C_UN, a, b), iconst(0), r, a, b, b);
}

static Val host_path(uint32_t desc, Val a, Val b, Val c)
{
    switch (FPD_OP(desc)) {
    case FPO_TO_S:
    case FPO_TO_U:
        return to_integer(desc, b);
    case FPO_FROM_S:
    case FPO_FROM_U:
        return from_integer(desc, b);
    case FPO_RINT:
    case FPO_RINTX:
        return round_integral(desc, b);
    case FPO_MAX:
    case FPO_MIN:
    case FPO_MAXC:
    case FPO_MINC:
    case FPO_MAXJ:
    case FPO_MINJ:
        return min_max(desc, a, b);
    case FPO_EQ:
    case FPO_GT:
    case FPO_GE:
        return compare_mask(desc, a, b);
    default:
        return FPD_DST(desc) == FF_SD ? single_arithmetic(desc, a, b, c) : arithmetic(desc, a, b, c);
    }
}

static void exact(uint32_t desc, unsigned t, unsigned a, unsigned b, unsigned c, bool rc)
{
    CALLV(helper_fp_exec, "veii", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(desc),
          iconst(FP_REGS(t, a, b, c) | (rc ? FP_REGS_RC : 0)));
}

void fp_scalar(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned a, unsigned b, unsigned c,
               bool rc)
{
    FpOp op = FPD_OP(desc);
    Val va, vb, vc, r;

    if (ctx->flags & RF_FPSLOW) {
        exact(desc, t, a, b, c, rc);
        return;
    }
    vb = fpr(b);
    va = has_a(op) ? fpr(a) : vb;
    vc = has_c(op) ? fpr(c) : vb;
    r = host_path(desc, va, vb, vc);
    if (!r.n) {
        r = CALL(helper_fp_cold, "feifff", IRC_STATE, iconst(desc), va, vb, vc);
    }
    set_fpr(t, r);
    owe(desc, has_a(op) ? va : VAL_NONE, vb, has_c(op) ? vc : VAL_NONE);
    if (rc) {
        fp_set_cr1();
    }
}

void fp_scalar_widen(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned b)
{
    Val w, v;

    if (ctx->flags & RF_FPSLOW) {
        exact(desc, t, 0, b, 0, false);
        return;
    }
    w = shri(f2i(fpr(b)), 32);
    v = i2f(w);
    set_fpr(t, cold(desc, C_GTU, andi(w, 0x7fffffff), iconst(0x7f800000), ir_op1(IR_FCVTS2D, 0, 0, w), v, v, v));
    owe(desc, VAL_NONE, v, VAL_NONE);
}

void fp_scalar_narrow(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned b)
{
    Val w;

    if (ctx->flags & RF_FPSLOW) {
        exact(desc, t, 0, b, 0, false);
        return;
    }
    w = fp_double_to_single(single_arithmetic(DP_TO_SP, fpr(b), fpr(b), fpr(b)));
    owe(desc, VAL_NONE, fpr(b), VAL_NONE);
    set_fpr(t, i2f(bor(shli(w, 32), w)));
}

void fp_scalar_exact(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned a, unsigned b, unsigned c)
{
    exact(desc, t, a, b, c, false);
}

void fp_compare_rows(DisasCtx *ctx, uint32_t desc, unsigned bf, unsigned a, unsigned b)
{
    Val va, vb, un;

    if ((ctx->flags & RF_FPSLOW) || FPD_SRC(desc) != FF_D || FPD_OP(desc) == FPO_CMPEXP) {
        CALLV(helper_fp_compare, "veii", IRC_WRITE | IRC_RAISE | IRC_STATE, iconst(desc),
              iconst(FP_REGS(bf, a, b, 0)));
        return;
    }
    va = fpr(a);
    vb = fpr(b);
    un = fsetcond(C_UN, va, vb);
    set_crbit(4 * bf, fsetcond(C_LT, va, vb));
    set_crbit(4 * bf + 1, fsetcond(C_GT, va, vb));
    set_crbit(4 * bf + 2, fsetcond(C_EQ, va, vb));
    set_crbit(4 * bf + 3, un);
    GUARD(C_NE, un, iconst(0), iconst(0), helper_fp_compare_cold, "ieiff", IRC_STATE,
          iconst(desc), va, vb);
    slot_set(SLOT_FPQ, iconst(1));
    slot_set(SLOT_FPQA, va);
    slot_set(SLOT_FPQB, vb);
}

/* ---- lanes ---- */

static Val vector_cold(uint32_t desc, IrCond cond, Val x, Val y, Val fast, Val a, Val b, Val c)
{
    return GUARD(cond, x, y, fast, helper_vfp_cold, "xeixxx", IRC_STATE, iconst(desc), a, b, c);
}

static Val splat_one(unsigned lane)
{
    uint64_t d = lane == 3 ? ONE : 0x3f8000003f800000ull;

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
    va = has_a(op) ? vsr(a) : vb;
    vc = has_c(op) ? vsr(c) : vb;
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

/* ---- single-precision memory format ---- */

Val fp_single_to_double(Val word)
{
    /* A NaN's payload must survive unquieted. */
    Val v = ir_op1(IR_FCVTS2D, 0, 0, word);

    return GUARD(C_GTU, andi(word, 0x7fffffff), iconst(0x7f800000), v, helper_fp_load_single, "fi",
                 IRC_PURE | IRC_SINGLE, word);
}

Val fp_double_to_single(Val f64)
{
    /* Bits 0:1 and 5:34 of the double, if it is zero or its exponent is above 896. */
    Val d = f2i(f64), w = pext(d, iconst(0xc7ffffffe0000000ull));

    return GUARD(C_LTU, addi(shli(d, 1), -1), iconst((897ull << 53) - 1), w, helper_fp_store_single,
                 "ii", IRC_PURE, d);
}
