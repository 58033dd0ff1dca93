/*
 * Floating-point instructions carried out exactly: operands fetched, evaluated element by element,
 * result and FPSCR written, enabled exceptions raised.
 *
 * Where an operand or result sits in its register follows from its format (Power ISA Book I, 7.6):
 * doubles and 64-bit integers in doubleword 0, singles and words in word 0, a half in halfword 3,
 * quads and 128-bit integers in the whole register.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/fplazy.h"

#include <string.h>

static u128 scalar_operand(const V128 *v, FpFmtId fmt)
{
    switch (fmt) {
    case FF_Q:
    case FF_X:
        return v->q;
    case FF_S:
        return V_W(*v, 0);
    case FF_H:
        return V_H(*v, 3);
    default:
        return V_D(*v, 0);
    }
}

static V128 scalar_result(uint32_t desc, u128 b, u128 r)
{
    switch (FPD_DST(desc)) {
    case FF_Q:
    case FF_X:
        return (V128){ .q = r };
    case FF_S:
    case FF_W:
        return v128_make(fpop_word_result(desc, b, r), 0);
    default:
        return v128_make((uint64_t)r, 0);
    }
}

static void set_cr1(PowerPCCPU *cpu)
{
    ppc_set_crf(cpu, 1, cpu->fpscr >> 28 & 15);
}

void helper_fp_exec(PowerPCCPU *cpu, uint64_t desc64, uint64_t regs)
{
    uint32_t desc = (uint32_t)desc64;
    const V128 *vsr = cpu->vsr;
    FpFmtId src = FPD_SRC(desc);
    unsigned upd = FPD_UPD(desc);
    u128 b = scalar_operand(&vsr[regs >> 12 & 63], src), r;
    bool raised, suppressed;
    FpCtx c;

    fp_sync_in_helper(cpu);
    c = fp_ctx(cpu->fpscr);
    r = fpop_eval(&c, desc, scalar_operand(&vsr[regs >> 6 & 63], src), b,
                  scalar_operand(&vsr[regs >> 18 & 63], src));
    suppressed = fp_suppressed(&c);
    if (suppressed) {
        upd &= ~FPSCR_UPD_FPRF;
    } else {
        cpu->vsr[regs & 63] = scalar_result(desc, b, r);
    }
    cpu->fpscr = fpscr_apply(cpu->fpscr, c.flags, upd, fpop_fprf(desc, r), &raised);
    if (regs & FP_REGS_RC) {
        set_cr1(cpu);
    }
    fp_raise_if_enabled(cpu, raised);
}

void helper_fp_compare(PowerPCCPU *cpu, uint64_t desc64, uint64_t regs)
{
    uint32_t desc = (uint32_t)desc64;
    FpFmtId src = FPD_SRC(desc);
    bool raised;
    FpCtx c;
    unsigned r;

    fp_sync_in_helper(cpu);
    c = fp_ctx(cpu->fpscr);
    r = (unsigned)fpop_eval(&c, desc, scalar_operand(&cpu->vsr[regs >> 6 & 63], src),
                            scalar_operand(&cpu->vsr[regs >> 12 & 63], src), 0);
    ppc_set_crf(cpu, regs & 7, r);
    cpu->fpscr = fpscr_apply(cpu->fpscr, c.flags, FPSCR_UPD_FPCC, r, &raised);
    fp_raise_if_enabled(cpu, raised);
}

/* Element i of a narrow side lies in the even (left) word of the wide element it meets. */
static void vector_eval(FpCtx *c, uint32_t desc, V128 *r, const V128 *a, const V128 *b,
                        const V128 *cc)
{
    FpFmtId src = FPD_SRC(desc), dst = FPD_DST(desc);
    bool wide_src = src == FF_D || src == FF_L, wide_dst = dst == FF_D || dst == FF_L;

    for (int i = 0; i < (wide_src || wide_dst ? 2 : 4); i++) {
        u128 ea, eb, ec, v;

        if (wide_src) {
            ea = V_D(*a, i);
            eb = V_D(*b, i);
            ec = V_D(*cc, i);
        } else if (src == FF_H || src == FF_BF) {
            ea = V_H(*a, 2 * i + 1);
            eb = V_H(*b, 2 * i + 1);
            ec = V_H(*cc, 2 * i + 1);
        } else {
            int w = wide_dst ? 2 * i : i;

            ea = V_W(*a, w);
            eb = V_W(*b, w);
            ec = V_W(*cc, w);
        }
        v = fpop_eval(c, desc, ea, eb, ec);
        if (wide_dst) {
            V_D(*r, i) = (uint64_t)v;
        } else if (wide_src) {
            V_W(*r, 2 * i) = (uint32_t)v;
            V_W(*r, 2 * i + 1) = (uint32_t)v;
        } else {
            V_W(*r, i) = (uint32_t)v;
        }
    }
}

