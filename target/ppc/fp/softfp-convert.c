/*
 * Conversions: between formats, to and from integers, rounding to an integral value, and the two
 * load/store conversions, which are no arithmetic at all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/softfp.h"

/* Single <-> double as lfs and stfs do it: bits move, a signalling NaN stays one. */
uint64_t fp_load_single(uint32_t w)
{
    FpNum n = fp_unpack(&fp_single, w);

    return fp_pack(&fp_double, n);
}

uint32_t fp_store_single(uint64_t d)
{
    unsigned e = d >> 52 & 0x7ff;

    if (e > 896 || (d & 0x7fffffffffffffffull) == 0) {
        return (d >> 32 & 0xc0000000u) | (d >> 29 & 0x3fffffffu);
    }
    if (e >= 874) {
        uint64_t sig = 1ull << 52 | (d & 0xfffffffffffffull);

        return (d >> 32 & 0x80000000u) | (uint32_t)(sig >> (29 + 897 - e));
    }
    /* Below single's range the book leaves the value undefined: a zero of its sign. */
    return d >> 32 & 0x80000000u;
}

u128 fp_convert(FpCtx *c, const FpFormat *to, const FpFormat *from, u128 a)
{
    FpNum n = fp_unpack(from, a);

    if (fp_num_is_nan(n)) {
        n = fpn_nan(c, (const FpNum *[]){ &n }, 1);
    }
    return fp_round_pack(c, to, n);
}

u128 fp_from_int(FpCtx *c, const FpFormat *f, u128 v, bool is_signed)
{
    bool neg = is_signed && (v >> 127);

    return fp_round_pack(c, f, fpn_from_int(neg ? -v : v, neg));
}

/*
 * Split a finite number at the binary point and round the integral part's magnitude. Returns false
 * when the magnitude does not fit 128 bits. FR/FI/XX are reported to `flags`.
 */
static bool round_magnitude(FpNum n, FpRound rm, u128 *mag, uint32_t *flags)
{
    u128 ip, rest;      /* rest: fraction, left-aligned, with sticky */
    bool up = false;

    *flags = 0;
    if (n.exp > 127) {
        return false;
    }
    if (n.exp == 127) {
        *mag = n.sig;
        return true;
    }
    if (n.exp >= 0) {
        ip = n.sig >> (127 - n.exp);
        rest = n.sig << (n.exp + 1);
    } else {
        ip = 0;
        rest = n.exp == -1 ? n.sig : 1;
    }
    if (rest) {
        u128 half = (u128)1 << 127;

        switch (rm) {
        case FP_NEAREST_EVEN:
            up = rest > half || (rest == half && (ip & 1));
            break;
        case FP_NEAREST_AWAY:
            up = rest >= half;
            break;
        case FP_TO_ZERO:
            break;
        case FP_UP:
            up = !n.sign;
            break;
        case FP_DOWN:
            up = n.sign;
            break;
        case FP_TO_ODD:
            up = !(ip & 1);
            break;
        }
        *flags = FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
    }
    *mag = ip + up;
    return true;
}

/*
 * Saturating conversion (4.6.7, 7.6.1): a NaN becomes the most negative integer (0 if unsigned),
 * anything out of range the nearest limit, both with VXCVI.
 */
u128 fp_to_int(FpCtx *c, const FpFormat *f, u128 a, FpRound rm, int bits, bool is_signed)
{
    FpNum n = fp_unpack(f, a);
    u128 all = ~(u128)0 >> (128 - bits);
    u128 max = is_signed ? all >> 1 : all;
    u128 min_mag = is_signed ? max + 1 : 0;     /* magnitude of the most negative integer */
    u128 mag = 0;
    uint32_t flags = 0;

    if (fp_num_is_nan(n)) {
        c->flags |= FPSCR_VXCVI | (n.cls == FPN_SNAN ? FPSCR_VXSNAN : 0);
        return min_mag;
    }
    if (n.cls == FPN_ZERO) {
        return 0;
    }
    if (n.cls == FPN_INF || !round_magnitude(n, rm, &mag, &flags) ||
        mag > (n.sign ? min_mag : max)) {
        c->flags |= FPSCR_VXCVI;
        return n.sign ? min_mag : max;
    }
    c->flags |= flags;
    return (n.sign ? -mag : mag) & all;
}

u128 fp_round_to_int(FpCtx *c, const FpFormat *f, u128 a, FpRound rm, bool report_inexact)
{
    FpNum n = fp_unpack(f, a), r;
    u128 mag;
    uint32_t flags;

    if (fp_num_is_nan(n)) {
        return fp_pack(f, fpn_nan(c, (const FpNum *[]){ &n }, 1));
    }
    /* From 2^(prec-1) on every number is integral. */
    if (n.cls != FPN_FINITE || n.exp >= f->prec - 1 || !round_magnitude(n, rm, &mag, &flags)) {
        return a;
    }
    if (report_inexact) {
        c->flags |= flags;
    }
    r = fpn_from_int(mag, n.sign);
    return fp_pack(f, r);
}

u128 fp_round_quad_to_extended(FpCtx *c, u128 a, FpRound rm)
{
    /* Precision of double-extended, range and layout of quad. */
    static const FpFormat extended = { 64, -16382, 16383, 24576, 112, 15 };
    FpNum n = fp_unpack(&fp_quad, a);
    FpRound saved = c->rm;
    u128 r;

    if (fp_num_is_nan(n)) {
        return fp_pack(&extended, fpn_nan(c, (const FpNum *[]){ &n }, 1));
    }
    c->rm = rm;
    r = fp_round_pack(c, &extended, n);
    c->rm = saved;
    return r;
}
