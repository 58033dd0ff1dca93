/*
 * The intermediate representation: SSA values in a region with one entry and several exits.
 *
 * A region is a straight line of nodes (an extended basic block: conditional branches leave it by side
 * exits and fall through). Guest registers are *slots*: slot_get() gives the SSA value a slot holds
 * now, slot_set() only notes the new value. Nothing is stored in PowerPCCPU until the region is left:
 * every node that may leave (exit, memory access, call) carries a *snapshot*, the list of slots whose
 * value differs from their home and the guest pc, from which the state is made precise when - and
 * only when - it does leave. So a register written five times in a region is stored once, and a
 * compare whose bits are all overwritten costs nothing: a pure value that only snapshots mention is
 * computed in the exit path alone.
 *
 * The interpreter (interp.c) and each host back end run this same IR; there is no second semantics.
 * The builder folds constants, merges equal pure nodes and drops unused ones.
 *
 * The functions from VALUE BUILDERS on are what instruction definitions call. They work on the
 * builder of the calling thread (one region is built by one thread at a time).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_IR_H
#define ACCEL_TCG_IR_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "accel/tcg/ir-ops.h"
#include "accel/tcg/softmmu.h"
#include "target/ppc/slots.h"
#include "target/ppc/v128.h"

typedef enum IrOp {
#define X(name, res, args, flags, what) IR_##name,
    IR_OPS(X)
#undef X
    IR_OP_COUNT
} IrOp;

typedef enum IrType { IR_VOID, IR_I64, IR_F64, IR_V128 } IrType;

/* Conditions of SETCOND, SEL, GUARD, EXIT_IF (first ten), of FSETCOND/FSEL/VFCMP (EQ LT LE GT GE UN). */
typedef enum IrCond {
    C_EQ, C_NE, C_LT, C_GE, C_LE, C_GT, C_LTU, C_GEU, C_LEU, C_GTU,
    C_TSTZ,     /* (a & b) == 0 */
    C_TSTNZ,    /* (a & b) != 0 */
    C_UN,       /* unordered (FSETCOND only) */
} IrCond;
static inline IrCond ir_cond_invert(IrCond c) { return (IrCond)(c ^ 1); }   /* not for C_UN */

/* An SSA value: index of its node. A struct, so that it never mixes with a C integer. */
typedef struct Val { uint32_t n; } Val;
#define VAL_NONE ((Val){ 0 })          /* node 0 is reserved */

typedef struct IrNode {
    uint8_t op;         /* IrOp */
    uint8_t type;       /* IrType of the result */
    uint8_t cond;       /* IrCond */
    uint8_t size;       /* lane/access size where the op says so */
    uint16_t aux;       /* MemOp, or as the op says */
    uint16_t uses;      /* by nodes (saturating); snapshot uses are counted apart */
    uint16_t snap_uses; /* by snapshots (saturating) */
    uint16_t pad;
    Val a[4];
    uint64_t imm;       /* constant, slot, offset, or index of call/exit/pool entry */
    uint32_t snap;      /* snapshot index, for ops flagged S */
} IrNode;

typedef struct IrSnapEntry { uint16_t slot; Val val; } IrSnapEntry;
typedef struct IrSnap {
    uint64_t pc;            /* guest address to report: of the instruction, or where to go on */
    uint32_t first, count;  /* entries in IrRegion.snap_entries */
    uint32_t insns;         /* guest instructions completed before this point (-icount) */
} IrSnap;

/* What a call does to guest state; decides what is stored before and forgotten after it. */
enum {
    IRC_PURE = 0,           /* a function of its arguments; may read non-slot state that the region never changes */
    IRC_READ = 1 << 0,      /* reads slots from PowerPCCPU: dirty slots are stored before it */
    IRC_WRITE = 1 << 1,     /* may change slots: cached values are forgotten after it (implies READ) */
    IRC_RAISE = 1 << 2,     /* may raise or leave (implies READ; nip is stored too) */
    IRC_STATE = 1 << 3,     /* reads or writes non-slot state (fpscr, spr[]...): never dropped or merged */
    IRC_NORETURN = 1 << 4,
    IRC_SINGLE = 1 << 5,    /* the F64 result is representable in single precision */
};

#define IR_CALL_ARGS 8
/*
 * A helper takes only integer-class C arguments and returns uint64_t, or nothing:
 *   I64 by value (uint64_t), F64 as its bits (uint64_t), V128 as `const V128 *`,
 *   and, first of all when IRC result is V128, `V128 *` for the result.
 *   The CPU pointer is an argument when asked for (`cpu` in call flags below).
 *   An F64 result is returned as its bits.
 */