void helper_vfp_exec(PowerPCCPU *cpu, uint64_t desc64, uint64_t regs)
{
    uint32_t desc = (uint32_t)desc64;
    const V128 *vsr = cpu->vsr;
    bool raised;
    FpCtx c;
    V128 r;

    fp_sync_in_helper(cpu);
    c = fp_ctx(cpu->fpscr);
    vector_eval(&c, desc, &r, &vsr[regs >> 6 & 63], &vsr[regs >> 12 & 63], &vsr[regs >> 18 & 63]);
    if (!fp_vector_suppressed(&c)) {
        cpu->vsr[regs & 63] = r;
        if (regs & FP_REGS_RC) {
            /* xvcmp*[.]: CR6 = all true, 0, none true, 0 */
            ppc_set_crf(cpu, 6, r.q == ~(u128)0 ? 8 : r.q == 0 ? 2 : 0);
        }
    }
    cpu->fpscr = fpscr_apply(cpu->fpscr, c.flags, 0, 0, &raised);
    fp_raise_if_enabled(cpu, raised);
}

/* Nothing is enabled here (RF_FPSLOW is off), so results are never suppressed. */
static void add_sticky(PowerPCCPU *cpu, uint32_t flags)
{
    if (flags & FPSCR_STICKY & ~cpu->fpscr) {
        cpu->fpscr = fpscr_apply(cpu->fpscr, flags, 0, 0, NULL);
    }
}

/* Sums and products that are zero, and exact, are common enough to be told first. */
static bool quick_zero(uint32_t desc, uint64_t a, uint64_t b, uint64_t *r)
{
    const uint64_t inf = 0x7ffull << 52, sign = 1ull << 63;

    if ((a & inf) == inf || (b & inf) == inf) {
        return false;
    }
    switch (FPD_OP(desc)) {
    case FPO_MUL:
        if ((a & ~sign) == 0 || (b & ~sign) == 0) {
            *r = (a ^ b) & sign;
            return true;
        }
        return false;
    case FPO_SUB:
        b ^= sign;
        /* fall through */
    case FPO_ADD:
        if (a == (b ^ sign) || ((a | b) & ~sign) == 0) {
            *r = a & b & sign;
            return true;
        }
        return false;
    default:
        return false;
    }
}

uint64_t helper_fp_cold(PowerPCCPU *cpu, uint64_t desc64, uint64_t a, uint64_t b, uint64_t cc)
{
    uint32_t desc = (uint32_t)desc64;
    uint64_t quick;
    FpCtx c = fp_ctx(0);
    u128 r;

    if (quick_zero(desc, a, b, &quick)) {
        return quick;
    }
    r = fpop_eval(&c, desc, a, b, cc);
    add_sticky(cpu, c.flags);
    return FPD_DST(desc) == FF_W ? fpop_word_result(desc, b, r) : (uint64_t)r;
}

