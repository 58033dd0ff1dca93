/*
 * The exact floating-point library against the host's own arithmetic, and against the book where
 * the book differs from IEEE defaults: status bits, enabled exceptions, NaNs, saturating
 * conversions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <check.h>
#include <fenv.h>
#include <math.h>
#include <string.h>
#include "target/ppc/fp/fpop.h"
#include "target/ppc/fp/vmxfp.h"
#include "tests/unit/rnd.h"

/* Random bit patterns with the exponents that matter: extremes, near each other, special values. */
static uint64_t operand(const FpFormat *f)
{
    int width = f->frac_bits + f->exp_bits + 1, bias = f->emax;
    uint64_t frac = rnd() & ((1ull << f->frac_bits) - 1), sign = (rnd() & 1) << (width - 1), e;

    if (rnd() & 1) {
        frac &= ~0ull << (rnd() % f->frac_bits);
    }
    switch (rnd() % 6) {
    case 0:
        e = rnd() & ((1u << f->exp_bits) - 1);
        break;
    case 1:
        e = rnd() % 3;
        break;
    case 2:
        e = (1u << f->exp_bits) - 1 - rnd() % 3;
        break;
    default:
        e = bias - 30 + rnd() % 60;
        break;
    }
    if (rnd() % 8 == 0) {
        frac = 0;
    }
    return sign | e << f->frac_bits | frac;
}

static const int host_mode[] = { FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD };

static uint32_t host_flags(void)
{
    int e = fetestexcept(FE_ALL_EXCEPT);

    return (e & FE_INEXACT ? FPSCR_XX : 0) | (e & FE_OVERFLOW ? FPSCR_OX : 0) |
           (e & FE_DIVBYZERO ? FPSCR_ZX : 0) | (e & FE_INVALID ? FPSCR_VX : 0);
}

static uint32_t our_flags(uint32_t flags)
{
    return (flags & (FPSCR_XX | FPSCR_OX | FPSCR_ZX)) | (flags & FPSCR_VX_ALL ? FPSCR_VX : 0);
}

/* Same bits, or a NaN in both; same flags. Underflow is apart: the host detects it after rounding. */
static void same(const FpFormat *f, const char *what, FpRound rm, uint64_t a, uint64_t b, uint64_t c,
                 uint64_t host, uint32_t hflags, uint64_t ours, uint32_t flags)
{
    bool nan = fp_compare_quiet(f, host, host) == FP_UN;

    ck_assert_msg(nan ? fp_compare_quiet(f, ours, ours) == FP_UN : host == ours,
                  "%s rm %d a %lx b %lx c %lx: host %lx, ours %lx", what, rm, (long)a, (long)b, (long)c,
                  (long)host, (long)ours);
    ck_assert_msg(hflags == our_flags(flags), "%s rm %d a %lx b %lx c %lx: host flags %x, ours %x", what,
                  rm, (long)a, (long)b, (long)c, hflags, flags);
}

