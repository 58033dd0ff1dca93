/*
 * The guest registers that the translator may keep in host registers ("slots").
 *
 * Inside a translated region a slot is an SSA value; its home in PowerPCCPU is written only when the
 * region is left or an exception is raised (see accel/tcg/ir.h). One row says the slot's name, how
 * many there are, its IR type and its home. Everything else about guest state is plain memory that
 * helpers and LDENV/STENV touch.
 *
 * A condition register bit is a slot of its own, holding 0 or 1: a compare then costs nothing until
 * one of its bits is read. crb[] is stored in reverse of the book's numbering, so that gathering the
 * low bits of its 32 bytes in memory order (x86 pmovmskb) yields the architected CR word.
 *
 * VSR and FPR rows share storage: an FPR slot is doubleword 0 of the VSR, and writing it sets
 * doubleword 1 to zero (Power ISA 3.1 Book I, 7.2.1.1). The builder keeps the two views coherent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_SLOTS_H
#define TARGET_PPC_SLOTS_H

/*     name      count  type     bytes  home in PowerPCCPU (of the first) */
#define PPC_SLOTS(X)                            \
    X(GPR,       32,    IR_I64,  8,  gpr)       \
    X(CRB,       32,    IR_I64,  1,  crb)       \
    X(CA,        1,     IR_I64,  1,  ca)        \
    X(OV,        1,     IR_I64,  1,  ov)        \
    X(SO,        1,     IR_I64,  1,  so)        \
    X(CA32,      1,     IR_I64,  1,  ca32)      \
    X(OV32,      1,     IR_I64,  1,  ov32)      \
    X(LR,        1,     IR_I64,  8,  lr)        \
    X(CTR,       1,     IR_I64,  8,  ctr)       \
    X(TAR,       1,     IR_I64,  8,  tar)       \
    X(CFAR,      1,     IR_I64,  8,  cfar)      \
    X(RES_ADDR,  1,     IR_I64,  8,  reserve_addr)  \
    X(RES_SIZE,  1,     IR_I64,  8,  reserve_length) \
    X(RES_VAL,   1,     IR_I64,  8,  reserve_val)   \
    X(RES_VAL2,  1,     IR_I64,  8,  reserve_val2)  \
    X(SAT,       1,     IR_I64,  8,  vscr_sat)  \
    X(FPOP,      1,     IR_I64,  8,  fp_op)     \
    X(FPA,       1,     IR_F64,  8,  fp_a)      \
    X(FPB,       1,     IR_F64,  8,  fp_b)      \
    X(FPC,       1,     IR_F64,  8,  fp_c)      \
    X(FPQ,       1,     IR_I64,  8,  fp_cmp)    \
    X(FPQA,      1,     IR_F64,  8,  fp_cmp_a)  \
    X(FPQB,      1,     IR_F64,  8,  fp_cmp_b)  \
    X(FPR,       64,    IR_F64,  8,  vsr)       \
    X(VSR,       64,    IR_V128, 16, vsr)

enum PpcSlot {
#define X(name, count, type, bytes, home) SLOT_##name, SLOT_##name##_LAST = SLOT_##name + (count) - 1,
    PPC_SLOTS(X)
#undef X
    SLOT_COUNT
};

#endif
