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
    uint16_t index;         /* STACK: 16-byte cell of the frame; SUNK: index in jit_sunk */
    uint64_t k;             /* CONST */
} Loc;

/* A comparison that only the state map needs: computed when, and only when, somebody looks. */
typedef struct Sunk { Loc a, b; uint8_t cond, word; } Sunk;

typedef struct MapEntry { uint16_t slot; Loc loc; } MapEntry;

/* What a call out of generated code does; the stub passes its index. */
typedef enum { OUT_LD, OUT_ST, OUT_LDX, OUT_STX, OUT_CMPXCHG, OUT_CALL, OUT_NODE } OutKind;
typedef struct Out {
    uint8_t kind, nargs;
    uint8_t store_state, store_nip;
    Loc dst;
    Loc args[IR_CALL_ARGS];
    MemOp op;
    IrCall call;
    IrNode node;            /* OUT_NODE */
    V128 pool;              /* its pool entry, if it has one */
    uint64_t pc;
    uint32_t map_first, map_count;
} Out;

#define FRAME_CELLS 160
#define FRAME_BYTES (FRAME_CELLS * 16 + 8)

extern uint8_t *jit_rw, *jit_rx;
extern Out *jit_outs;
extern MapEntry *jit_maps;
extern Sunk *jit_sunk;
extern bool jit_have_lzcnt;                 /* the host's; the other instructions used are required */
extern uint32_t jit_out_count, jit_map_count, jit_sunk_count;
#define MAX_OUTS (1u << 21)
#define MAX_MAPS (1u << 25)
#define MAX_SUNK (1u << 22)

extern const uint8_t *jit_thunk_out, *jit_thunk_leave, *jit_thunk_lookup;    /* in the executable view */

/* select.c: false when the buffer or a table is full. */
bool jit_generate(const IrRegion *ir, Region *r, Emit *e);

static inline const uint8_t *to_rx(const uint8_t *rw) { return jit_rx + (rw - jit_rw); }

#endif
