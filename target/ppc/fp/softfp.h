/*
 * Exact binary floating point as the Power ISA defines it (Book I, 4.3-4.6 and 7.3-7.6).
 *
 * This is the reference that defines what an instruction computes; the translator runs host
 * floating point only where it provably gives the same answer, and calls in here otherwise. Nothing
 * here knows about the CPU: an operation takes bit patterns and a context (rounding mode and
 * exception enables, both in FPSCR encoding) and returns the bit pattern, leaving what happened in
 * FpCtx.flags, again in FPSCR positions (see fpscr.h). Whether the target register is written is
 * the caller's question to fp_suppressed() (scalar) or fp_vector_suppressed() (vector).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FP_SOFTFP_H
#define TARGET_PPC_FP_SOFTFP_H

#include "target/ppc/fp/fpscr.h"
#include "target/ppc/v128.h"

/* The first four are FPSCR[RN]'s encoding. */
typedef enum FpRound {
    FP_NEAREST_EVEN,
    FP_TO_ZERO,
    FP_UP,
    FP_DOWN,
    FP_NEAREST_AWAY,
    FP_TO_ODD,
} FpRound;

typedef enum FpClass { FPN_ZERO, FPN_FINITE, FPN_INF, FPN_QNAN, FPN_SNAN } FpClass;

/*
 * A number taken apart. FPN_FINITE: value = sig / 2^127 * 2^exp with bit 127 of sig set; bits
 * beyond what 128 can hold are ORed into bit 0 ("sticky"). NaN: the fraction field, left-aligned
 * below bit 127.
 */
typedef struct FpNum {
    u128 sig;
    int exp;
    FpClass cls;
    bool sign;
} FpNum;

/*
 * A format has a precision and range to round to, and a layout to be stored in. They differ for one
 * format: a single-precision result lives in a register in double-precision layout (Book I,
 * 4.3.5.1).
 */
typedef struct FpFormat {
    int prec, emin, emax;
    int wrap;               /* exponent adjustment of an enabled OX/UX (4.4.3.1, 4.4.4.1) */
    int frac_bits, exp_bits; /* of the layout */
} FpFormat;

extern const FpFormat fp_half, fp_bfloat, fp_single, fp_double, fp_quad;
extern const FpFormat fp_single_in_double;

typedef struct FpCtx {
    FpRound rm;
    uint32_t enables;       /* FPSCR_VE ... FPSCR_XE */
    uint32_t flags;         /* accumulates exceptions and FR/FI */
} FpCtx;

static inline FpCtx fp_ctx(uint64_t fpscr)
{
    return (FpCtx){ .rm = (FpRound)(fpscr & FPSCR_RN), .enables = fpscr & FPSCR_ENABLES };
}

/* A scalar result is not written after an enabled invalid operation or zero divide. */
static inline bool fp_suppressed(const FpCtx *c)
{
    return fpscr_suppressed(c->flags, c->enables);
}

/* A vector result is not written after any enabled exception in any element. */
static inline bool fp_vector_suppressed(const FpCtx *c)
{
    return fpscr_enables_of(c->flags) & c->enables;
}

/* Taking apart and putting together. */
FpNum fp_unpack(const FpFormat *f, u128 bits);
u128 fp_pack(const FpFormat *f, FpNum n);               /* n is representable in f's layout */
u128 fp_round_pack(FpCtx *c, const FpFormat *f, FpNum n);
static inline bool fp_num_is_nan(FpNum n) { return n.cls >= FPN_QNAN; }

/* Arithmetic on unpacked numbers: exact, or exact with sticky; the caller rounds. */
FpNum fpn_nan(FpCtx *c, const FpNum *ops[], int n);
FpNum fpn_add(FpCtx *c, FpNum a, FpNum b);
FpNum fpn_mul(FpCtx *c, FpNum a, FpNum b);
/* Operands have, and the result is good for, `prec` bits. */
FpNum fpn_div(FpCtx *c, FpNum a, FpNum b, int prec);
FpNum fpn_sqrt(FpCtx *c, FpNum a, int prec);
FpNum fpn_muladd(FpCtx *c, FpNum a, FpNum mul, FpNum add);
FpNum fpn_from_int(u128 magnitude, bool sign);