uint64_t helper_fp_to_word_cold(PowerPCCPU *cpu, uint64_t desc, uint64_t b)
{
    uint64_t r = helper_fp_cold(cpu, desc & ~(uint64_t)FPD_SPLAT, 0, b, 0);
    FpCtx c = fp_ctx(0);

    return (uint64_t)fp_from_int(&c, &fp_double, (u128)(s128)(int64_t)r, true);
}

uint64_t helper_fp_compare_cold(PowerPCCPU *cpu, uint64_t desc, uint64_t a, uint64_t b)
{
    FpCtx c = fp_ctx(0);

    (void)fpop_eval(&c, (uint32_t)desc, a, b, 0);
    add_sticky(cpu, c.flags);
    return 0;
}

/* One odd lane sends the whole vector here; the others keep to the host. */
static bool host_double(FpOp op, uint64_t a, uint64_t b, uint64_t *r)
{
    double x, y, v;

    memcpy(&x, &a, 8);
    memcpy(&y, &b, 8);
    switch (op) {
    case FPO_ADD:
        v = x + y;
        break;
    case FPO_SUB:
        v = x - y;
        break;
    case FPO_MUL:
        v = x * y;
        break;
    case FPO_DIV:
        v = x / y;
        break;
    default:
        return false;
    }
    memcpy(r, &v, 8);
    return (*r >> 52 & 0x7ff) - 2 < 0x7fd;
}

static bool host_single(FpOp op, uint32_t a, uint32_t b, uint32_t *r)
{
    float x, y, v;

    memcpy(&x, &a, 4);
    memcpy(&y, &b, 4);
    switch (op) {
    case FPO_ADD:
        v = x + y;
        break;
    case FPO_SUB:
        v = x - y;
        break;
    case FPO_MUL:
        v = x * y;
        break;
    case FPO_DIV:
        v = x / y;
        break;
    default:
        return false;
    }
    memcpy(r, &v, 4);
    return (*r >> 23 & 0xff) - 2 < 0xfd;
}

static uint64_t cold_double(FpCtx *c, uint32_t desc, uint64_t a, uint64_t b, uint64_t cc)
{
    uint64_t r;

    if (host_double(FPD_OP(desc), a, b, &r) || quick_zero(desc, a, b, &r)) {
        return r;
    }
    return (uint64_t)fpop_eval(c, desc, a, b, cc);
}

static uint32_t cold_single(FpCtx *c, uint32_t desc, uint32_t a, uint32_t b, uint32_t cc)
{
    uint64_t r;
    uint32_t w;

    if (host_single(FPD_OP(desc), a, b, &w)) {
        return w;
    }
    if (quick_zero(desc, fp_load_single(a), fp_load_single(b), &r)) {
        return (uint32_t)(r >> 32);
    }
    return (uint32_t)fpop_eval(c, desc, a, b, cc);
}

/*
 * Conversions of lanes on the host. Each lane either is done as the book says, host inexact flag
 * included, or the whole vector is left to the exact library: false.
 */
static double lane_double(FpFmtId fmt, const V128 *b, int i, int step)
{
    double d;
    float f;

    if (fmt == FF_D) {
        memcpy(&d, &V_D(*b, i), 8);
        return d;
    }
    memcpy(&f, &V_W(*b, i * step), 4);
    return f;
}

static bool host_from_integer(FpOp op, FpFmtId src, FpFmtId dst, const V128 *b, V128 *r)
{
    int n = src == FF_L || dst == FF_D ? 2 : 4, step = dst == FF_D ? 2 : 1;

    for (int i = 0; i < n; i++) {
        int64_t v = src == FF_L ? V_SD(*b, i) : op == FPO_FROM_S ? V_SW(*b, i * step)
                                                                : (int64_t)V_W(*b, i * step);
        if (op == FPO_FROM_U && v < 0) {
            return false;
        }
        if (dst == FF_D) {
            double d = (double)v;

            memcpy(&V_D(*r, i), &d, 8);
        } else {
            float f = (float)v;
            uint32_t w;

            memcpy(&w, &f, 4);
            if (src == FF_L) {
                V_W(*r, 2 * i) = V_W(*r, 2 * i + 1) = w;
            } else {
                V_W(*r, i) = w;
            }
        }
    }
    return true;
}

