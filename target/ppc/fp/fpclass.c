/*
 * Helpers of instructions that look at what kind of number an operand is: software divide and
 * square root tests, data class tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/isa/fp-emit.h"

uint64_t helper_fp_test_div(uint64_t a, uint64_t b)
{
    return fp_test_div(&fp_double, a, b);
}

uint64_t helper_fp_test_sqrt(uint64_t b)
{
    return fp_test_sqrt(&fp_double, b);
}

static u128 element(const V128 *v, uint64_t lane, int i)
{
    return lane == 3 ? v->d[i] : v->w[i];
}

uint64_t helper_vfp_test_div(const V128 *a, const V128 *b, uint64_t lane)
{
    const FpFormat *f = lane == 3 ? &fp_double : &fp_single;
    unsigned r = 0;

    for (int i = 0; i < (lane == 3 ? 2 : 4); i++) {
        r |= fp_test_div(f, element(a, lane, i), element(b, lane, i));
    }
    return r;
}

uint64_t helper_vfp_test_sqrt(const V128 *b, uint64_t lane)
{
    const FpFormat *f = lane == 3 ? &fp_double : &fp_single;
    unsigned r = 0;

    for (int i = 0; i < (lane == 3 ? 2 : 4); i++) {
        r |= fp_test_sqrt(f, element(b, lane, i));
    }
    return r;
}

uint64_t helper_fp_test_class(PowerPCCPU *cpu, uint64_t fmt, uint64_t dcmx, uint64_t vsr)
{
    const FpFormat *f = fp_format((FpFmtId)fmt);
    u128 v = fmt == FF_Q ? cpu->vsr[vsr].q : V_D(cpu->vsr[vsr], 0);
    unsigned r = (fp_sign(f, v) ? FP_LT : 0) | (fp_test_class(f, v, (unsigned)dcmx) ? FP_EQ : 0);

    if (fmt == FF_SD) {
        /* xststdcsp also tells whether the double is a single's value at all. */
        uint64_t d = (uint64_t)v;
        FpNum n = fp_unpack(&fp_double, d);

        if (n.cls == FPN_FINITE || fp_num_is_nan(n)) {
            r |= fp_load_single(fp_store_single(d)) != d ? FP_UN : 0;
        }
    }
    fp_sync_in_helper(cpu);
    cpu->fpscr = fpscr_apply(cpu->fpscr, 0, FPSCR_UPD_FPCC, r, NULL);
    return r;
}

void helper_vfp_test_class(V128 *r, const V128 *b, uint64_t lane, uint64_t dcmx)
{
    V128 v;

    for (int i = 0; i < 4; i++) {
        if (lane == 3) {
            v.d[i & 1] = fp_test_class(&fp_double, b->d[i & 1], (unsigned)dcmx) ? ~0ull : 0;
        } else {
            v.w[i] = fp_test_class(&fp_single, b->w[i], (unsigned)dcmx) ? ~0u : 0;
        }
    }
    *r = v;
}