typedef struct IrCall {
    const void *fn;
    const char *name;
    uint8_t flags;          /* IRC_* */
    uint8_t ret;            /* IrType */
    uint8_t nargs;          /* SSA arguments */
    bool cpu;               /* PowerPCCPU * is passed first (after the result pointer) */
    Val args[IR_CALL_ARGS]; /* result pointer + cpu + args: at most 8 C arguments in all */
} IrCall;

typedef enum IrExitKind {
    EXIT_DIRECT,    /* to constant guest address `target`: chained */
    EXIT_INDIRECT,  /* to the address in `pc`: looked up in the jump cache */
    EXIT_LOOP,      /* back to the vCPU loop, nip = target (state changed: look around) */
    EXIT_LOOP_PC,   /* the same, nip = value `pc` */
    EXIT_RAISE,     /* ppc_raise(cpu, excp, error): nip = the snapshot's pc */
} IrExitKind;

typedef struct IrExit {
    IrExitKind kind;
    uint64_t target;    /* EXIT_RAISE: excp << 32 | error code */
    Val pc;
} IrExit;

typedef struct IrRegion {
    uint64_t pc;            /* guest address of the first instruction */
    uint32_t flags;         /* RF_* it was made for */
    uint32_t insns;         /* guest instructions in the longest path */
    uint8_t traced;         /* see Region */
    uint64_t guest_len;     /* bytes of guest code from pc on; never beyond the next page's end */
    IrNode *nodes; uint32_t node_count, node_cap;
    IrSnap *snaps; uint32_t snap_count, snap_cap;
    IrSnapEntry *snap_entries; uint32_t snap_entry_count, snap_entry_cap;
    IrCall *calls; uint32_t call_count, call_cap;
    IrExit *exits; uint32_t exit_count, exit_cap;
    V128 *pool; uint32_t pool_count, pool_cap;      /* vector constants, shuffle controls */
} IrRegion;

typedef struct IrOpInfo {
    const char *name, *args, *flags;
    char result;
    uint8_t nargs;
    bool pure, snap, side, commutative;
} IrOpInfo;
extern const IrOpInfo ir_op_info[IR_OP_COUNT];

/*
 * Where a slot lives in PowerPCCPU (exact per slot, on this host). An FPR slot is 8 bytes; storing it also
 * zeroes the other half of its VSR, at offset ^ 8.
 */
typedef struct IrSlotInfo { const char *name; uint8_t type, bytes; uint32_t offset; } IrSlotInfo;
extern IrSlotInfo ir_slot_info[SLOT_COUNT];

/* ---- region life (translate.c, tests) ---- */
void ir_begin(uint64_t pc, uint32_t flags);         /* start building on this thread */
void ir_insn_start(uint64_t pc);                    /* snapshots from here on report pc */
IrRegion *ir_finish(void);                          /* dead code dropped, uses counted; owned by the caller */
void ir_free(IrRegion *r);
bool ir_has_exit(void);                             /* the region was ended by exit_* */
uint32_t ir_size(void);                             /* nodes so far */
char *ir_verify(const IrRegion *r);                 /* NULL, or what is wrong (g_free) */
void ir_print(const IrRegion *r, GString *out);

/* ================= VALUE BUILDERS: what instruction definitions use ================= */
Val iconst(uint64_t v);
Val fconst(uint64_t bits);
Val vconst(uint64_t dw0, uint64_t dw1);
bool is_const(Val v, uint64_t *out);        /* known integer constant? */

Val slot_get(int slot);
void slot_set(int slot, Val v);

Val ir_op1(IrOp op, unsigned size, uint64_t imm, Val a);
Val ir_op2(IrOp op, unsigned size, uint64_t imm, Val a, Val b);
Val ir_op3(IrOp op, unsigned size, uint64_t imm, Val a, Val b, Val c);
Val ir_cond2(IrOp op, IrCond c, bool word, Val a, Val b);               /* SETCOND */

