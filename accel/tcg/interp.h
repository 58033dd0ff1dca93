/*
 * Private to the interpreter's files: a value's cell and the parts by kind of operation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_INTERP_H
#define ACCEL_TCG_INTERP_H

#include "accel/tcg/ir.h"

typedef union IrCell {
    uint64_t i;         /* I64; an F64's bits */
    V128 x;
} IrCell;

/* Runs a floating-point node; false if it is not one. */
bool interp_fp(const IrNode *n, const IrCell *c, IrCell *out);
bool interp_fcompare(IrCond c, uint64_t a, uint64_t b);     /* FSETCOND on the bits of doubles */
void interp_vec(const IrRegion *ir, const IrNode *n, const IrCell *c, IrCell *out);

V128 interp_aes(unsigned kind, V128 state, V128 key);
V128 interp_aes_imc(V128 a);
V128 interp_clmul(uint64_t a, uint64_t b);

/* The guest's rounding mode on the host, and the inexact flag back into cpu->mxcsr (x86 layout on every host). */
void interp_fp_enter(PowerPCCPU *cpu);
void interp_fp_leave(PowerPCCPU *cpu);

#endif
