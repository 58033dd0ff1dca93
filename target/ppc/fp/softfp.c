/*
 * Exact binary arithmetic: unpack, add, multiply, divide, square root, multiply-add, round and
 * pack.
 *
 * One code path serves all formats. Significands are 128 bits with a sticky bit, which leaves at
 * least 15 bits below binary128's last place; sums and products are formed in 256 bits, because
 * there a product of two 113-bit significands is exact and a cancellation can never uncover bits
 * that were dropped.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/softfp.h"

#define TOP ((u128)1 << 127)

const FpFormat fp_half = { 11, -14, 15, 24, 10, 5 };
const FpFormat fp_bfloat = { 8, -126, 127, 192, 7, 8 };
const FpFormat fp_single = { 24, -126, 127, 192, 23, 8 };
const FpFormat fp_double = { 53, -1022, 1023, 1536, 52, 11 };
const FpFormat fp_quad = { 113, -16382, 16383, 24576, 112, 15 };
const FpFormat fp_single_in_double = { 24, -126, 127, 192, 52, 11 };

static int clz128(u128 v)
{
    uint64_t hi = v >> 64;

    return hi ? __builtin_clzll(hi) : 64 + __builtin_clzll((uint64_t)v);
}

static u128 shift_right_jam(u128 v, unsigned n)
{
    if (n == 0) {
        return v;
    }
    if (n > 127) {
        return v != 0;
    }
    return v >> n | ((v << (128 - n)) != 0);
}

static int format_bias(const FpFormat *f)
{
    return (1 << (f->exp_bits - 1)) - 1;
}

FpNum fp_unpack(const FpFormat *f, u128 bits)
{
    FpNum n = { .sign = fp_sign(f, bits) };
    unsigned e = fp_exp_field(f, bits);
    u128 frac = fp_frac_field(f, bits);

    if (e == (1u << f->exp_bits) - 1) {
        if (frac == 0) {
            n.cls = FPN_INF;
        } else {
            n.cls = frac >> (f->frac_bits - 1) ? FPN_QNAN : FPN_SNAN;
            n.sig = frac << (127 - f->frac_bits);
        }
    } else if (e == 0) {
        if (frac == 0) {
            n.cls = FPN_ZERO;
        } else {
            int sh = clz128(frac);

            n.cls = FPN_FINITE;
            n.sig = frac << sh;
            n.exp = 1 - format_bias(f) + (127 - f->frac_bits) - sh;
        }
    } else {
        n.cls = FPN_FINITE;
        n.sig = TOP | frac << (127 - f->frac_bits);
        n.exp = (int)e - format_bias(f);
    }
    return n;
}

u128 fp_pack(const FpFormat *f, FpNum n)
{
    u128 sign = (u128)n.sign << (f->frac_bits + f->exp_bits);
    u128 emask = ((u128)1 << f->exp_bits) - 1;
    u128 frac = (n.sig & ~TOP) >> (127 - f->frac_bits);
    int e;

    switch (n.cls) {
    case FPN_ZERO:
        return sign;
    case FPN_INF:
        return sign | emask << f->frac_bits;
    case FPN_QNAN:
    case FPN_SNAN:
        /* A NaN that is held in a wider layout keeps no more payload than its precision has. */
        frac &= ~(((u128)1 << (f->frac_bits - f->prec + 1)) - 1);
        return sign | emask << f->frac_bits | frac;
    default:
        break;
    }
    e = n.exp + format_bias(f);
    if (e >= (int)emask) {
        return sign | emask << f->frac_bits;
    }
    if (e <= 0) {
        unsigned sh = 127 - f->frac_bits + 1 - e;

        return sign | (sh > 127 ? 0 : n.sig >> sh);
    }
    return sign | (u128)e << f->frac_bits | frac;
}

/*
 * Round to f's precision and range, as 4.3.6 and the overflow and underflow rules of 4.4.3-4.4.5
 * say. Tininess is detected before rounding.
 */