#define IR_BIN(name, OP) static inline Val name(Val a, Val b) { return ir_op2(IR_##OP, 0, 0, a, b); }
#define IR_UN(name, OP) static inline Val name(Val a) { return ir_op1(IR_##OP, 0, 0, a); }
#define IR_UNS(name, OP, sz) static inline Val name(Val a) { return ir_op1(IR_##OP, sz, 0, a); }
IR_BIN(add, ADD) IR_BIN(sub, SUB) IR_BIN(mul, MUL) IR_BIN(mulhs, MULHS) IR_BIN(mulhu, MULHU)
IR_BIN(divs, DIVS) IR_BIN(divu, DIVU) IR_BIN(rems, REMS) IR_BIN(remu, REMU)
IR_BIN(band, AND) IR_BIN(bor, OR) IR_BIN(bxor, XOR) IR_BIN(bandc, ANDC) IR_UN(bnot, NOT) IR_UN(neg, NEG)
IR_BIN(shl, SHL) IR_BIN(shr, SHR) IR_BIN(sar, SAR) IR_BIN(rotl, ROTL) IR_BIN(rotl32, ROTL32)
IR_UNS(exts8, EXTS, 0) IR_UNS(exts16, EXTS, 1) IR_UNS(exts32, EXTS, 2)
IR_UNS(extu8, EXTU, 0) IR_UNS(extu16, EXTU, 1) IR_UNS(extu32, EXTU, 2)
IR_UNS(bswap16, BSWAP, 1) IR_UNS(bswap32, BSWAP, 2) IR_UNS(bswap64, BSWAP, 3)
IR_UN(clz64, CLZ) IR_UN(ctz64, CTZ) IR_UN(popcnt64, POPCNT) IR_BIN(pdep, PDEP) IR_BIN(pext, PEXT)
static inline Val adc(Val a, Val b, Val c) { return ir_op3(IR_ADC, 0, 0, a, b, c); }
static inline Val adcc(Val a, Val b, Val c) { return ir_op3(IR_ADCC, 0, 0, a, b, c); }
static inline Val addi(Val a, int64_t i) { return add(a, iconst(i)); }
static inline Val andi(Val a, uint64_t i) { return band(a, iconst(i)); }
static inline Val shli(Val a, unsigned n) { return shl(a, iconst(n)); }
static inline Val shri(Val a, unsigned n) { return shr(a, iconst(n)); }
static inline Val sari(Val a, unsigned n) { return sar(a, iconst(n)); }
/* 0/1 */
static inline Val setcond(IrCond c, Val a, Val b) { return ir_cond2(IR_SETCOND, c, false, a, b); }
static inline Val setcond32(IrCond c, Val a, Val b) { return ir_cond2(IR_SETCOND, c, true, a, b); }
/* a cond b ? t : f */
Val sel(IrCond c, Val a, Val b, Val t, Val f);
Val sel32(IrCond c, Val a, Val b, Val t, Val f);

/* Environment (non-slot) fields of PowerPCCPU. size: MO_8..MO_64 (| MO_SIGN). */
Val ldenv(unsigned size, size_t offset);
void stenv(unsigned size, size_t offset, Val v);
Val ldenvx(size_t offset);
void stenvx(size_t offset, Val v);

/* Guest memory. op: MO_* without the MMU mode, byte order or 32-bit truncation: isa.h adds those. */
Val ir_ld(Val addr, MemOp op);
void ir_st(Val addr, Val v, MemOp op);
Val ir_ldf(Val addr, MemOp op);
void ir_stf(Val addr, Val v, MemOp op);
Val ir_ldx(Val addr, MemOp op);
void ir_stx(Val addr, Val v, MemOp op);
void ir_stz(Val addr, MemOp op);         /* 128 bytes of zeros at an aligned address */
Val ir_cmpxchg(Val addr, Val expect, Val v, MemOp op);
void ir_fence(bool full);

