/*
 * VMX floating point (Power ISA Book I, 6.10).
 *
 * Single precision, round to nearest, every exception masked and none recorded. In non-Java mode
 * (VSCR[NJ]) denormal operands and results are zeros of the same sign. The four estimates have bits
 * that the book leaves open. Reciprocals and logarithms are the peer's: correctly rounded, the
 * latter from a double. Powers are correctly rounded too; the peer's series leaves the book's error
 * bound for larger operands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/ppc/fp/vmxfp.h"
#include "target/ppc/fp/fplazy.h"

#include <math.h>
#include <string.h>

#define SIGN 0x80000000u
#define INF  0x7f800000u

static bool is_nan(uint32_t w)
{
    return (w & ~SIGN) > INF;
}

static uint32_t flush(bool nj, uint32_t w)
{
    return nj && (w & INF) == 0 ? w & SIGN : w;
}

static uint32_t from_double(double d)
{
    FpCtx c = { .rm = FP_NEAREST_EVEN };
    uint64_t bits;

    memcpy(&bits, &d, 8);
    return (uint32_t)fp_convert(&c, &fp_single, &fp_double, bits);
}

static double to_double(uint32_t w)
{
    uint64_t bits = fp_load_single(w);
    double d;

    memcpy(&d, &bits, 8);
    return d;
}

static uint32_t log2_estimate(uint32_t b)
{
    if (is_nan(b)) {
        return b | 0x400000;
    }
    if ((b & ~SIGN) == 0) {
        return SIGN | INF;
    }
    if (b & SIGN) {
        return 0x7fc00000;
    }
    return b == INF ? INF : from_double(log2(to_double(b)));
}

static uint32_t exp2_estimate(uint32_t b)
{
    if (is_nan(b)) {
        return b | 0x400000;
    }
    if ((b & ~SIGN) == INF) {
        return b & SIGN ? 0 : INF;
    }
    return from_double(exp2(to_double(b)));
}

static uint32_t bounds(uint32_t a, uint32_t b)
{
    unsigned le = fp_compare_quiet(&fp_single, a, b) & (FP_LT | FP_EQ);
    unsigned ge = fp_compare_quiet(&fp_single, a, b ^ SIGN) & (FP_GT | FP_EQ);

    return (le ? 0 : SIGN) | (ge ? 0 : SIGN >> 1);
}

static uint32_t select_max(uint32_t a, uint32_t b, bool max)
{
    unsigned rel;

    if (is_nan(a) || is_nan(b)) {
        return (is_nan(a) ? a : b) | 0x400000;
    }
    rel = fp_compare_quiet(&fp_single, a, b);
    if (rel == FP_EQ) {
        return max ? a & b : a | b;
    }
    return (rel == FP_GT) == max ? a : b;
}

uint32_t vmxfp_lane(VmxFpOp op, bool nj, uint32_t a, uint32_t b, uint32_t cc)
{
    static const uint8_t round[] = { FP_NEAREST_EVEN, FP_TO_ZERO, FP_UP, FP_DOWN };
    FpCtx c = { .rm = FP_NEAREST_EVEN };
    const FpFormat *f = &fp_single;
    uint32_t r = 0;

    a = flush(nj, a);
    b = flush(nj, b);
    cc = flush(nj, cc);
    switch (op) {
    case VMXFP_ADD:
        r = fp_add(&c, f, a, b);
        break;
    case VMXFP_SUB:
        r = fp_sub(&c, f, a, b);
        break;
    case VMXFP_MADD:
        r = fp_muladd(&c, f, a, cc, b, FP_MADD);
        break;
    case VMXFP_NMSUB:
        r = fp_muladd(&c, f, a, cc, b, FP_NMSUB);
        break;
    case VMXFP_MAX:
    case VMXFP_MIN:
        return select_max(a, b, op == VMXFP_MAX);
    case VMXFP_RE:
        r = fp_recip_estimate(&c, f, b);
        break;
    case VMXFP_RSQRTE:
        r = fp_rsqrt_estimate(&c, f, b);
        break;
    case VMXFP_EXPTE:
        r = exp2_estimate(b);
        break;
    case VMXFP_LOGE:
        r = log2_estimate(b);
        break;
    case VMXFP_RINT_N:
    case VMXFP_RINT_Z:
    case VMXFP_RINT_P:
    case VMXFP_RINT_M:
        return fp_round_to_int(&c, f, b, (FpRound)round[op - VMXFP_RINT_N], false);
    case VMXFP_CMPEQ:
        return fp_compare_quiet(f, a, b) == FP_EQ ? ~0u : 0;
    case VMXFP_CMPGE:
        return fp_compare_quiet(f, a, b) & (FP_GT | FP_EQ) ? ~0u : 0;
    case VMXFP_CMPGT:
        return fp_compare_quiet(f, a, b) == FP_GT ? ~0u : 0;
    case VMXFP_CMPB:
        return bounds(a, b);
    }
    /* Tininess is detected before rounding here too. */
    return nj && (c.flags & FPSCR_UX) ? r & SIGN : flush(nj, r);
}