static FpNum round_to(FpCtx *c, const FpFormat *f, FpNum n, bool *wrapped)
{
    unsigned drop = 128 - f->prec;
    u128 mask = ((u128)1 << drop) - 1, half = (u128)1 << (drop - 1), lsb = (u128)1 << drop, low;
    bool tiny = n.exp < f->emin, up = false, subnormal = false;

    if (tiny) {
        if (c->enables & FPSCR_UE) {
            c->flags |= FPSCR_UX;
            n.exp += f->wrap;
            *wrapped = true;
        } else {
            n.sig = shift_right_jam(n.sig, f->emin - n.exp);
            n.exp = f->emin;
            subnormal = true;
        }
    }
    low = n.sig & mask;
    if (low) {
        switch (c->rm) {
        case FP_NEAREST_EVEN:
            up = low > half || (low == half && (n.sig & lsb));
            break;
        case FP_NEAREST_AWAY:
            up = low >= half;
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
            up = !(n.sig & lsb);
            break;
        }
        c->flags |= FPSCR_XX | FPSCR_FI | (up ? FPSCR_FR : 0);
        if (subnormal) {
            c->flags |= FPSCR_UX;
        }
        n.sig &= ~mask;
        if (up) {
            n.sig += lsb;
            if (n.sig == 0) {
                n.sig = TOP;
                n.exp++;
            }
        }
    }
    if (n.exp > f->emax) {
        c->flags |= FPSCR_OX;
        if (c->enables & FPSCR_OE) {
            n.exp -= f->wrap;
            *wrapped = true;
        } else {
            bool inf = c->rm == FP_NEAREST_EVEN || c->rm == FP_NEAREST_AWAY ||
                       (c->rm == FP_UP && !n.sign) || (c->rm == FP_DOWN && n.sign);

            c->flags = (c->flags & ~FPSCR_FR) | FPSCR_XX | FPSCR_FI | (inf ? FPSCR_FR : 0);
            if (inf) {
                n.cls = FPN_INF;
            } else {
                n.exp = f->emax;
                n.sig = ~mask;
            }
        }
    } else if (subnormal) {
        if (n.sig == 0) {
            n.cls = FPN_ZERO;
        } else {
            int sh = clz128(n.sig);

            n.sig <<= sh;
            n.exp -= sh;
        }
    }
    return n;
}

u128 fp_round_pack(FpCtx *c, const FpFormat *f, FpNum n)
{
    bool wrapped = false;

    if (n.cls == FPN_FINITE) {
        n = round_to(c, f, n, &wrapped);
    }
    if (wrapped) {
        /* A conversion from a much wider format may be out of range still: the field's low bits. */
        u128 e = (u128)(n.exp + format_bias(f)) & ((1u << f->exp_bits) - 1);

        n.exp = 0;
        return fp_insert_exp(f, fp_pack(f, n), (unsigned)e);
    }
    return fp_pack(f, n);
}

/* The first operand that is a NaN, quieted; any signalling one is reported (4.3.2). */
FpNum fpn_nan(FpCtx *c, const FpNum *ops[], int count)
{
    FpNum r = { .cls = FPN_QNAN, .sig = TOP >> 1 };
    bool found = false;

    for (int i = 0; i < count; i++) {
        if (ops[i]->cls == FPN_SNAN) {
            c->flags |= FPSCR_VXSNAN;
        }
        if (!found && fp_num_is_nan(*ops[i])) {
            r = *ops[i];
            r.cls = FPN_QNAN;
            r.sig |= TOP >> 1;
            found = true;
        }
    }
    return r;
}

static FpNum nan1(FpCtx *c, FpNum a)
{
    return fpn_nan(c, (const FpNum *[]){ &a }, 1);
}

static FpNum nan2(FpCtx *c, FpNum a, FpNum b)
{
    return fpn_nan(c, (const FpNum *[]){ &a, &b }, 2);
}