/* Floating point and vectors: thin names over the table. */
IR_UN(f2i, F2I) IR_UN(i2f, I2F) IR_BIN(fadd_, FADD) IR_BIN(fsub_, FSUB) IR_BIN(fmul_, FMUL) IR_BIN(fdiv_, FDIV)
IR_UN(fsqrt_, FSQRT) IR_UN(fneg_, FNEG) IR_UN(fabs_, FABS) IR_UN(fnabs_, FNABS)
IR_UN(f2v, F2V) IR_UN(v2f, V2F) IR_UN(v2i_lo, V2ILO) IR_UN(v2i_hi, V2IHI) IR_BIN(i2v, I2V)
IR_BIN(vand, VAND) IR_BIN(vor, VOR) IR_BIN(vxor, VXOR) IR_BIN(vandc, VANDC) IR_UN(vnot, VNOT)
IR_BIN(fmax_, FMAX) IR_BIN(fmin_, FMIN)
static inline Val fmadd_(Val a, Val b, Val c) { return ir_op3(IR_FMADD, 0, 0, a, b, c); }
static inline Val fmsub_(Val a, Val b, Val c) { return ir_op3(IR_FMSUB, 0, 0, a, b, c); }
static inline Val vsel(Val m, Val t, Val f) { return ir_op3(IR_VSEL, 0, 0, m, t, f); }
static inline Val vperm(Val a, Val b, Val c) { return ir_op3(IR_VPERM, 0, 0, a, b, c); }
/* Lane-wise two-operand vector op: IR_VADD, IR_VSUB, IR_VMINS, IR_VCMPEQ, IR_VSHL, ... */
static inline Val vop2(IrOp op, unsigned lane, Val a, Val b) { return ir_op2(op, lane, 0, a, b); }
static inline Val vopi(IrOp op, unsigned lane, unsigned imm, Val a) { return ir_op1(op, lane, imm, a); }
static inline Val vdup(unsigned lane, Val a) { return ir_op1(IR_VDUP, lane, 0, a); }
Val vshuf(Val a, Val b, const uint8_t control[16]);     /* control[i]: book byte number 0..31 for book byte i */
Val vmask(Val a);
Val fsetcond(IrCond c, Val a, Val b);
Val vfcmp(IrCond c, unsigned lane, Val a, Val b);
/* FRANGE: exponent field of r, less lo; a zero that comes of a zero factor a or b counts as lo */
static inline Val frange(unsigned lo, Val r, Val a, Val b) { return ir_op3(IR_FRANGE, 0, lo, r, a, b); }
Val ftie(bool minus, Val r, Val a, Val c, Val b);       /* FTIE of r = a * c +- b */
bool ir_is_single(Val v);                               /* F64 surely representable in single precision */
Val fsel(IrCond c, Val a, Val b, Val t, Val f);         /* a cond b ? t : f */
Val frint(unsigned mode, Val a);                        /* FRINT: 0 nearest even 1 down 2 up 3 zero */

/*
 * Calls. `sig` checks and converts: result then arguments, one letter each: v i f x, and `e` (first after the
 * result) for the CPU pointer. Example:
 *     uint64_t helper_dive(PowerPCCPU *cpu, uint64_t a, uint64_t b);
 *     Val r = call("iei i", ...)            spaces are ignored
 *     Val r = CALL(helper_dive, "ieii", IRC_RAISE, a, b);
 *     CALLV(helper_slbmte, "veii", IRC_WRITE | IRC_RAISE, rs, rb);
 */
Val ir_call(const void *fn, const char *name, const char *sig, unsigned flags, const Val *args, int nargs);
#define CALL(fn, sig, flags, ...) ({ Val args_[] = { VAL_NONE, ##__VA_ARGS__ }; \
    ir_call((const void *)(fn), #fn, sig, flags, args_ + 1, (int)G_N_ELEMENTS(args_) - 1); })
#define CALLV(fn, sig, flags, ...) ((void)CALL(fn, sig, flags, ##__VA_ARGS__))
/*
 * If (a cond b) the result is the helper's, else `fast`. The helper is called out of line; it may use IRC_STATE
 * (non-slot state, such as sticky FPSCR bits) and IRC_READ, but neither WRITE nor RAISE.
 */
Val ir_guard(IrCond c, Val a, Val b, Val fast, const void *fn, const char *name, const char *sig,
             unsigned flags, const Val *args, int nargs);
#define GUARD(c, a, b, fast, fn, sig, flags, ...) ({ Val args_[] = { VAL_NONE, ##__VA_ARGS__ }; \
    ir_guard(c, a, b, fast, (const void *)(fn), #fn, sig, flags, args_ + 1, (int)G_N_ELEMENTS(args_) - 1); })

/* Leaving. exit_if: taken side exit; the region goes on with the fall-through. */
void exit_if(IrCond c, Val a, Val b, bool word, uint64_t target);   /* EXIT_DIRECT to target */
void exit_if_ex(IrCond c, Val a, Val b, bool word, IrExit e);
void exit_direct(uint64_t target);
void exit_ex(IrExit e);
void exit_loop(uint64_t target);
/* Raise unconditionally or if (a cond b): state is precise at the current instruction. */
void raise_exception(unsigned excp, uint32_t error_code);
void raise_if(IrCond c, Val a, Val b, bool word, unsigned excp, uint32_t error_code);

#endif
