/*
 * Private to the x86-64 back end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_X86_64_JIT_H
#define ACCEL_TCG_X86_64_JIT_H

#include "accel/tcg/region.h"
#include "accel/tcg/x86_64/emit.h"

/* Where a value is while generated code stands at one place. */
typedef enum LocKind { LOC_NONE, LOC_GPR, LOC_XMM, LOC_STACK, LOC_CONST, LOC_POOL, LOC_SUNK } LocKind;
typedef struct Loc {
    uint8_t kind;
    uint8_t reg;            /* GPR, XMM number */
    uint16_t index;         /* STACK: 16-byte cell of the frame; SUNK: index in Gen.sunk */
    uint64_t k;             /* CONST; POOL: address */
} Loc;

/* A comparison that only the state map needs: computed when, and only when, somebody looks. */
typedef struct Sunk { Loc a, b; uint8_t cond, word; } Sunk;
#define SUNK_FP 2           /* as `word`: of doubles, a FSETCOND */

typedef struct MapEntry { uint16_t slot; Loc loc; } MapEntry;

/* What a call out of generated code does; outline.c keeps it as a record, whose place the stub passes. */
typedef enum { OUT_LD, OUT_ST, OUT_LDX, OUT_STX, OUT_CMPXCHG, OUT_STZ, OUT_CALL, OUT_NODE } OutKind;
typedef struct Out {
    uint8_t kind, nargs;
    bool store_state, store_nip, xmm;       /* xmm: registers of that kind are in use */
    Loc dst;
    Loc args[IR_CALL_ARGS];
    MemOp op;
    IrCall call;
    IrNode node;            /* OUT_NODE */
    V128 pool;              /* its pool entry, if it has one */
    uint64_t pc;
    uint32_t map_first, map_count;
} Out;

#define FRAME_CELLS 250
#define FRAME_BYTES (FRAME_CELLS * 16 + 8)

extern uint8_t *jit_rw, *jit_rx;
/* The image that the thunk makes; the frame's cells lie above it. */
typedef struct Saved {
    uint64_t gpr[16];
    V128 xmm[16];
    uint64_t ret, index;
    V128 cells[];
} Saved;

extern uint8_t *jit_side;                   /* records and state maps */
extern uint32_t jit_side_used, jit_side_size;
void jit_out(PowerPCCPU *cpu, Saved *s, uint32_t record);
extern bool jit_have_lzcnt;                 /* the host's; the other instructions used are required */

extern const uint8_t *jit_thunk_out, *jit_thunk_out_int, *jit_thunk_leave;    /* in the executable view */
void jit_make_leave_thunks(Emit *e);            /* leave.c; jit_thunk_leave is there already */

/* select.c: false when the buffer or a table is full. */
bool jit_generate(const IrRegion *ir, Region *r, Emit *e);

static inline const uint8_t *to_rx(const uint8_t *rw) { return jit_rx + (rw - jit_rw); }

#endif