/* Arithmetic on bit patterns of format f. */
u128 fp_add(FpCtx *c, const FpFormat *f, u128 a, u128 b);
u128 fp_sub(FpCtx *c, const FpFormat *f, u128 a, u128 b);
u128 fp_mul(FpCtx *c, const FpFormat *f, u128 a, u128 b);
u128 fp_div(FpCtx *c, const FpFormat *f, u128 a, u128 b);
u128 fp_sqrt(FpCtx *c, const FpFormat *f, u128 a);

enum { FP_MADD = 0, FP_MSUB = 1, FP_NMADD = 2, FP_NMSUB = 3 };
/* +-(a * mul +- add) with one rounding; `kind` is FP_MADD... */
u128 fp_muladd(FpCtx *c, const FpFormat *f, u128 a, u128 mul, u128 add, int kind);

/* Conversions. */
u128 fp_convert(FpCtx *c, const FpFormat *to, const FpFormat *from, u128 a);
u128 fp_from_int(FpCtx *c, const FpFormat *f, u128 v, bool is_signed);
u128 fp_to_int(FpCtx *c, const FpFormat *f, u128 a, FpRound rm, int bits, bool is_signed);
/* exact: reports XX/FR/FI (xsrdpic); otherwise silent about inexactness (frin, xsrdpi). */
u128 fp_round_to_int(FpCtx *c, const FpFormat *f, u128 a, FpRound rm, bool report_inexact);
/* Round a quad to double-extended (64-bit) precision, xsrqpxp. */
u128 fp_round_quad_to_extended(FpCtx *c, u128 a, FpRound rm);
/* lfs/stfs (Book I, 4.6.2, 4.6.3): no exceptions, no rounding. */
uint64_t fp_load_single(uint32_t w);
uint32_t fp_store_single(uint64_t d);

/* Comparison: a CR field. */
enum { FP_LT = 8, FP_GT = 4, FP_EQ = 2, FP_UN = 1 };
unsigned fp_compare_quiet(const FpFormat *f, u128 a, u128 b);
unsigned fp_compare(FpCtx *c, const FpFormat *f, u128 a, u128 b, bool ordered);

/* xsmaxdp (IEEE maxNum), xsmaxcdp (C's ?:), xsmaxjdp (Java). */
typedef enum FpMinMax { FP_MM_NUM, FP_MM_C, FP_MM_J } FpMinMax;
u128 fp_minmax(FpCtx *c, const FpFormat *f, u128 a, u128 b, bool max, FpMinMax kind);

/* Classes. */
unsigned fp_fprf(const FpFormat *f, u128 a);
bool fp_test_class(const FpFormat *f, u128 a, unsigned dcmx);
/* ftdiv, ftsqrt: a CR field. */
unsigned fp_test_div(const FpFormat *f, u128 a, u128 b);
unsigned fp_test_sqrt(const FpFormat *f, u128 b);
static inline unsigned fp_exp_field(const FpFormat *f, u128 a)
{
    return (unsigned)(a >> f->frac_bits) & ((1u << f->exp_bits) - 1);
}
static inline u128 fp_frac_field(const FpFormat *f, u128 a)
{
    return a & (((u128)1 << f->frac_bits) - 1);
}
static inline bool fp_sign(const FpFormat *f, u128 a)
{
    return a >> (f->frac_bits + f->exp_bits) & 1;
}
u128 fp_insert_exp(const FpFormat *f, u128 sign_and_frac, unsigned exp);

/* Estimates: fre, fres, frsqrte, frsqrtes and the VSX forms. */
u128 fp_recip_estimate(FpCtx *c, const FpFormat *f, u128 a);
u128 fp_rsqrt_estimate(FpCtx *c, const FpFormat *f, u128 a);

#endif
