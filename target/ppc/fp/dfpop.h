/*
 * A decimal floating-point operation as data, as fpop.h does it for binary: a 32-bit descriptor names the
 * operation, the formats of operands and result and the instruction's immediate; dfpop_eval() computes any.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FP_DFPOP_H
#define TARGET_PPC_FP_DFPOP_H

#include "target/ppc/fp/decimal.h"

typedef enum DfpOp {
    /* arithmetic (5.6.1): a op b */
    DFO_ADD, DFO_SUB, DFO_MUL, DFO_DIV,
    /* quantum adjustment (5.6.4): of b */
    DFO_QUAI,           /* imm: exponent, 5 bits signed */
    DFO_QUA,            /* exponent of a */
    DFO_RRND,           /* significance in a */
    DFO_RINTX, DFO_RINTN,
    /* conversion (5.6.5): of b */
    DFO_WIDEN, DFO_SHORTEN, DFO_FROM_INT, DFO_TO_INT,
    /* format (5.6.6): of b */
    DFO_DEDPD,          /* imm: SP */
    DFO_ENBCD,          /* imm: S */
    DFO_XEX, DFO_IEX,   /* IEX: exponent in a */
    DFO_SCL, DFO_SCR,   /* of a; imm: digits */
    /* compare and test (5.6.2, 5.6.3): the result is a CR field */
    DFO_CMPU, DFO_CMPO,
    DFO_TSTDC, DFO_TSTDG,       /* of a; imm: mask */
    DFO_TSTEX,
    DFO_TSTSF,          /* significance in a */
    DFO_TSTSFI,         /* of b; imm: significance */
} DfpOp;

/*
 * Short, Long, eXtended; Doubleword and Quadword integers (or BCD); DFF_LP: Long in the even register of a pair,
 * whose odd one is zero.
 */
typedef enum DfpFmtId { DFF_S, DFF_L, DFF_X, DFF_D, DFF_Q, DFF_LP } DfpFmtId;

/* Rounding: a DecRound of the instruction's own or FPSCR[DRN] */
#define DFR_CURRENT 8u

#define DFPDESC(op, a, b, dst, rm, imm) \
    ((uint32_t)(op) | (uint32_t)(a) << 8 | (uint32_t)(b) << 11 | (uint32_t)(dst) << 14 | \
     (uint32_t)(rm) << 17 | (uint32_t)(imm) << 21)
#define DFD_OP(d)  ((DfpOp)((d) & 0xff))
#define DFD_A(d)   ((DfpFmtId)((d) >> 8 & 7))
#define DFD_B(d)   ((DfpFmtId)((d) >> 11 & 7))
#define DFD_DST(d) ((DfpFmtId)((d) >> 14 & 7))
#define DFD_RM(d)  ((d) >> 17 & 15)
#define DFD_IMM(d) ((d) >> 21 & 63)

/* FPSCR_UPD_* of the operation */
unsigned dfpop_update(uint32_t desc);

/*
 * Operands and result are right-aligned bit patterns, of a compare or test the CR field. *fprf is the result's
 * class where the operation sets it. *wrapped: the result of DFO_SHORTEN is still in b's format.
 */
u128 dfpop_eval(DecCtx *c, uint32_t desc, u128 a, u128 b, unsigned *fprf, bool *wrapped);

#endif