#define TYPED(type, bits_t, fmt, SQRT, FMA)                                             \
static type to_##type(uint64_t v)                                                       \
{                                                                                       \
    bits_t w = (bits_t)v;                                                               \
    type d;                                                                             \
    memcpy(&d, &w, sizeof(d));                                                          \
    return d;                                                                           \
}                                                                                       \
static uint64_t from_##type(type d)                                                     \
{                                                                                       \
    bits_t w;                                                                           \
    memcpy(&w, &d, sizeof(d));                                                          \
    return w;                                                                           \
}                                                                                       \
START_TEST(arithmetic_##type)                                                           \
{                                                                                       \
    static const char *const names[] = { "add", "sub", "mul", "div", "sqrt", "fma" };   \
    for (int i = 0; i < 200000; i++) {                                                  \
        uint64_t a = operand(&fmt), b = operand(&fmt), c = operand(&fmt), ours;         \
        FpRound rm = (FpRound)(rnd() & 3);                                              \
        volatile type x = to_##type(a), y = to_##type(b), z = to_##type(c), r;          \
        FpCtx ctx = { .rm = rm };                                                       \
        uint32_t hf;                                                                    \
        int op = (int)(rnd() % 6);                                                      \
                                                                                        \
        fesetround(host_mode[rm]);                                                      \
        feclearexcept(FE_ALL_EXCEPT);                                                   \
        switch (op) {                                                                   \
        case 0: r = x + y; break;                                                       \
        case 1: r = x - y; break;                                                       \
        case 2: r = x * y; break;                                                       \
        case 3: r = x / y; break;                                                       \
        case 4: r = SQRT(x); break;                                                     \
        default: r = FMA(x, y, z); break;                                               \
        }                                                                               \
        hf = host_flags();                                                              \
        fesetround(FE_TONEAREST);                                                       \
        switch (op) {                                                                   \
        case 0: ours = (uint64_t)fp_add(&ctx, &fmt, a, b); break;                       \
        case 1: ours = (uint64_t)fp_sub(&ctx, &fmt, a, b); break;                       \
        case 2: ours = (uint64_t)fp_mul(&ctx, &fmt, a, b); break;                       \
        case 3: ours = (uint64_t)fp_div(&ctx, &fmt, a, b); break;                       \
        case 4: ours = (uint64_t)fp_sqrt(&ctx, &fmt, a); break;                         \
        default: ours = (uint64_t)fp_muladd(&ctx, &fmt, a, b, c, FP_MADD); break;       \
        }                                                                               \
        same(&fmt, names[op], rm, a, b, c, from_##type(r), hf, ours, ctx.flags);        \
    }                                                                                   \
}                                                                                       \
END_TEST

TYPED(double, uint64_t, fp_double, sqrt, fma)
TYPED(float, uint32_t, fp_single, sqrtf, fmaf)

START_TEST(arithmetic_quad)
{
    for (int i = 0; i < 50000; i++) {
        u128 a = (u128)rnd() << 64 | rnd(), b = (u128)rnd() << 64 | rnd(), h, ours;
        __float128 x, y;
        volatile __float128 r;
        FpRound rm = (FpRound)(rnd() & 3);
        FpCtx ctx = { .rm = rm };
        int op = (int)(rnd() & 3);

        if (rnd() & 1) {
            b = (b & ~((u128)0x7fff << 112)) | (a & ((u128)0x7fff << 112));
            b ^= (u128)(rnd() & 3) << 112;
        }
        memcpy(&x, &a, 16);
        memcpy(&y, &b, 16);
        fesetround(host_mode[rm]);
        r = op == 0 ? x + y : op == 1 ? x - y : op == 2 ? x * y : x / y;
        fesetround(FE_TONEAREST);
        memcpy(&h, (const void *)&r, 16);
        ours = op == 0 ? fp_add(&ctx, &fp_quad, a, b) : op == 1 ? fp_sub(&ctx, &fp_quad, a, b) :
               op == 2 ? fp_mul(&ctx, &fp_quad, a, b) : fp_div(&ctx, &fp_quad, a, b);
        if (fp_compare_quiet(&fp_quad, h, h) == FP_UN) {
            ck_assert(fp_compare_quiet(&fp_quad, ours, ours) == FP_UN);
        } else {
            ck_assert_msg(h == ours, "quad op %d rm %d a %016lx_%016lx b %016lx_%016lx", op, rm,
                          (long)(a >> 64), (long)a, (long)(b >> 64), (long)b);
        }
    }
}
END_TEST

/* A square root is right if its square brackets the operand; the fused multiply-add is exact. */
START_TEST(sqrt_quad)
{
    for (int i = 0; i < 20000; i++) {
        u128 a = ((u128)rnd() << 64 | rnd()) >> 1, r, lo, hi, zero = 0, top;
        FpCtx ctx = { .rm = FP_TO_ZERO }, e = { .rm = FP_NEAREST_EVEN };

        /* So small that the remainder would be lost, or no number. */
        if (fp_exp_field(&fp_quad, a) < 300 || fp_exp_field(&fp_quad, a) == 0x7fff) {
            continue;
        }
        r = fp_sqrt(&ctx, &fp_quad, a);
        lo = fp_muladd(&e, &fp_quad, r, r, a, FP_MSUB);
        hi = fp_muladd(&e, &fp_quad, r + 1, r + 1, a, FP_MSUB);
        top = hi >> 127;
        ck_assert(fp_compare_quiet(&fp_quad, lo, zero) & (FP_LT | FP_EQ));
        ck_assert(fp_compare_quiet(&fp_quad, hi, zero) == FP_GT && !top);
        ck_assert(((ctx.flags & FPSCR_XX) != 0) == (fp_compare_quiet(&fp_quad, lo, zero) != FP_EQ));
    }
}
END_TEST

/* FR says that the magnitude was rounded up, FI that it was rounded at all. */
START_TEST(fraction_rounded)
{
    for (int i = 0; i < 100000; i++) {
        uint64_t a = operand(&fp_double), b = operand(&fp_double), r, t;
        FpCtx n = { .rm = (FpRound)(rnd() & 3) }, z = { .rm = FP_TO_ZERO };

        r = (uint64_t)fp_div(&n, &fp_double, a, b);
        t = (uint64_t)fp_div(&z, &fp_double, a, b);
        ck_assert(!(n.flags & FPSCR_FR) == (r == t));
        ck_assert(!(n.flags & FPSCR_FI) == !(n.flags & FPSCR_XX));
    }
}
END_TEST

START_TEST(conversions)
{
    for (int i = 0; i < 200000; i++) {
        uint64_t a = operand(&fp_double), bits;
        FpRound rm = (FpRound)(rnd() & 3);
        FpCtx ctx = { .rm = rm }, back = { .rm = rm };
        volatile double d = to_double(a);
        volatile float f;
        volatile int64_t v = (int64_t)rnd() >> (rnd() & 63);
        uint32_t hf;

        fesetround(host_mode[rm]);
        feclearexcept(FE_ALL_EXCEPT);
        f = (float)d;
        hf = host_flags();
        bits = (uint64_t)fp_convert(&ctx, &fp_single, &fp_double, a);
        same(&fp_single, "to single", rm, a, 0, 0, from_float(f), hf, bits, ctx.flags);
        if (fabs(d) < 0x1p62) {
            ctx.flags = 0;
            ck_assert((int64_t)fp_to_int(&ctx, &fp_double, a, rm, 64, true) == llrint(d));
        }
        d = (double)v;
        fesetround(FE_TONEAREST);
        bits = (uint64_t)fp_from_int(&back, &fp_double, (u128)(s128)v, true);
        ck_assert_msg(bits == from_double(d), "%ld rm %d: %lx", (long)v, rm, (long)bits);
    }
}
END_TEST

START_TEST(saturation)
{
    static const struct {
        uint64_t a;
        int bits;
        bool is_signed;
        uint64_t want;
        uint32_t flags;
    } t[] = {
        { 0x7ff8000000000000, 64, true, 0x8000000000000000, FPSCR_VXCVI },
        { 0x7ff0000000000001, 64, true, 0x8000000000000000, FPSCR_VXCVI | FPSCR_VXSNAN },
        { 0x7ff8000000000000, 64, false, 0, FPSCR_VXCVI },
        { 0x43e0000000000000, 64, true, 0x7fffffffffffffff, FPSCR_VXCVI },
        { 0xc3e0000000000000, 64, true, 0x8000000000000000, 0 },
        { 0xc3e0000000000001, 64, true, 0x8000000000000000, FPSCR_VXCVI },
        { 0x43f0000000000000, 64, false, 0xffffffffffffffff, FPSCR_VXCVI },
        { 0xbff0000000000000, 64, false, 0, FPSCR_VXCVI },
        { 0xbfe0000000000000, 64, false, 0, FPSCR_XX | FPSCR_FI },
        { 0x41dfffffffdfffff, 32, true, 0x7fffffff, FPSCR_XX | FPSCR_FI },
        { 0x41dfffffffe00000, 32, true, 0x7fffffff, FPSCR_VXCVI },
        { 0x41efffffffe00000, 32, false, 0xffffffff, 0 },
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        FpCtx c = { .rm = FP_NEAREST_EVEN };
        uint64_t r = (uint64_t)fp_to_int(&c, &fp_double, t[i].a, c.rm, t[i].bits, t[i].is_signed);

        ck_assert_uint_eq(c.flags, t[i].flags);
        ck_assert_msg(r == t[i].want, "case %zu: %lx", i, (long)r);
    }
}
END_TEST

START_TEST(enabled_exceptions)
{
    FpCtx c = { .rm = FP_NEAREST_EVEN, .enables = FPSCR_OE | FPSCR_UE };
    uint64_t max = 0x7fefffffffffffff, tiny = 1;

    /* 2^1024-ish times 2: the exponent is lowered by 1536. */
    ck_assert_uint_eq((uint64_t)fp_mul(&c, &fp_double, max, 0x4000000000000000), 0x1fffffffffffffff);
    ck_assert_uint_eq(c.flags, FPSCR_OX);
    c.flags = 0;
    /* 2^-1074: raised by 1536. */
    ck_assert_uint_eq((uint64_t)fp_mul(&c, &fp_double, tiny, 0x3ff0000000000000),
                      (uint64_t)(1023 - 1074 + 1536) << 52);
    ck_assert_uint_eq(c.flags, FPSCR_UX);
    /* An exact denormal is no underflow unless the exception is enabled. */
    c = (FpCtx){ .rm = FP_NEAREST_EVEN };
    ck_assert_uint_eq((uint64_t)fp_mul(&c, &fp_double, tiny, 0x3ff0000000000000), tiny);
    ck_assert_uint_eq(c.flags, 0);
    /* Tininess is detected before rounding: this rounds up to the smallest normal number. */
    ck_assert_uint_eq((uint64_t)fp_mul(&c, &fp_double, 0x000fffffffffffff, 0x3ff0000000000001),
                      0x0010000000000000);
    ck_assert(c.flags & FPSCR_UX);
    /* Suppression. */
    c = (FpCtx){ .rm = FP_NEAREST_EVEN, .enables = FPSCR_ZE };
    fp_div(&c, &fp_double, 0x3ff0000000000000, 0);
    ck_assert(fp_suppressed(&c) && c.flags == FPSCR_ZX);
    c = (FpCtx){ .rm = FP_NEAREST_EVEN, .enables = FPSCR_VE };
    fp_muladd(&c, &fp_double, 0, 0x7ff0000000000000, 0x7ff0000000000001, FP_MADD);
    ck_assert(fp_suppressed(&c) && c.flags == (FPSCR_VXIMZ | FPSCR_VXSNAN));
}
END_TEST

START_TEST(not_a_number)
{
    const uint64_t sa = 0x7ff0000000000005, qb = 0xfff8000000000007, one = 0x3ff0000000000000;
    FpCtx c = { .rm = FP_NEAREST_EVEN };

    ck_assert_uint_eq((uint64_t)fp_add(&c, &fp_double, sa, qb), sa | 1ull << 51);
    ck_assert_uint_eq((uint64_t)fp_add(&c, &fp_double, one, qb), qb);
    /* A, then the addend, then C. */
    ck_assert_uint_eq((uint64_t)fp_muladd(&c, &fp_double, one, sa, qb, FP_NMSUB), qb);
    ck_assert_uint_eq((uint64_t)fp_sub(&c, &fp_double, 0x7ff0000000000000, 0x7ff0000000000000),
                      0x7ff8000000000000);
    ck_assert_uint_eq(c.flags, FPSCR_VXSNAN | FPSCR_VXISI);
    ck_assert_uint_eq((uint64_t)fp_minmax(&c, &fp_double, one, qb, true, FP_MM_NUM), one);
    ck_assert_uint_eq((uint64_t)fp_minmax(&c, &fp_double, one, qb, true, FP_MM_C), qb);
    ck_assert_uint_eq((uint64_t)fp_minmax(&c, &fp_double, 0, 1ull << 63, true, FP_MM_J), 0);
    ck_assert_uint_eq(fp_load_single(0x7fa00001), 0x7ff4000020000000);
    ck_assert_uint_eq(fp_store_single(0x7ff4000020000000), 0x7fa00001);
}
END_TEST

START_TEST(single_in_double)
{
    for (int i = 0; i < 100000; i++) {
        uint32_t a = (uint32_t)operand(&fp_single), b = (uint32_t)operand(&fp_single);
        FpCtx s = { .rm = (FpRound)(rnd() & 3) }, d = s;
        uint64_t r = (uint64_t)fp_mul(&d, &fp_single_in_double, fp_load_single(a), fp_load_single(b));
        uint32_t w = (uint32_t)fp_mul(&s, &fp_single, a, b);

        ck_assert_uint_eq(r, fp_load_single(w));
        ck_assert_uint_eq(s.flags, d.flags);
        ck_assert_uint_eq(fp_store_single(r), w);
        ck_assert_uint_eq(fp_fprf(&fp_single, w), fp_fprf(&fp_single_in_double, r));
    }
}
END_TEST

START_TEST(round_to_odd)
{
    /* Rounding to odd first makes a second rounding innocuous. */
    for (int i = 0; i < 100000; i++) {
        u128 a = ((u128)rnd() << 64 | rnd()) & ~((u128)0x7fff << 112), r, direct;
        FpCtx odd = { .rm = FP_TO_ODD }, near = { .rm = FP_NEAREST_EVEN }, c = near;

        a |= (u128)(16383 - 1080 + rnd() % 2160) << 112;
        if (rnd() & 1) {
            a &= ~(u128)0 << 60;
        }
        direct = fp_convert(&c, &fp_single, &fp_quad, a);
        r = fp_convert(&odd, &fp_double, &fp_quad, a);
        if (odd.flags & (FPSCR_OX | FPSCR_UX)) {
            continue;
        }
        ck_assert(fp_convert(&near, &fp_single, &fp_double, r) == direct);
    }
}
END_TEST

START_TEST(status_register)
{
    bool raised;
    uint64_t v = fpscr_apply(0, FPSCR_XX | FPSCR_FI, FPSCR_UPD_FRFI | FPSCR_UPD_FPRF, 0x11, &raised);

    ck_assert_uint_eq(v, FPSCR_FX | FPSCR_XX | FPSCR_FI | 0x11000);
    ck_assert(!raised);
    /* Already set: FX stays as it is. */
    v = fpscr_apply(v & ~(uint64_t)FPSCR_FX, FPSCR_XX | FPSCR_FI, FPSCR_UPD_FRFI, 0, &raised);
    ck_assert(!(v & FPSCR_FX));
    v = fpscr_apply(FPSCR_VE, FPSCR_VXSNAN, 0, 0, &raised);
    ck_assert_uint_eq(v, FPSCR_FX | FPSCR_FEX | FPSCR_VX | FPSCR_VXSNAN | FPSCR_VE);
    ck_assert(raised);
    /* mtfsfi cannot set the summary bits; mtfsb1 sets FX along. */
    ck_assert_uint_eq(fpscr_write(0, 0xf0000000, 0xf0000000), FPSCR_FX | FPSCR_OX);
    ck_assert_uint_eq(fpscr_set_bit(0, 3), FPSCR_FX | FPSCR_OX);
    ck_assert_uint_eq(fpscr_set_bit(0, 1), 0);
}
END_TEST

START_TEST(vmx_lanes)
{
    /* Non-Java mode: denormals are zeros on either side. */
    ck_assert_uint_eq(vmxfp_lane(VMXFP_ADD, true, 0x807fffff, 0x80000000, 0), 0x80000000);
    ck_assert_uint_eq(vmxfp_lane(VMXFP_ADD, false, 0x00000001, 0x00000001, 0), 2);
    ck_assert_uint_eq(vmxfp_lane(VMXFP_MAX, false, 0x80000000, 0, 0), 0);
    ck_assert_uint_eq(vmxfp_lane(VMXFP_CMPB, false, 0x40000000, 0x3f800000, 0), 0x80000000);
    ck_assert_uint_eq(vmxfp_lane(VMXFP_LOGE, false, 0, 0x41000000, 0), 0x40400000);
    ck_assert_uint_eq(vmxfp_lane(VMXFP_EXPTE, false, 0, 0x40400000, 0), 0x41000000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("softfp");
    TCase *tc = tcase_create("all");
    SRunner *sr;
    int failed;

    tcase_set_timeout(tc, 100);
    tcase_add_test(tc, arithmetic_double);
    tcase_add_test(tc, arithmetic_float);
    tcase_add_test(tc, arithmetic_quad);
    tcase_add_test(tc, sqrt_quad);
    tcase_add_test(tc, fraction_rounded);
    tcase_add_test(tc, conversions);
    tcase_add_test(tc, saturation);
    tcase_add_test(tc, enabled_exceptions);
    tcase_add_test(tc, not_a_number);
    tcase_add_test(tc, single_in_double);
    tcase_add_test(tc, round_to_odd);
    tcase_add_test(tc, status_register);
    tcase_add_test(tc, vmx_lanes);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