static bool host_to_integer(FpOp op, FpFmtId src, FpFmtId dst, const V128 *b, V128 *r)
{
    static const double limit[2][2] = { { 0x1p31, 0x1p32 }, { 0x1p63, 0x1p63 } };
    bool is_unsigned = op == FPO_TO_U, is_long = dst == FF_L;
    int n = src == FF_D || is_long ? 2 : 4, step = is_long ? 2 : 1;

    for (int i = 0; i < n; i++) {
        double d = lane_double(src, b, i, step), max = limit[is_long][is_unsigned];
        double min = is_unsigned ? -1 : is_long ? -0x1.0000000000001p63 : -0x1p31 - 1;

        if (!(d > min && d < max)) {
            return false;
        }
        int64_t v = (int64_t)d;
        if (is_long) {
            V_SD(*r, i) = v;
        } else if (src == FF_D) {
            V_W(*r, 2 * i) = V_W(*r, 2 * i + 1) = (uint32_t)v;
        } else {
            V_W(*r, i) = (uint32_t)v;
        }
    }
    return true;
}

static bool host_resize(FpFmtId src, FpFmtId dst, const V128 *b, V128 *r)
{
    for (int i = 0; i < 2; i++) {
        double d = lane_double(src, b, i, 2);

        if (d != d) {
            return false;
        }
        if (dst == FF_D) {
            memcpy(&V_D(*r, i), &d, 8);
        } else {
            float f = (float)d;
            uint32_t w;

            memcpy(&w, &f, 4);
            /* Zero itself, or a normal number that was not tiny before rounding. */
            if (d != 0 && (w >> 23 & 0xff) - 2 >= 0xfd) {
                return false;
            }
            V_W(*r, 2 * i) = V_W(*r, 2 * i + 1) = w;
        }
    }
    return true;
}

static bool host_convert(uint32_t desc, const V128 *b, V128 *r)
{
    FpFmtId src = FPD_SRC(desc), dst = FPD_DST(desc);

    switch (FPD_OP(desc)) {
    case FPO_FROM_S:
    case FPO_FROM_U:
        return host_from_integer(FPD_OP(desc), src, dst, b, r);
    case FPO_TO_S:
    case FPO_TO_U:
        return FPD_RM(desc) == FP_TO_ZERO && host_to_integer(FPD_OP(desc), src, dst, b, r);
    case FPO_CVT:
        return (src == FF_D || src == FF_S) && (dst == FF_D || dst == FF_S) &&
               host_resize(src, dst, b, r);
    default:
        return false;
    }
}

void helper_vfp_cold(V128 *r, PowerPCCPU *cpu, uint64_t desc64, const V128 *a, const V128 *b,
                     const V128 *cc)
{
    uint32_t desc = (uint32_t)desc64;
    FpCtx c = fp_ctx(0);
    V128 v;

    if (FPD_SRC(desc) == FF_D && FPD_DST(desc) == FF_D) {
        for (int i = 0; i < 2; i++) {
            v.d[i] = cold_double(&c, desc, a->d[i], b->d[i], cc->d[i]);
        }
    } else if (FPD_SRC(desc) == FF_S && FPD_DST(desc) == FF_S) {
        for (int i = 0; i < 4; i++) {
            v.w[i] = cold_single(&c, desc, a->w[i], b->w[i], cc->w[i]);
        }
    } else if (!host_convert(desc, b, &v)) {
        vector_eval(&c, desc, &v, a, b, cc);
    }
    *r = v;
    add_sticky(cpu, c.flags);
}

uint64_t helper_fp_load_single(uint64_t w)
{
    return fp_load_single((uint32_t)w);
}

uint64_t helper_fp_store_single(uint64_t d)
{
    return fp_store_single(d);
}
