/*
 * Private to the selector's files: the state of one region's generation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_X86_64_SELECT_H
#define ACCEL_TCG_X86_64_SELECT_H

#include "accel/tcg/x86_64/jit.h"

typedef struct VState {
    uint32_t last;          /* node after which it is not needed; 0: never */
    uint32_t sunk_at;       /* 1 + its last place in Gen.sunk */
    int16_t cell;           /* spill cell that holds it, or -1 */
    int8_t reg;             /* or -1 */
    bool xmm, sunk;
    bool carried;           /* loaded before the head of a loop */
    bool fused;             /* a FSETCOND that its only user computes; a carry that stays in the host's flag */
} VState;

typedef struct Pending {    /* out-of-line code: a slow path (exit < 0) or a side exit */
    uint8_t *jump, *back;
    uint32_t out;
    int32_t exit;
    uint32_t snap, map_first, map_count;
    uint32_t carried;       /* of an exit back to the head: loop_capture() */
    Loc pc;
} Pending;

typedef struct RecentMap { uint32_t at, len; } RecentMap;

/* A slot that a loop keeps in a register: `node` is its value at the head. */
#define CARRIED_MAX 18
typedef struct Carried { uint32_t node; uint16_t slot; int8_t reg; } Carried;

typedef struct Gen {
    const IrRegion *ir;
    Region *r;
    Emit *e;
    uint8_t *head;          /* where a loop begins anew */
    Carried carried[CARRIED_MAX];
    unsigned carried_count, carried_kind[2];
    GArray *carried_locs;
    bool slots_stored;      /* a call stored or forgot the slots: a snapshot does not mention all that have changed */
    VState *v;
    uint32_t at;
    uint32_t owner[2][16];
    uint32_t pinned[2];
    uint32_t cell_owner[FRAME_CELLS];
    uint32_t *dead_head, *dead_next;
    GArray *pending, *exit_maps, *outs, *maps, *sunk;
    RecentMap recent[4];    /* state maps written for this region */
    unsigned next_recent;
    GRand *rand;
    /* The flags are those of node `flags_of`, an arithmetic result, as long as nothing has been emitted since `flags_at`. */
    uint8_t *flags_at, *carry_at;
    uint32_t flags_of, carry_of;    /* likewise: the carry flag is the value of node `carry_of` */
    bool failed;
} Gen;

int use(Gen *g, Val v);                 /* the register that holds it, loaded if need be; pinned for this node */
int def(Gen *g, Val reuse);             /* the node's result register */
bool imm32(Gen *g, Val v, int32_t *k);
int new_cell(Gen *g);                   /* a free cell of the frame; not taken yet */
void spill(Gen *g, uint32_t v);         /* to its cell; its register is free then */
Loc locate(Gen *g, Val v);
/* Notes in `maps` where each value of a snapshot is: `count` entries from `first` on, from which the exit's stub or the record is made. */
void capture(Gen *g, GArray *maps, uint32_t snap, uint32_t *first, uint32_t *count);
static inline bool same_loc(const Loc *a, const Loc *b)
{
    return a->kind == b->kind && a->reg == b->reg && a->index == b->index && a->k == b->k;
}
static inline Out *out_of(Gen *g, uint32_t index) { return &g_array_index(g->outs, Out, index); }
static inline Sunk *sunk_of(Gen *g, const Loc *l) { return &g_array_index(g->sunk, Sunk, l->index); }
uint32_t write_record(Gen *g, const Out *o);    /* outline.c */
uint32_t new_out(Gen *g, OutKind kind, uint32_t snap, bool state, bool nip);
void call_out(Gen *g, uint32_t index);
void slow_path(Gen *g, uint8_t *jump, uint32_t out);
void gen_node_out(Gen *g, const IrNode *n);

void plan_carry(Gen *g, uint32_t adc);   /* before the pass, from the last node to the first: may its carry-in stay in the flag? */
/* One bit that no immediate operand of `test` reaches: `bt` does it, and then the answer is in the carry flag. */
static inline bool is_high_bit(uint64_t k) { return k >> 31 && (k & (k - 1)) == 0; }
int cc_of(IrCond c, bool bit);
/* Emits the comparison; the condition code that says it holds. Operands stay pinned. */
int emit_compare(Gen *g, IrCond c, bool word, Val a, Val b, bool keep);

/* select-loop.c */
bool is_loop_edge(const Gen *g, uint32_t exit);
bool stores_slots(const IrRegion *ir, const IrNode *n);     /* a call after which homes are what counts */
void loop_plan(Gen *g);                 /* which slots; after lifetimes are known, some of which become longer */
void loop_enter(Gen *g);                /* loads them; the head follows */
uint32_t loop_capture(Gen *g, uint32_t map_first, uint32_t map_count);     /* where their values are at an edge */
void loop_back(Gen *g, uint32_t locs_first);    /* to the head; the state is stored */
void gen_slot(Gen *g, const IrNode *n);
void load_slot(Gen *g, unsigned slot, int reg);

/* select-exit.c */
void gen_exit(Gen *g, const IrNode *n);
void gen_exit_if(Gen *g, const IrNode *n);
void gen_pending(Gen *g);               /* all that goes out of line; last */
void store_state(Gen *g, uint32_t snap);        /* what the snapshot says, to its homes; spoils scratch registers */
int loc_to_gpr(Gen *g, const Loc *l, int scratch);      /* the register it is in, or is loaded to */

/* leave.c. The state is stored; `pc`: where the exit's value is, if it has one. */
void leave(Gen *g, uint32_t exit, uint32_t snap, const Loc *pc);
void gen_polled_exit(Gen *g);
void store_nip(Gen *g, uint64_t pc);            /* spoils rdi */
/* The same for a fused FSETCOND. `holds`: condition code of true, else of false. */
int emit_fcompare(Gen *g, const IrNode *n, bool holds);
void store_fcompare(Gen *g, const Sunk *k, bool byte, int32_t offset);  /* 0 or 1 to cpu + offset */

bool gen_call_direct(Gen *g, const IrNode *n);
bool gen_int(Gen *g, const IrNode *n);
bool gen_mem(Gen *g, const IrNode *n);
bool gen_fp(Gen *g, const IrNode *n);
bool gen_vec(Gen *g, const IrNode *n);

#endif
