/*
 * A floating-point operation as data.
 *
 * One 32-bit descriptor says what an instruction computes on one element: operation, operand and
 * result formats, rounding mode, and what of the FPSCR it updates. Instruction rows name a
 * descriptor; fpop_eval() is the one place that computes it. The same descriptor, kept with its
 * operands, is what lets FR, FI and FPRF be rebuilt only when somebody reads them (fplazy.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FP_FPOP_H
#define TARGET_PPC_FP_FPOP_H

#include "target/ppc/fp/softfp.h"

typedef enum FpOp {
    FPO_NONE,
    FPO_ADD, FPO_SUB, FPO_MUL, FPO_DIV,             /* a op b */
    FPO_SQRT, FPO_RE, FPO_RSQRTE,                   /* of b */
    FPO_MADD, FPO_MSUB, FPO_NMADD, FPO_NMSUB,       /* a * c + b */
    FPO_RINT, FPO_RINTX, FPO_RXP,                   /* of b; RINTX reports inexactness */
    FPO_CVT, FPO_FROM_S, FPO_FROM_U, FPO_TO_S, FPO_TO_U,    /* of b */
    FPO_MAX, FPO_MIN, FPO_MAXC, FPO_MINC, FPO_MAXJ, FPO_MINJ,
    FPO_EQ, FPO_GT, FPO_GE,                         /* mask: all ones if true; GT/GE signal QNaNs */
    FPO_CMPU, FPO_CMPO, FPO_CMPEXP,                 /* a CR field */
    FPO_COUNT
} FpOp;

typedef enum FpFmtId { FF_H, FF_BF, FF_S, FF_D, FF_Q, FF_SD, FF_W, FF_L, FF_X } FpFmtId;
/* FF_W, FF_L, FF_X: integers of 32, 64, 128 bits. */

/* Rounding: FPSCR[RN] or a FpRound of the instruction's own. */
#define FPR_CURRENT 7u

#define FPDESC(op, src, dst, rm, upd) \
    ((uint32_t)(op) | (uint32_t)(src) << 8 | (uint32_t)(dst) << 12 | (uint32_t)(rm) << 16 | \
     (uint32_t)(upd) << 20)
#define FPD_OP(d)  ((FpOp)((d) & 0xff))
#define FPD_SRC(d) ((FpFmtId)((d) >> 8 & 15))
#define FPD_DST(d) ((FpFmtId)((d) >> 12 & 15))
#define FPD_RM(d)  ((d) >> 16 & 15)
#define FPD_UPD(d) ((d) >> 20 & 7)      /* FPSCR_UPD_* */
/* A word result goes to both words of doubleword 0 (VSX), not sign-extended into it (fctiw). */
#define FPD_SPLAT (1u << 23)

/* The two usual kinds: a scalar that sets FR, FI and FPRF; a vector element that sets neither. */
#define FPD_SCALAR(op, fmt) \
    FPDESC(op, fmt, fmt, FPR_CURRENT, FPSCR_UPD_FRFI | FPSCR_UPD_FPRF)
#define FPD_ELEMENT(op, fmt) FPDESC(op, fmt, fmt, FPR_CURRENT, 0)

const FpFormat *fp_format(FpFmtId id);

/* Computes one element; operands and result are right-aligned bit patterns. */
u128 fpop_eval(FpCtx *c, uint32_t desc, u128 a, u128 b, u128 cc);

/* Doubleword 0 for the 32-bit result `r` of operand b. */
uint64_t fpop_word_result(uint32_t desc, u128 b, u128 r);

/* The FPRF value (5 bits; 4 for a compare) that `desc` with this result asks for. */
unsigned fpop_fprf(uint32_t desc, u128 result);

#endif
