/*
 * Decimal floating point (target/ppc/fp/dfpop.h).
 *
 * Numbers: 20,000 random operations against Python's decimal module (dfp-vectors.py makes the table at build
 * time). What that module does not know, the encodings, tests and format instructions of the book, follows as
 * properties and cases written by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <check.h>
#include <glib.h>
#include "target/ppc/fp/dfpop.h"
#include "target/ppc/fp/dpd.h"

typedef struct Vector {
    uint32_t desc;
    uint64_t fpscr;         /* DRN and enables */
    uint64_t v[6];          /* a, b, result: high and low doublewords */
    uint32_t flags;
    unsigned fprf;
} Vector;

static const Vector vectors[] = {
#include "dfp-vectors.h"
};

static u128 join(uint64_t high, uint64_t low)
{
    return (u128)high << 64 | low;
}

typedef struct Outcome {
    u128 r;
    uint32_t flags;
    unsigned fprf;
} Outcome;

static Outcome eval(uint32_t desc, uint64_t fpscr, u128 a, u128 b)
{
    DecCtx c = dec_ctx(fpscr);
    Outcome o = { 0 };
    bool wrapped;

    o.r = dfpop_eval(&c, desc, a, b, &o.fprf, &wrapped);
    o.flags = c.flags;
    return o;
}

START_TEST(same_as_python)
{
    for (size_t i = 0; i < G_N_ELEMENTS(vectors); i++) {
        const Vector *v = &vectors[i];
        Outcome o = eval(v->desc, v->fpscr, join(v->v[0], v->v[1]), join(v->v[2], v->v[3]));

        ck_assert_msg(o.r == join(v->v[4], v->v[5]) && o.flags == v->flags && o.fprf == v->fprf,
                      "%zu: op %u fpscr %lx a %lx_%016lx b %lx_%016lx: %lx_%016lx flags %x fprf %x, "
                      "not %lx_%016lx %x %x", i, DFD_OP(v->desc), (long)v->fpscr, (long)v->v[0], (long)v->v[1],
                      (long)v->v[2], (long)v->v[3], (long)(o.r >> 64), (long)o.r, o.flags, o.fprf,
                      (long)v->v[4], (long)v->v[5], v->flags, v->fprf);
    }
}
END_TEST

START_TEST(declets)
{
    int redundant = 0;

    for (unsigned n = 0; n < 1000; n++) {
        ck_assert_uint_eq(dpd_to_number(dpd_from_number(n)), n);
    }
    /* The 24 redundant declets hold digits of 8 and 9 alone. */
    for (unsigned d = 0; d < 1024; d++) {
        unsigned bcd = dpd_to_bcd(d);

        if (dpd_from_bcd(bcd) != d) {
            ck_assert_uint_eq(bcd & 0x888, 0x888);
            redundant++;
        }
    }
    ck_assert_int_eq(redundant, 24);
}
END_TEST

START_TEST(digits)
{
    ck_assert_int_eq(dec_digits(0), 0);
    for (int n = 0; n < 38; n++) {
        ck_assert_int_eq(dec_digits(dec_ten(n)), n + 1);
        ck_assert_int_eq(dec_digits(dec_ten(n + 1) - 1), n + 1);
    }
}
END_TEST

static const DecFormat *formats[] = { &dec_short, &dec_long, &dec_extended };

START_TEST(pack_unpack)
{
    for (int i = 0; i < 3; i++) {
        const DecFormat *f = formats[i];

        for (int e = dec_qmin(f); e <= dec_qmax(f); e++) {
            for (int lead = 0; lead < 10; lead++) {
                DecNum n = { .cls = DEC_FINITE, .sign = e & 1, .exp = e };
                DecNum m;

                n.coeff = lead * dec_ten(f->digits - 1) + (u128)(e - dec_qmin(f)) * 7919 % dec_ten(f->digits - 1);
                m = dec_unpack(f, dec_pack(f, n));
                ck_assert(m.cls == n.cls && m.sign == n.sign && m.exp == n.exp && m.coeff == n.coeff);
            }
        }
        for (DecClass cls = DEC_INF; cls <= DEC_SNAN; cls++) {
            DecNum n = { .cls = cls, .sign = true, .coeff = dec_ten(f->digits - 1) - 1 };
            DecNum m = dec_unpack(f, dec_pack(f, n));

            ck_assert(m.cls == cls && m.sign && m.coeff == n.coeff);
        }
    }
}
END_TEST

#define L(op, a, b, imm) eval(DFPDESC(DFO_##op, DFF_L, DFF_L, DFF_L, DFR_CURRENT, imm), 0, a, b)
#define D_ONE   0x2238000000000001ull
#define D_INF   0x7800000000000000ull
#define D_QNAN  0x7c00000000000000ull
#define D_SNAN  0x7e00000000000000ull
#define D_MINUS (1ull << 63)