static FpNum invalid(FpCtx *c, uint32_t why)
{
    c->flags |= why;
    return (FpNum){ .cls = FPN_QNAN, .sig = TOP >> 1 };
}

/* value = (hi:lo) / 2^255 * 2^exp, bit 255 set. */
typedef struct Wide {
    u128 hi, lo;
    int exp;
    bool sign;
} Wide;

static FpNum from_wide(Wide w)
{
    return (FpNum){ .cls = FPN_FINITE, .sign = w.sign, .exp = w.exp, .sig = w.hi | (w.lo != 0) };
}

static Wide to_wide(FpNum n)
{
    return (Wide){ .hi = n.sig, .exp = n.exp, .sign = n.sign };
}

static void wide_shift_right_jam(Wide *w, unsigned n)
{
    if (n == 0) {
        return;
    }
    if (n >= 128) {
        bool lost = w->lo != 0;

        w->lo = shift_right_jam(w->hi, n - 128) | lost;
        w->hi = 0;
    } else {
        bool lost = (w->lo << (128 - n)) != 0;

        w->lo = w->lo >> n | w->hi << (128 - n) | lost;
        w->hi >>= n;
    }
}

static FpNum wide_add(FpCtx *c, Wide a, Wide b)
{
    if (a.exp < b.exp || (a.exp == b.exp && (a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo)))) {
        Wide t = a;

        a = b;
        b = t;
    }
    wide_shift_right_jam(&b, a.exp - b.exp);
    if (a.sign == b.sign) {
        u128 lo = a.lo + b.lo, hi = a.hi + b.hi;
        bool carry_lo = lo < a.lo, carry = hi < a.hi;

        hi += carry_lo;
        carry |= carry_lo && hi == 0;
        a.lo = lo;
        a.hi = hi;
        if (carry) {
            wide_shift_right_jam(&a, 1);
            a.hi |= TOP;
            a.exp++;
        }
        return from_wide(a);
    }
    a.hi = a.hi - b.hi - (a.lo < b.lo);
    a.lo -= b.lo;
    if (a.hi == 0 && a.lo == 0) {
        return (FpNum){ .cls = FPN_ZERO, .sign = c->rm == FP_DOWN };
    }
    if (a.hi == 0) {
        a.hi = a.lo;
        a.lo = 0;
        a.exp -= 128;
    }
    int sh = clz128(a.hi);
    if (sh) {
        a.hi = a.hi << sh | a.lo >> (128 - sh);
        a.lo <<= sh;
        a.exp -= sh;
    }
    return from_wide(a);
}

static Wide wide_mul(FpNum a, FpNum b)
{
    uint64_t a1 = a.sig >> 64, a0 = a.sig, b1 = b.sig >> 64, b0 = b.sig;
    u128 p00 = (u128)a0 * b0, p01 = (u128)a0 * b1, p10 = (u128)a1 * b0, p11 = (u128)a1 * b1;
    u128 mid = (p00 >> 64) + (uint64_t)p01 + (uint64_t)p10;
    Wide w = { .sign = a.sign ^ b.sign, .exp = a.exp + b.exp + 1 };

    w.lo = mid << 64 | (uint64_t)p00;
    w.hi = p11 + (p01 >> 64) + (p10 >> 64) + (mid >> 64);
    if (!(w.hi & TOP)) {
        w.hi = w.hi << 1 | w.lo >> 127;
        w.lo <<= 1;
        w.exp--;
    }
    return w;
}

