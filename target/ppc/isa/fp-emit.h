/*
 * What floating-point rows share: how an operation descriptor (fp/fpop.h) becomes IR.
 *
 * Each emitter takes the descriptor and VSR numbers. With RF_FPSLOW the whole instruction is one
 * exact helper. Otherwise it is host arithmetic, a range check of the result, and an out-of-line
 * call of the exact library when the check fails; see fp/fplazy.h for how the FPSCR is kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_ISA_FP_EMIT_H
#define TARGET_PPC_ISA_FP_EMIT_H

#include "target/ppc/fp/fplazy.h"
#include "target/ppc/fp/vmxfp.h"
#include "target/ppc/isa.h"

/* Descriptors by the families of the book: what they update differs, not how they compute. */
#define FPD_BOTH (FPSCR_UPD_FRFI | FPSCR_UPD_FPRF)
#define DP(op) FPD_SCALAR(FPO_##op, FF_D)
#define SP(op) FPD_SCALAR(FPO_##op, FF_SD)
#define VDP(op) FPD_ELEMENT(FPO_##op, FF_D)
#define VSP(op) FPD_ELEMENT(FPO_##op, FF_S)
#define ROUND_ODD(o) ((o) ? (unsigned)FP_TO_ODD : FPR_CURRENT)
#define QP(op, o) FPDESC(FPO_##op, FF_Q, FF_Q, ROUND_ODD(o), FPD_BOTH)
#define FP_CVT(from, to) FPDESC(FPO_CVT, from, to, FPR_CURRENT, FPD_BOTH)
#define DP_TO_SP FP_CVT(FF_D, FF_SD)
#define DP_RINT(rm) FPDESC(FPO_RINT, FF_D, FF_D, rm, FPD_BOTH)
/* FPRF is undefined after a conversion to integer: it is left alone. */
#define DP_TO_INT(kind, to, rm) FPDESC(FPO_TO_##kind, FF_D, to, rm, FPSCR_UPD_FRFI)
#define QP_TO_INT(kind, to) FPDESC(FPO_TO_##kind, FF_Q, to, FP_TO_ZERO, FPSCR_UPD_FRFI)
#define FP_FROM_INT(kind, to) FPDESC(FPO_FROM_##kind, FF_L, to, FPR_CURRENT, FPD_BOTH)
#define DP_QUIET(op) FPDESC(FPO_##op, FF_D, FF_D, FPR_CURRENT, 0)
#define QP_QUIET(op) FPDESC(FPO_##op, FF_Q, FF_Q, FPR_CURRENT, 0)
#define FP_CMP(op, fmt) FPDESC(FPO_##op, fmt, fmt, FPR_CURRENT, FPSCR_UPD_FPCC)

/* VR fields as VSR numbers */
#define VT(a) (32 + RT(a))
#define VA(a) (32 + RA(a))
#define VB(a) (32 + RB(a))

/* Doubleword operands and result: a op b, op b, or a * c + b. rc: record form. */
void fp_scalar(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned a, unsigned b, unsigned c,
               bool rc);
/* Between a double and the single in word 0. */
void fp_scalar_widen(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned b);
void fp_scalar_narrow(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned b);
/* Operands or result that are no doubleword (quad, half, single in a word): the exact helper. */
void fp_scalar_exact(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned a, unsigned b, unsigned c);
/* Compare doubles (or, exactly, quads) into a CR field. */
void fp_compare_rows(DisasCtx *ctx, uint32_t desc, unsigned bf, unsigned a, unsigned b);
/* Lanes. */
void fp_vector(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned a, unsigned b, unsigned c);
void fp_vector_compare(DisasCtx *ctx, uint32_t desc, unsigned t, unsigned a, unsigned b, bool rc);
/* Record form: CR1 from FX FEX VX OX. */
void fp_set_cr1(void);

/* ftdiv and friends: a CR field */
uint64_t helper_fp_test_div(uint64_t a, uint64_t b);
uint64_t helper_fp_test_sqrt(uint64_t b);
uint64_t helper_vfp_test_div(const V128 *a, const V128 *b, uint64_t lane);
uint64_t helper_vfp_test_sqrt(const V128 *b, uint64_t lane);
/* xststdc*, xvtstdc*: the data class mask against one operand, which also goes to FPCC; or lanes */
uint64_t helper_fp_test_class(PowerPCCPU *cpu, uint64_t fmt, uint64_t dcmx, uint64_t vsr);
void helper_vfp_test_class(V128 *r, const V128 *b, uint64_t lane, uint64_t dcmx);

Val fp_copy_sign(Val sign, Val value);

/* lfs and stfs conversions: word <-> double. */
Val fp_single_to_double(Val word);
Val fp_double_to_single(Val f64);

#endif
