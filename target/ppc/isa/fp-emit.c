/*
 * Floating-point operations as IR: see fp-emit.h. Those of vectors, lane by lane: fp-emit-lanes.c.
 *
 * The range checks are what makes host arithmetic exact. Under round-to-nearest a result whose
 * exponent lies inside the format's normal range, above its smallest binade, came from numbers (a
 * NaN or infinity would show), did not overflow and was not tiny before rounding. What is left to
 * report is inexactness, and the host keeps that flag itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit-int.h"

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
        r = fdiv_(f = g = fconst(FP_ONE), b);
        break;
    case FPO_RSQRTE:
        r = fdiv_(fconst(FP_ONE), fsqrt_(b));
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
        r = fdiv_(f = g = fconst(FP_ONE), b);
        break;
    case FPO_RSQRTE:
        r = fdiv_(fconst(FP_ONE), fsqrt_(b));
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
    if (fp_reads_c(op)) {
        return cold(desc, C_NE, ftie(minus, r, a, c, b), iconst(0), v, a, b, c);
    }
    if (op == FPO_RSQRTE) {
        return cold(desc, C_EQ, andi(f2i(r), 0x1fffffff), iconst(0x10000000), v, a, b, c);
    }
    if (op != FPO_CVT && !ir_is_single(b)) {
        others = f2i(b);
    }
    if (fp_reads_a(op) && !ir_is_single(a)) {
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
        Val step = bor(band(neg(up), iconst(FP_ONE)), andi(f2i(b), 1ull << 63));

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
    va = fp_reads_a(op) ? fpr(a) : vb;
    vc = fp_reads_c(op) ? fpr(c) : vb;
    r = host_path(desc, va, vb, vc);
    if (!r.n) {
        r = CALL(helper_fp_cold, "feifff", IRC_STATE, iconst(desc), va, vb, vc);
    }
    set_fpr(t, r);
    owe(desc, fp_reads_a(op) ? va : VAL_NONE, vb, fp_reads_c(op) ? vc : VAL_NONE);
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