FpNum fpn_add(FpCtx *c, FpNum a, FpNum b)
{
    if (fp_num_is_nan(a) || fp_num_is_nan(b)) {
        return nan2(c, a, b);
    }
    if (a.cls == FPN_INF || b.cls == FPN_INF) {
        if (a.cls == b.cls && a.sign != b.sign) {
            return invalid(c, FPSCR_VXISI);
        }
        return a.cls == FPN_INF ? a : b;
    }
    if (a.cls == FPN_ZERO && b.cls == FPN_ZERO) {
        if (a.sign != b.sign) {
            a.sign = c->rm == FP_DOWN;
        }
        return a;
    }
    if (a.cls == FPN_ZERO || b.cls == FPN_ZERO) {
        return a.cls == FPN_ZERO ? b : a;
    }
    return wide_add(c, to_wide(a), to_wide(b));
}

FpNum fpn_mul(FpCtx *c, FpNum a, FpNum b)
{
    if (fp_num_is_nan(a) || fp_num_is_nan(b)) {
        return nan2(c, a, b);
    }
    if (a.cls == FPN_INF || b.cls == FPN_INF || a.cls == FPN_ZERO || b.cls == FPN_ZERO) {
        if (a.cls + b.cls == FPN_INF + FPN_ZERO && a.cls != b.cls) {
            return invalid(c, FPSCR_VXIMZ);
        }
        return (FpNum){ .sign = a.sign ^ b.sign,
                        .cls = a.cls == FPN_INF || b.cls == FPN_INF ? FPN_INF : FPN_ZERO };
    }
    return from_wide(wide_mul(a, b));
}

FpNum fpn_div(FpCtx *c, FpNum a, FpNum b, int prec)
{
    FpNum r = { .cls = FPN_FINITE, .sign = a.sign ^ b.sign, .exp = a.exp - b.exp };

    if (fp_num_is_nan(a) || fp_num_is_nan(b)) {
        return nan2(c, a, b);
    }
    if (a.cls == FPN_INF) {
        if (b.cls == FPN_INF) {
            return invalid(c, FPSCR_VXIDI);
        }
        r.cls = FPN_INF;
        return r;
    }
    if (b.cls == FPN_ZERO) {
        if (a.cls == FPN_ZERO) {
            return invalid(c, FPSCR_VXZDZ);
        }
        c->flags |= FPSCR_ZX;
        r.cls = FPN_INF;
        return r;
    }
    if (b.cls == FPN_INF || a.cls == FPN_ZERO) {
        r.cls = FPN_ZERO;
        return r;
    }
    if (prec <= 53) {
        /* Significands are in the upper halves: one 128 by 64 bit division gives 63 bits. */
        u128 num = a.sig >> 1;
        uint64_t den = b.sig >> 64;

        r.sig = (num / den) << 64 | (num % den != 0);
    } else {
        u128 rem = a.sig, q = 0;
        bool carry = false;

        for (int i = 0; i < 128; i++) {
            q <<= 1;
            if (carry || rem >= b.sig) {
                rem -= b.sig;
                q |= 1;
            }
            carry = rem >> 127;
            rem <<= 1;
        }
        r.sig = q | (rem || carry);
    }
    if (!(r.sig & TOP)) {
        r.sig = r.sig << 1;
        r.exp--;
        /* The sticky bit moved up; it still is below everything that counts. */
    }
    return r;
}

FpNum fpn_sqrt(FpCtx *c, FpNum a, int prec)
{
    FpNum r = { .cls = FPN_FINITE };
    u128 radicand, root = 0, rem = 0;
    int digits;

    if (fp_num_is_nan(a)) {
        return nan1(c, a);
    }
    if (a.cls == FPN_ZERO) {
        return a;
    }
    if (a.sign) {
        return invalid(c, FPSCR_VXSQRT);
    }
    if (a.cls == FPN_INF) {
        return a;
    }
    /* Two integer bits, so that the exponent halves exactly. */
    radicand = a.exp & 1 ? a.sig : a.sig >> 1;
    r.exp = (a.exp - (a.exp & 1)) / 2;
    digits = prec <= 53 ? 60 : 118;
    for (int i = 0; i < digits; i++) {
        u128 trial = root << 2 | 1;

        rem = rem << 2 | radicand >> 126;
        radicand <<= 2;
        root <<= 1;
        if (rem >= trial) {
            rem -= trial;
            root |= 1;
        }
    }
    r.sig = root << (128 - digits) | (rem || radicand);
    return r;
}