START_TEST(data_class)
{
    static const struct { uint64_t v; unsigned dcm, dgm; } t[] = {
        { 0x2238000000000000, 0x20, 0x20 },     /* 0 */
        { 0x0000000000000000, 0x20, 0x10 },     /* 0e-398: an extreme exponent */
        { 0x43fc000000000000, 0x20, 0x10 },     /* 0e369 */
        { 0x0000000000000001, 0x10, 8 },        /* 1e-398 */
        { 0x0004000000000001, 0x10, 8 },        /* 1e-397: subnormal, though not extreme */
        { 0x0400000000000000, 8, 8 },           /* 1e-383, exponent -398 */
        { 0x0404000000000000, 8, 2 },           /* 1e-382: leftmost digit nonzero */
        { D_ONE, 8, 4 },
        { 0x47fc000000000000, 8, 8 },           /* exponent 369 */
        { D_INF, 4, 1 }, { 0x7800000000000001, 4, 1 }, { D_QNAN, 2, 1 }, { 0x7c00000000000123, 2, 1 }, { D_SNAN, 1, 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(t); i++) {
        for (unsigned mask = 0; mask < 64; mask++) {
            for (int sign = 0; sign < 2; sign++) {
                uint64_t v = t[i].v | (sign ? D_MINUS : 0);

                ck_assert_uint_eq(L(TSTDC, v, 0, mask).r, (sign ? 8 : 0) | (t[i].dcm & mask ? 2 : 0));
                ck_assert_uint_eq(L(TSTDG, v, 0, mask).r, (sign ? 8 : 0) | (t[i].dgm & mask ? 2 : 0));
            }
        }
    }
}
END_TEST

START_TEST(significance)
{
    const uint64_t v123 = 0x22380000000000a3;      /* 123 */

    ck_assert_uint_eq(L(TSTSFI, 0, v123, 0).r, 4);
    ck_assert_uint_eq(L(TSTSFI, 0, v123, 2).r, 8);
    ck_assert_uint_eq(L(TSTSFI, 0, v123, 3).r, 2);
    ck_assert_uint_eq(L(TSTSFI, 0, v123, 63).r, 4);
    ck_assert_uint_eq(L(TSTSFI, 0, D_INF, 3).r, 1);
    ck_assert_uint_eq(L(TSTSF, 0xffffffffffffffc3, v123, 0).r, 2);    /* six bits of a count */
    ck_assert_uint_eq(L(TSTSF, 1, 0x2238000000000000, 0).r, 4);        /* zero has no digits */
}
END_TEST

START_TEST(compare_with_nan)
{
    Outcome o = L(CMPO, D_ONE, D_SNAN, 0);

    ck_assert_uint_eq(o.r, 1);
    ck_assert_uint_eq(o.flags, FPSCR_VXSNAN | FPSCR_VXVC);
    o = eval(DFPDESC(DFO_CMPO, DFF_L, DFF_L, DFF_L, DFR_CURRENT, 0), FPSCR_VE, D_ONE, D_SNAN);
    ck_assert_uint_eq(o.flags, FPSCR_VXSNAN);
    ck_assert_uint_eq(L(CMPO, D_QNAN, D_ONE, 0).flags, FPSCR_VXVC);
    ck_assert_uint_eq(L(CMPU, D_QNAN, D_ONE, 0).flags, 0);
}
END_TEST

START_TEST(exponent_field)
{
    ck_assert(L(XEX, 0, D_ONE, 0).r == 398);
    ck_assert(L(XEX, 0, D_INF | D_MINUS, 0).r == (u128)-1);
    ck_assert(L(XEX, 0, D_QNAN, 0).r == (u128)-2);
    ck_assert(L(XEX, 0, D_SNAN, 0).r == (u128)-3);
    ck_assert(L(IEX, 398, 0xc000000000000001, 0).r == (D_ONE | D_MINUS));
    ck_assert(L(IEX, (uint64_t)-1, D_ONE, 0).r == (D_INF | 1));
    ck_assert(L(IEX, (uint64_t)-2, D_ONE, 0).r == (D_QNAN | 1));
    ck_assert(L(IEX, (uint64_t)-3, D_ONE, 0).r == (D_SNAN | 1));
    ck_assert(L(IEX, (uint64_t)-4, D_ONE, 0).r == (D_QNAN | 1));
    ck_assert(L(IEX, 768, D_ONE, 0).r == (D_QNAN | 1));
    ck_assert(L(IEX, 398, D_INF | 5, 0).r == 0x2238000000000005);
    ck_assert(L(IEX, 398, D_QNAN | 0x3ff, 0).r == 0x22380000000000ff);   /* a redundant declet is encoded anew */
}
END_TEST

START_TEST(shifts)
{
    const uint64_t nine = 0x6e38000000000000;      /* 9000000000000000 */

    ck_assert(L(SCL, D_ONE, 0, 15).r == 0x2638000000000000);
    ck_assert(L(SCL, D_ONE, 0, 16).r == 0x2238000000000000);
    ck_assert(L(SCR, nine, 0, 15).r == 0x2238000000000009);
    ck_assert(L(SCR, nine, 0, 63).r == 0x2238000000000000);
    ck_assert(L(SCL, D_SNAN | 1, 0, 14).r == (D_SNAN | 0x800000000000));
    ck_assert(L(SCL, D_SNAN | 1, 0, 15).r == D_SNAN);
    ck_assert(L(SCR, 0x7e34000000000111, 0, 1).r == (D_SNAN | 0x21));        /* canonical again */
}
END_TEST

#define BCD(op, v, imm) eval(DFPDESC(DFO_##op, DFF_D, DFF_L, DFF_D, DFR_CURRENT, imm), 0, 0, v)
#define ENBCD(v, imm)   eval(DFPDESC(DFO_ENBCD, DFF_D, DFF_D, DFF_L, DFR_CURRENT, imm), 0, 0, v)

START_TEST(packed)
{
    DecNum n = { .coeff = 9123456789012345, .sign = true };
    uint64_t v = (uint64_t)dec_pack(&dec_long, n);

    ck_assert(BCD(DEDPD, v, 0).r == 0x9123456789012345);
    ck_assert(BCD(DEDPD, v, 1).r == 0x9123456789012345);
    ck_assert(BCD(DEDPD, v, 2).r == 0x123456789012345d);
    ck_assert(BCD(DEDPD, v, 3).r == 0x123456789012345d);
    ck_assert(BCD(DEDPD, v & ~D_MINUS, 2).r == 0x123456789012345c);
    ck_assert(BCD(DEDPD, v & ~D_MINUS, 3).r == 0x123456789012345f);
    ck_assert(BCD(DEDPD, D_INF | 0x10, 0).r == 0x10);
    ck_assert(ENBCD(0x9123456789012345, 0).r == (v & ~D_MINUS));
    for (unsigned sign = 10; sign < 16; sign++) {
        bool minus = sign == 0xb || sign == 0xd;

        ck_assert(ENBCD(0x10 | sign, 1).r == (D_ONE | (minus ? D_MINUS : 0)));
    }
    ck_assert_uint_eq(ENBCD(0x19, 1).flags, FPSCR_VXCVI);
    for (int i = 0; i < 16; i++) {
        Outcome o = ENBCD(10ull << 4 * i, 0);

        ck_assert(o.r == D_QNAN && o.flags == FPSCR_VXCVI && o.fprf == 0x11);
    }
}
END_TEST

START_TEST(storage_format)
{
    const uint32_t narrow = DFPDESC(DFO_SHORTEN, DFF_D, DFF_L, DFF_S, DFR_CURRENT, 0);
    const uint32_t wide = DFPDESC(DFO_WIDEN, DFF_D, DFF_S, DFF_L, DFR_CURRENT, 0);
    const uint32_t wider = DFPDESC(DFO_WIDEN, DFF_D, DFF_L, DFF_X, DFR_CURRENT, 0);
    Outcome o = eval(narrow, FPSCR_VE, 0, D_SNAN | D_MINUS | 0x12345678901ull);

    /* A signalling NaN passes unharmed, with the six last digits of its payload. */
    ck_assert(o.r == 0xfe078901 && !o.flags && o.fprf == 1);
    o = eval(wide, 0, 0, 0xdeadbeef7e000123);
    ck_assert(o.r == (D_SNAN | 0x123) && !o.flags);
    o = eval(wide, 0, 0, 0x22500001);
    ck_assert(o.r == D_ONE && !o.flags);
    o = eval(wider, 0, 0, D_SNAN | 0x123);
    ck_assert(o.r == join(D_QNAN, 0x123) && o.flags == FPSCR_VXSNAN);
    o = eval(wider, 0, 0, D_ONE | D_MINUS);
    ck_assert(o.r == join(0xa208000000000000, 1) && !o.flags);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dfp");
    TCase *tc = tcase_create("all");
    SRunner *sr;
    int failed;

    tcase_set_timeout(tc, 100);
    tcase_add_test(tc, same_as_python);
    tcase_add_test(tc, declets);
    tcase_add_test(tc, digits);
    tcase_add_test(tc, pack_unpack);
    tcase_add_test(tc, data_class);
    tcase_add_test(tc, significance);
    tcase_add_test(tc, compare_with_nan);
    tcase_add_test(tc, exponent_field);
    tcase_add_test(tc, shifts);
    tcase_add_test(tc, packed);
    tcase_add_test(tc, storage_format);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