/* Normal numbers in and out: the host's arithmetic is the book's, Java mode or not. */
static bool plain(uint32_t w)
{
    unsigned e = w >> 23 & 0xff;

    return e - 1 < 0xfe - 1;
}

static bool host_lane(VmxFpOp op, uint32_t a, uint32_t b, uint32_t c, uint32_t *out)
{
    float fa, fb, fc, fr;

    if (!plain(a) || !plain(b) || !plain(c)) {
        return false;
    }
    memcpy(&fa, &a, 4);
    memcpy(&fb, &b, 4);
    memcpy(&fc, &c, 4);
    switch (op) {
    case VMXFP_ADD:
        fr = fa + fb;
        break;
    case VMXFP_SUB:
        fr = fa - fb;
        break;
    case VMXFP_MADD:
        fr = fmaf(fa, fc, fb);
        break;
    case VMXFP_NMSUB:
        fr = -fmaf(fa, fc, -fb);
        break;
    default:
        return false;
    }
    memcpy(out, &fr, 4);
    /* Above the smallest binade nothing was tiny. */
    return (*out >> 23 & 0xff) - 2 < 0xfd;
}

void helper_vmx_fp(V128 *r, PowerPCCPU *cpu, uint64_t op, const V128 *a, const V128 *b,
                   const V128 *c)
{
    bool nj = cpu->vscr >> 16 & 1;
    V128 v;

    /* None of this belongs to the FPSCR: keep what the guest had, drop what happens here. */
    fp_host_leave(cpu);
    for (int i = 0; i < 4; i++) {
        if (!host_lane((VmxFpOp)op, a->w[i], b->w[i], c->w[i], &v.w[i])) {
            v.w[i] = vmxfp_lane((VmxFpOp)op, nj, a->w[i], b->w[i], c->w[i]);
        }
    }
    fp_host_clear();
    *r = v;
}

void helper_vmx_fp_from_int(V128 *r, uint64_t scale, uint64_t is_signed, const V128 *b)
{
    FpCtx c = { .rm = FP_NEAREST_EVEN };
    V128 v;

    for (int i = 0; i < 4; i++) {
        bool neg = is_signed && b->sw[i] < 0;
        FpNum n = fpn_from_int(neg ? -(uint64_t)(int64_t)b->sw[i] : b->w[i], neg);

        n.exp -= (int)scale;
        v.w[i] = (uint32_t)fp_round_pack(&c, &fp_single, n);
    }
    *r = v;
}

void helper_vmx_fp_to_int(V128 *r, PowerPCCPU *cpu, uint64_t scale, uint64_t is_signed,
                          const V128 *b)
{
    bool nj = cpu->vscr >> 16 & 1;
    V128 v;

    for (int i = 0; i < 4; i++) {
        FpCtx c = { .rm = FP_NEAREST_EVEN };
        FpNum n = fp_unpack(&fp_single, flush(nj, b->w[i]));
        u128 d;

        if (fp_num_is_nan(n)) {
            v.w[i] = 0;
            continue;
        }
        /* Scaled in double, where 2^31 times any single is exact. */
        n.exp += (int)scale;
        d = fp_pack(&fp_double, n);
        v.w[i] = (uint32_t)fp_to_int(&c, &fp_double, d, FP_TO_ZERO, 32, is_signed);
        if (c.flags & FPSCR_VXCVI) {
            cpu->vscr_sat = 1;
        }
    }
    *r = v;
}

uint64_t helper_vmx_all_zero(const V128 *v)
{
    return v->q == 0;
}