FpNum fpn_muladd(FpCtx *c, FpNum a, FpNum mul, FpNum add)
{
    bool zero_times_inf = (a.cls == FPN_ZERO && mul.cls == FPN_INF) ||
                          (a.cls == FPN_INF && mul.cls == FPN_ZERO);
    bool sign = a.sign ^ mul.sign;

    /* The multiplication happens first, so it is reported even when the addend is a NaN. */
    if (zero_times_inf) {
        c->flags |= FPSCR_VXIMZ;
    }
    if (fp_num_is_nan(a) || fp_num_is_nan(mul) || fp_num_is_nan(add)) {
        return fpn_nan(c, (const FpNum *[]){ &a, &add, &mul }, 3);
    }
    if (zero_times_inf) {
        return invalid(c, FPSCR_VXIMZ);
    }
    if (a.cls == FPN_INF || mul.cls == FPN_INF) {
        return fpn_add(c, (FpNum){ .cls = FPN_INF, .sign = sign }, add);
    }
    if (a.cls == FPN_ZERO || mul.cls == FPN_ZERO) {
        return fpn_add(c, (FpNum){ .cls = FPN_ZERO, .sign = sign }, add);
    }
    if (add.cls == FPN_FINITE) {
        return wide_add(c, wide_mul(a, mul), to_wide(add));
    }
    return add.cls == FPN_INF ? add : from_wide(wide_mul(a, mul));
}

FpNum fpn_from_int(u128 magnitude, bool sign)
{
    FpNum n = { .sign = sign };

    if (magnitude == 0) {
        n.cls = FPN_ZERO;
    } else {
        int sh = clz128(magnitude);

        n.cls = FPN_FINITE;
        n.sig = magnitude << sh;
        n.exp = 127 - sh;
    }
    return n;
}

u128 fp_add(FpCtx *c, const FpFormat *f, u128 a, u128 b)
{
    return fp_round_pack(c, f, fpn_add(c, fp_unpack(f, a), fp_unpack(f, b)));
}

u128 fp_sub(FpCtx *c, const FpFormat *f, u128 a, u128 b)
{
    FpNum nb = fp_unpack(f, b);

    if (!fp_num_is_nan(nb)) {
        nb.sign = !nb.sign;
    }
    return fp_round_pack(c, f, fpn_add(c, fp_unpack(f, a), nb));
}

u128 fp_mul(FpCtx *c, const FpFormat *f, u128 a, u128 b)
{
    return fp_round_pack(c, f, fpn_mul(c, fp_unpack(f, a), fp_unpack(f, b)));
}

u128 fp_div(FpCtx *c, const FpFormat *f, u128 a, u128 b)
{
    return fp_round_pack(c, f, fpn_div(c, fp_unpack(f, a), fp_unpack(f, b), f->prec));
}

u128 fp_sqrt(FpCtx *c, const FpFormat *f, u128 a)
{
    return fp_round_pack(c, f, fpn_sqrt(c, fp_unpack(f, a), f->prec));
}

u128 fp_muladd(FpCtx *c, const FpFormat *f, u128 a, u128 mul, u128 add, int kind)
{
    FpNum addend = fp_unpack(f, add), r;
    u128 bits;

    if ((kind & FP_MSUB) && !fp_num_is_nan(addend)) {
        addend.sign = !addend.sign;
    }
    r = fpn_muladd(c, fp_unpack(f, a), fp_unpack(f, mul), addend);
    bits = fp_round_pack(c, f, r);
    if ((kind & FP_NMADD) && !fp_num_is_nan(r)) {
        bits ^= (u128)1 << (f->frac_bits + f->exp_bits);
    }
    return bits;
}
