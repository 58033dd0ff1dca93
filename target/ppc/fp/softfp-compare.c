/*
 * Comparison, minimum and maximum, classes, and the pieces of a number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/softfp.h"

static unsigned order(FpNum a, FpNum b)
{
    bool less;

    if (fp_num_is_nan(a) || fp_num_is_nan(b)) {
        return FP_UN;
    }
    if (a.cls == FPN_ZERO && b.cls == FPN_ZERO) {
        return FP_EQ;
    }
    if (a.cls == FPN_ZERO) {
        return b.sign ? FP_GT : FP_LT;
    }
    if (b.cls == FPN_ZERO || a.sign != b.sign) {
        return a.sign ? FP_LT : FP_GT;
    }
    if (a.cls == FPN_INF || b.cls == FPN_INF) {
        if (a.cls == b.cls) {
            return FP_EQ;
        }
        less = b.cls == FPN_INF;
    } else if (a.exp != b.exp) {
        less = a.exp < b.exp;
    } else if (a.sig != b.sig) {
        less = a.sig < b.sig;
    } else {
        return FP_EQ;
    }
    return less ^ a.sign ? FP_LT : FP_GT;
}

unsigned fp_compare_quiet(const FpFormat *f, u128 a, u128 b)
{
    return order(fp_unpack(f, a), fp_unpack(f, b));
}

unsigned fp_compare(FpCtx *c, const FpFormat *f, u128 a, u128 b, bool ordered)
{
    FpNum na = fp_unpack(f, a), nb = fp_unpack(f, b);
    unsigned r = order(na, nb);

    if (r == FP_UN) {
        if (na.cls == FPN_SNAN || nb.cls == FPN_SNAN) {
            c->flags |= FPSCR_VXSNAN;
            if (ordered && !(c->enables & FPSCR_VE)) {
                c->flags |= FPSCR_VXVC;
            }
        } else if (ordered) {
            c->flags |= FPSCR_VXVC;
        }
    }
    return r;
}

u128 fp_minmax(FpCtx *c, const FpFormat *f, u128 a, u128 b, bool max, FpMinMax kind)
{
    FpNum na = fp_unpack(f, a), nb = fp_unpack(f, b);
    unsigned rel = order(na, nb);

    if (na.cls == FPN_SNAN || nb.cls == FPN_SNAN) {
        c->flags |= FPSCR_VXSNAN;
    }
    if (rel == FP_UN) {
        switch (kind) {
        case FP_MM_C:
            return b;
        case FP_MM_J:
            return fp_num_is_nan(na) ? a : b;
        case FP_MM_NUM:
            break;
        }
        /* maxNum: a number beats a quiet NaN; a signalling one is quieted and wins. */
        if (na.cls == FPN_SNAN || (fp_num_is_nan(na) && fp_num_is_nan(nb))) {
            na.cls = FPN_QNAN;
            na.sig |= (u128)1 << 126;
            return fp_pack(f, na);
        }
        if (nb.cls == FPN_SNAN) {
            nb.cls = FPN_QNAN;
            nb.sig |= (u128)1 << 126;
            return fp_pack(f, nb);
        }
        return fp_num_is_nan(na) ? b : a;
    }
    if (rel == FP_EQ) {
        if (kind != FP_MM_C && na.cls == FPN_ZERO) {
            return na.sign == max ? b : a;
        }
        return b;
    }
    return (rel == FP_GT) == max ? a : b;
}

/* FPRF (Book I, Table 4.2): C, then <, >, =, ?. */
unsigned fp_fprf(const FpFormat *f, u128 a)
{
    FpNum n = fp_unpack(f, a);

    switch (n.cls) {
    case FPN_ZERO:
        return n.sign ? 0x12 : 0x02;
    case FPN_INF:
        return n.sign ? 0x09 : 0x05;
    case FPN_FINITE:
        return (n.exp < f->emin ? 0x10 : 0) | (n.sign ? 0x08 : 0x04);
    default:
        return 0x11;
    }
}

bool fp_test_class(const FpFormat *f, u128 a, unsigned dcmx)
{
    FpNum n = fp_unpack(f, a);

    switch (n.cls) {
    case FPN_ZERO:
        return dcmx & (n.sign ? 0x04 : 0x08);
    case FPN_INF:
        return dcmx & (n.sign ? 0x10 : 0x20);
    case FPN_FINITE:
        return n.exp < f->emin && (dcmx & (n.sign ? 0x01 : 0x02));
    default:
        return dcmx & 0x40;
    }
}

/*
 * May a software divide (square root) sequence go wrong? fe_flag and fg_flag of 4.6.6.2 and 7.6:
 * the bounds are those of intermediate results that overflow, underflow or lose bits. fl_flag is 1.
 */
unsigned fp_test_div(const FpFormat *f, u128 a, u128 b)
{
    FpNum na = fp_unpack(f, a), nb = fp_unpack(f, b);
    int bias = (1 << (f->exp_bits - 1)) - 1;
    int ea = (int)fp_exp_field(f, a) - bias, eb = (int)fp_exp_field(f, b) - bias;
    bool fe, fg;

    fg = na.cls == FPN_INF || nb.cls == FPN_INF || nb.cls == FPN_ZERO ||
         (nb.cls == FPN_FINITE && nb.exp < f->emin);
    fe = na.cls >= FPN_INF || nb.cls >= FPN_INF || nb.cls == FPN_ZERO ||
         eb <= f->emin || eb >= f->emax - 2 ||
         (na.cls != FPN_ZERO && (ea - eb >= f->emax || ea - eb <= f->emin + 1 ||
                                ea <= f->emin + f->prec - 1));
    return 8 | (fg ? 4 : 0) | (fe ? 2 : 0);
}

unsigned fp_test_sqrt(const FpFormat *f, u128 b)
{
    FpNum n = fp_unpack(f, b);
    int bias = (1 << (f->exp_bits - 1)) - 1;
    int e = (int)fp_exp_field(f, b) - bias;
    bool fe, fg;

    fg = n.cls == FPN_INF || n.cls == FPN_ZERO || (n.cls == FPN_FINITE && n.exp < f->emin);
    fe = n.cls >= FPN_INF || n.cls == FPN_ZERO || n.sign || e <= f->emin + f->prec - 1;
    return 8 | (fg ? 4 : 0) | (fe ? 2 : 0);
}

u128 fp_insert_exp(const FpFormat *f, u128 sign_and_frac, unsigned exp)
{
    u128 mask = (((u128)1 << f->exp_bits) - 1) << f->frac_bits;

    return (sign_and_frac & ~mask) | ((u128)exp << f->frac_bits & mask);
}
