/*
 * What fp-emit.c (scalars) and fp-emit-lanes.c (vectors) share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_ISA_FP_EMIT_INT_H
#define TARGET_PPC_ISA_FP_EMIT_INT_H

#include "target/ppc/isa/fp-emit.h"

#define FP_ONE 0x3ff0000000000000ull    /* 1.0 */

/* Does the instruction read operand a (c)? */
static inline bool fp_reads_a(FpOp op)
{
    return op <= FPO_DIV || (op >= FPO_MADD && op <= FPO_NMSUB) || op >= FPO_MAX;
}

static inline bool fp_reads_c(FpOp op)
{
    return op >= FPO_MADD && op <= FPO_NMSUB;
}

#endif
