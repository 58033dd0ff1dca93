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

typedef float F4 __attribute__((vector_size(16)));
typedef uint32_t U4 __attribute__((vector_size(16)));

#ifdef __x86_64__
#include <immintrin.h>
static __attribute__((target("fma"))) F4 fma_lanes(F4 a, F4 c, F4 b)
{
    return (F4)_mm_fmadd_ps((__m128)a, (__m128)c, (__m128)b);
}
#endif

static F4 muladd(F4 a, F4 c, F4 b)
{
    F4 r;

#ifdef __x86_64__
    if (__builtin_cpu_supports("fma")) {
        return fma_lanes(a, c, b);
    }
#endif
    for (int i = 0; i < 4; i++) {
        r[i] = fmaf(a[i], c[i], b[i]);
    }
    return r;
}

/* All ones for lanes that are normal numbers with an exponent field of at least `least`, or zeros. */
static U4 plain(U4 w, uint32_t least, bool zero)
{
    U4 e = w >> 23 & 0xff;

    return (U4)((e >= least) & (e <= 254)) | (zero ? (U4)((w << 1) == 0) : (U4){ 0 });
}

static bool all(U4 m)
{
    return (m[0] & m[1] & m[2] & m[3]) == ~0u;
}

/*
 * On normal numbers and zeros the host's arithmetic is the book's, Java mode or not, as long as the result is above
 * the smallest binade (nothing was tiny), or is the exact zero of a sum.
 */
static bool host_lanes(VmxFpOp op, const V128 *va, const V128 *vb, const V128 *vc, V128 *out)
{
    U4 a, b, c, r;
    F4 fr;

    memcpy(&a, va, 16);
    memcpy(&b, vb, 16);
    memcpy(&c, vc, 16);
    if (op > VMXFP_NMSUB || !all(plain(a, 1, true) & plain(b, 1, true) & plain(c, 1, true))) {
        return false;
    }
    switch (op) {
    case VMXFP_ADD:
        fr = (F4)a + (F4)b;
        break;
    case VMXFP_SUB:
        fr = (F4)a - (F4)b;
        break;
    case VMXFP_MADD:
        fr = muladd((F4)a, (F4)c, (F4)b);
        break;
    default:
        fr = (F4)((U4)muladd((F4)a, (F4)c, (F4)(b ^ SIGN)) ^ SIGN);
        break;
    }
    r = (U4)fr;
    memcpy(out, &r, 16);
    return all(plain(r, 2, op <= VMXFP_SUB));
}

void helper_vmx_fp(V128 *r, PowerPCCPU *cpu, uint64_t op, const V128 *a, const V128 *b,
                   const V128 *c)
{
    bool nj = cpu->vscr >> 16 & 1;
    V128 v;

    /* None of this belongs to the FPSCR: keep what the guest had, drop what happens here. */
    fp_host_leave(cpu);
    if (!host_lanes((VmxFpOp)op, a, b, c, &v)) {
        for (int i = 0; i < 4; i++) {
            v.w[i] = vmxfp_lane((VmxFpOp)op, nj, a->w[i], b->w[i], c->w[i]);
        }
    }
    fp_host_clear();
    *r = v;
}

/* magnitude * 2^-scale as a single: 24 bits, to nearest even. The exponent cannot leave the range. */
static uint32_t single_of(uint32_t magnitude, bool neg, unsigned scale)
{
    unsigned lead = magnitude ? (unsigned)__builtin_clz(magnitude) : 0;
    uint64_t m = (uint64_t)magnitude << lead;           /* bit 31 set; eight bits too many */

    if (!magnitude) {
        return 0;
    }
    m = (m + 0x7f + (m >> 8 & 1)) >> 8;                 /* 2^24 if it carries: the exponent's bit */
    return (neg ? SIGN : 0) + ((127 + 31 - lead - scale - 1) << 23) + (uint32_t)m;
}

void helper_vmx_fp_from_int(V128 *r, uint64_t scale, uint64_t is_signed, const V128 *b)
{
    V128 v;

    for (int i = 0; i < 4; i++) {
        bool neg = is_signed && b->sw[i] < 0;

        v.w[i] = single_of(neg ? -b->w[i] : b->w[i], neg, (unsigned)scale);
    }
    *r = v;
}

/* b * 2^scale, truncated and saturated. */
static bool to_int(V128 *r, unsigned scale, bool is_signed, const V128 *b)
{
    bool sat = false;
    V128 v;

    for (int i = 0; i < 4; i++) {
        uint32_t w = b->w[i], max = is_signed ? INT32_MAX : UINT32_MAX;
        int e = (int)(w >> 23 & 0xff) - 127 + (int)scale;
        uint64_t m = (w & 0x7fffff) | 0x800000;
        bool neg = w & SIGN;

        if (is_nan(w) || e < 0) {
            v.w[i] = 0;
            continue;
        }
        m = e > 32 ? UINT64_MAX : e >= 23 ? m << (e - 23) : m >> (23 - e);
        if (neg && !is_signed) {
            sat |= m != 0;
            m = 0;
        } else if (m > max) {
            sat |= !(neg && m == 0x80000000);
            m = neg ? 0x80000000 : max;
        }
        v.w[i] = neg ? -(uint32_t)m : (uint32_t)m;
    }
    *r = v;
    return sat;
}

void helper_vmx_fp_to_int(V128 *r, uint64_t scale, uint64_t is_signed, const V128 *b)
{
    (void)to_int(r, (unsigned)scale, is_signed, b);
}

uint64_t helper_vmx_fp_to_int_sat(uint64_t scale, uint64_t is_signed, const V128 *b)
{
    V128 r;

    return to_int(&r, (unsigned)scale, is_signed, b);
}

uint64_t helper_vmx_all_zero(const V128 *v)
{
    return v->q == 0;
}
