/*
 * Evaluation of operation descriptors: see fpop.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/fpop.h"

#include <stddef.h>

const FpFormat *fp_format(FpFmtId id)
{
    static const FpFormat *const table[] = {
        [FF_H] = &fp_half, [FF_BF] = &fp_bfloat, [FF_S] = &fp_single, [FF_D] = &fp_double,
        [FF_Q] = &fp_quad, [FF_SD] = &fp_single_in_double, [FF_W] = NULL, [FF_L] = NULL,
        [FF_X] = NULL,
    };

    return table[id];
}

static int int_bits(FpFmtId id)
{
    return id == FF_W ? 32 : id == FF_L ? 64 : 128;
}

static u128 sign_extend(u128 v, int bits)
{
    return (u128)((s128)(v << (128 - bits)) >> (128 - bits));
}

static u128 compare_exponents(const FpFormat *f, u128 a, u128 b)
{
    unsigned ea = fp_exp_field(f, a), eb = fp_exp_field(f, b);

    if (fp_compare_quiet(f, a, a) == FP_UN || fp_compare_quiet(f, b, b) == FP_UN) {
        return FP_UN;
    }
    return ea < eb ? FP_LT : ea > eb ? FP_GT : FP_EQ;
}

u128 fpop_eval(FpCtx *c, uint32_t desc, u128 a, u128 b, u128 cc)
{
    FpFmtId dst = FPD_DST(desc);
    const FpFormat *f = fp_format(FPD_SRC(desc)), *to = fp_format(dst);
    unsigned rm = FPD_RM(desc);
    FpRound saved = c->rm;
    FpOp op = FPD_OP(desc);
    u128 r = 0;

    if (rm != FPR_CURRENT) {
        c->rm = (FpRound)rm;
    }
    switch (op) {
    case FPO_ADD:
        r = fp_add(c, f, a, b);
        break;
    case FPO_SUB:
        r = fp_sub(c, f, a, b);
        break;
    case FPO_MUL:
        r = fp_mul(c, f, a, b);
        break;
    case FPO_DIV:
        r = fp_div(c, f, a, b);
        break;
    case FPO_SQRT:
        r = fp_sqrt(c, f, b);
        break;
    case FPO_RE:
        r = fp_recip_estimate(c, f, b);
        break;
    case FPO_RSQRTE:
        r = fp_rsqrt_estimate(c, f, b);
        break;
    case FPO_MADD:
    case FPO_MSUB:
    case FPO_NMADD:
    case FPO_NMSUB:
        r = fp_muladd(c, f, a, cc, b, op - FPO_MADD);
        break;
    case FPO_RINT:
    case FPO_RINTX:
        r = fp_round_to_int(c, f, b, c->rm, op == FPO_RINTX);
        break;
    case FPO_RXP:
        r = fp_round_quad_to_extended(c, b, c->rm);
        break;
    case FPO_CVT:
        r = fp_convert(c, to, f, b);
        break;
    case FPO_FROM_S:
        r = fp_from_int(c, to, sign_extend(b, int_bits(FPD_SRC(desc))), true);
        break;
    case FPO_FROM_U:
        r = fp_from_int(c, to, b, false);
        break;
    case FPO_TO_S:
    case FPO_TO_U:
        r = fp_to_int(c, f, b, c->rm, int_bits(dst), op == FPO_TO_S);
        break;
    case FPO_MAX:
    case FPO_MIN:
        r = fp_minmax(c, f, a, b, op == FPO_MAX, FP_MM_NUM);
        break;
    case FPO_MAXC:
    case FPO_MINC:
        r = fp_minmax(c, f, a, b, op == FPO_MAXC, FP_MM_C);
        break;
    case FPO_MAXJ:
    case FPO_MINJ:
        r = fp_minmax(c, f, a, b, op == FPO_MAXJ, FP_MM_J);
        break;
    case FPO_EQ:
        r = fp_compare(c, f, a, b, false) == FP_EQ ? ~(u128)0 : 0;
        break;
    case FPO_GT:
        r = fp_compare(c, f, a, b, true) == FP_GT ? ~(u128)0 : 0;
        break;
    case FPO_GE:
        r = fp_compare(c, f, a, b, true) & (FP_GT | FP_EQ) ? ~(u128)0 : 0;
        break;
    case FPO_CMPU:
    case FPO_CMPO:
        r = fp_compare(c, f, a, b, op == FPO_CMPO);
        break;
    case FPO_CMPEXP:
        r = compare_exponents(f, a, b);
        break;
    case FPO_NONE:
    case FPO_COUNT:
        break;
    }
    c->rm = saved;
    return r;
}

unsigned fpop_fprf(uint32_t desc, u128 result)
{
    const FpFormat *to = fp_format(FPD_DST(desc));

    return FPD_UPD(desc) & FPSCR_UPD_FPCC || !to ? (unsigned)result & 15 : fp_fprf(to, result);
}

uint64_t fpop_word_result(uint32_t desc, u128 b, u128 r)
{
    uint32_t w = (uint32_t)r;

    if (desc & FPD_SPLAT) {
        return (uint64_t)w << 32 | w;
    }
    /* The book leaves word 0 of fctiw undefined; the peer extends, except for a NaN. */
    if (FPD_OP(desc) == FPO_TO_S) {
        const FpFormat *f = fp_format(FPD_SRC(desc));

        bool nan = f != &fp_quad && fp_compare_quiet(f, b, b) == FP_UN;

        return nan ? w : (uint64_t)(int64_t)(int32_t)w;
    }
    return w;
}
