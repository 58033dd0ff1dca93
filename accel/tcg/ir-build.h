/*
 * Private to the builder's files (ir.c, ir-fold.c, ir-finish.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_IR_BUILD_H
#define ACCEL_TCG_IR_BUILD_H

#include "accel/tcg/ir.h"

#define IR_CSE_SIZE 256

typedef struct IrBuilder {
    IrRegion *r;
    uint64_t pc;                /* of the instruction being translated */
    uint32_t done;              /* instructions completed before it */
    bool ended;
    Val cur[SLOT_COUNT];        /* the value a slot holds now, if known */
    uint64_t dirty[(SLOT_COUNT + 63) / 64];     /* ... and its home does not */
    uint32_t dirty_version;
    uint32_t snap_version;      /* dirty_version + 1 at the last snapshot */
    uint32_t snap_first, snap_count;
    uint32_t cse[IR_CSE_SIZE];
} IrBuilder;
extern __thread IrBuilder ir_builder;

static inline IrNode *ir_node(Val v)
{
    g_assert(v.n && v.n < ir_builder.r->node_count);
    return &ir_builder.r->nodes[v.n];
}

Val ir_emit(IrNode *n);                 /* append, or find an equal pure node */
Val ir_fold(IrNode *n);                 /* a simpler value for it, or VAL_NONE (n may have been rewritten) */
void ir_fuse_cond(IrNode *n);           /* EXIT_IF/GUARD/SEL on a SETCOND takes over its comparison */
bool ir_eval_const_cond(IrCond c, bool word, uint64_t a, uint64_t b);
uint32_t ir_snapshot(bool completed);

#endif
