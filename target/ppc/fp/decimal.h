/*
 * Decimal floating-point arithmetic (Power ISA Book I, chapter 5), exactly.
 *
 * Like softfp.h: numbers in, number out, and what happened in FPSCR positions in DecCtx.flags. Nothing
 * knows about the CPU. A coefficient (up to 34 digits, 113 bits) is kept in binary, since every product
 * then fits 256 bits and a decimal digit position costs one division by a power of ten.
 *
 * A decimal number has many representations ("members of its cohort"). Which one an operation delivers
 * follows from the ideal exponent (5.5.2): an exact result has the exponent nearest to it, an inexact
 * one the smallest exponent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FP_DECIMAL_H
#define TARGET_PPC_FP_DECIMAL_H

#include "target/ppc/fp/fpscr.h"
#include "target/ppc/v128.h"

/* FPSCR[DRN]'s encoding (5.2.2). */
typedef enum DecRound {
    DEC_NEAREST_EVEN, DEC_TO_ZERO, DEC_UP, DEC_DOWN, DEC_NEAREST_AWAY, DEC_NEAREST_TO_ZERO, DEC_AWAY,
    DEC_SHORTER,        /* prepare for shorter precision: away from zero if the last digit is 0 or 5 */
} DecRound;

typedef enum DecClass { DEC_FINITE, DEC_INF, DEC_QNAN, DEC_SNAN } DecClass;

/* (-1)^sign * coeff * 10^exp; of a NaN or infinity coeff is its trailing significand. */
typedef struct DecNum {
    DecClass cls;
    bool sign;
    int exp;
    u128 coeff;
} DecNum;

typedef struct DecFormat {
    int digits;             /* of the coefficient */
    int bias;               /* smallest exponent, negated */
    int max_biased;         /* largest biased exponent */
    int cont_bits;          /* width of the exponent continuation */
    int wrap;               /* exponent adjustment of an enabled overflow or underflow (5.5.10.3-4) */
    int source_wrap;        /* the same when a number of this format is rounded to the next shorter one */
} DecFormat;

extern const DecFormat dec_short, dec_long, dec_extended;   /* 32, 64, 128 bits */

static inline int dec_qmin(const DecFormat *f) { return -f->bias; }
static inline int dec_qmax(const DecFormat *f) { return f->max_biased - f->bias; }

typedef struct DecCtx {
    DecRound rm;
    uint32_t enables;       /* FPSCR_VE ... FPSCR_XE */
    uint32_t flags;         /* accumulates exceptions and FR/FI */
} DecCtx;

static inline DecCtx dec_ctx(uint64_t fpscr)
{
    return (DecCtx){ .rm = (DecRound)(fpscr >> FPSCR_DRN_SHIFT & 7), .enables = fpscr & FPSCR_ENABLES };
}

u128 dec_ten(unsigned n);                   /* 10^n, n <= 38 */
int dec_digits(u128 v);                     /* 0 has none */

/* Bit patterns; right-aligned. Packing is canonical, unpacking takes any declet. */
DecNum dec_unpack(const DecFormat *f, u128 bits);
u128 dec_pack(const DecFormat *f, DecNum n);
unsigned dec_fprf(const DecFormat *f, DecNum n);        /* 5 bits: class and sign (5.2.2) */
bool dec_subnormal(const DecFormat *f, DecNum n);

/* A NaN among the operands (b may be NULL): true, and *r is the result; else false. */
bool dec_nan(DecCtx *c, DecNum a, const DecNum *b, DecNum *r);
DecNum dec_invalid(DecCtx *c, uint32_t vx);             /* reports vx; the default quiet NaN */

/* Operands and result of format f. */
DecNum dec_add(DecCtx *c, const DecFormat *f, DecNum a, DecNum b);
DecNum dec_sub(DecCtx *c, const DecFormat *f, DecNum a, DecNum b);
DecNum dec_mul(DecCtx *c, const DecFormat *f, DecNum a, DecNum b);
DecNum dec_div(DecCtx *c, const DecFormat *f, DecNum a, DecNum b);

/* CR field: 8 less, 4 greater, 2 equal; operands are no NaNs. */
unsigned dec_compare(DecNum a, DecNum b);

/* Finite n with the exponent exp, rounded as c->rm says; VXCVI if it takes more than f->digits digits. */
DecNum dec_quantize(DecCtx *c, const DecFormat *f, DecNum n, int exp);
/* Finite n with at most k significant digits (0: as it is); VXCVI if its exponent becomes too large. */
DecNum dec_reround(DecCtx *c, const DecFormat *f, DecNum n, unsigned k);
/* Finite n of format `from` rounded to the shorter `to`. *wrapped: the result is still one of `from`. */
DecNum dec_shorten(DecCtx *c, const DecFormat *from, const DecFormat *to, DecNum n, bool *wrapped);
/* The closest exponent to 0 that a zero or integer has. */
DecNum dec_from_int(DecCtx *c, const DecFormat *f, u128 magnitude, bool sign);
/* To a signed integer of `bits` bits, saturated; VXCVI beyond its range. */
s128 dec_to_int(DecCtx *c, DecNum n, int bits);

#endif
