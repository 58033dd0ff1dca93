/*
 * Instruction definitions: one paragraph per instruction, in the Power ISA book's vocabulary.
 *
 *     INSN(subf, "subf[o][.]", "31:6 rt:5 ra:5 rb:5 oe:1 40:9 rc:1", BASE, 0)
 *     {
 *         ...
 *     }
 *
 * INSN(id, mnemonic, pattern, FEATURE, flags) makes a row in the linker section `ppc_insns` and opens
 * the function that emits IR for it: void insn_<id>(DisasCtx *ctx, const Insn *a). The body is ordinary C.
 *
 * pattern: the bits of the word from bit 0 (most significant) to 31, as items `NUMBER:width` (opcode),
 * `name:width` (field; the accessor of that name below must agree with its place), `/:width` (reserved:
 * ignored by decode as the book's "reserved fields are ignored", generated as zero), `!:width` (reserved
 * but must be zero: else an invalid form, illegal). A prefixed instruction
 * has two halves "1:6 0:2 ... | 14:6 ...".  A feature or a second one: INSN's FEATURE is one PPC_F_ name
 * without the prefix.
 *
 * From the rows come the decoder, feature gating, facility-unavailable and privilege interrupts, the
 * overlap test, the random-instruction generator of tests/isa, the coverage report. Write the row for
 * the generator too: field names tell it what is an operand. Field names and their meaning:
 *   rt rs ra rb rc_ (5 bits, GPR)   ra0 (5, (RA|0))   rtp rsp (5, even GPR pair)   frt fra frb frc (5, FPR)
 *   frtp frap frbp (5, even FPR pair)   vrt vra vrb vrc (5, VR)   xt (5+1 split: `t:5 ... tx:1`, likewise a/ax b/bx
 *   c/cx, s/sx)   bf bfa (3, CR field)   bt ba bb bi (5, CR bit)   bo(5) bh(2)
 *   si ui d (16)   ds(14) dq(12) li(24) bd(14)   sh(5) shl_5/shh (sh5 + 1)   mb me (5) mbe (6, split)
 *   spr tbr (10, halves swapped)   fxm(8) l(1..2) to(5) oe rc lk aa (1)   sr(4) uim sim dcm dgm r rmc sp s ...
 * Unlisted names are free: they are generated as random bits and read with FIELD(a, lsb, width).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_ISA_H
#define TARGET_PPC_ISA_H

#include <glib.h>
#include "accel/tcg/ir.h"
#include "target/ppc/cpu.h"

/* The instruction at hand. */
typedef struct Insn {
    uint32_t w;         /* the word, or the suffix of a prefixed instruction */
    uint32_t prefix;
    bool prefixed;
} Insn;

/* Why and where we translate. */
typedef struct DisasCtx {
    PowerPCCPU *cpu;        /* for identity (the model); its mutable state must not be used */
    PpcFeatures features;   /* those in force with `flags` */
    uint32_t flags;         /* RF_* */
    uint64_t pc;            /* of this instruction */
    uint64_t next_pc;       /* pc + 4 or + 8 */
    bool le, sf, pr, hv;    /* of `flags` */
    uint8_t traced;         /* TRACED_* of the instructions so far; a region that may be traced has only one */
    bool end;               /* set by an instruction after which the region must stop (it made its exit itself, or
                               the caller adds EXIT_LOOP to next_pc if it did not) */
    uint64_t page_end;      /* code is not read past this without a new translation */
} DisasCtx;

/* What a trace interrupt tells of the instruction that it follows, and whether there may be one (excp.c). */
enum { TRACED_BRANCH = 1, TRACED_LOAD = 2, TRACED_STORE = 4, TRACED_PREFIXED = 8, TRACED_NEVER = 16 };

typedef void InsnFn(DisasCtx *ctx, const Insn *a);

/* Row flags */
enum {
    INSN_FP = 1 << 0,       /* MSR[FP] or floating-point unavailable */
    INSN_VEC = 1 << 1,      /* MSR[VEC] or vector unavailable */
    INSN_VSX = 1 << 2,      /* MSR[VSX] or VSX unavailable */
    INSN_VSX_OR_VEC = 1 << 3,   /* VSX for VSRs 0-31 (tx = 0), VEC for 32-63: lxvx and others of ISA 3.0 */
    INSN_SUPER = 1 << 4,    /* privileged */
    INSN_HV = 1 << 5,       /* hypervisor privileged (illegal as a guest's: privileged or HEAI by model) */
    INSN_TM = 1 << 6,       /* MSR[TM] or facility unavailable */
    INSN_NOFUZZ = 1 << 7,   /* tests/isa cannot run it against user-mode peers; reason in tests/isa/exempt */
    INSN_MEM = 1 << 8,      /* accesses memory: the generator points its address into a buffer */
    INSN_BRANCH = 1 << 9,   /* ends the region (may leave it) */
    INSN_UNTRACED = 1 << 10,    /* returns and power saving: never followed by a trace interrupt */
};

typedef struct InsnRow {
    const char *id, *mnemonic, *pattern;
    InsnFn *fn;
    uint32_t flags;
    uint16_t feature;       /* PpcFeature */
    uint16_t line;
    const char *file;
} InsnRow;

#define INSN(id_, mnemonic_, pattern_, feature_, flags_)                                       \
    static void insn_##id_(DisasCtx *ctx, const Insn *a);                                      \
    static const InsnRow insn_row_##id_                                                        \
        __attribute__((used, section("ppc_insns"), aligned(8))) = {                            \
        #id_, mnemonic_, pattern_, insn_##id_, flags_, PPC_F_##feature_, __LINE__, __FILE__ }; \
    static void insn_##id_(DisasCtx *ctx, const Insn *a)

/* The table as parsed (isa.c). */
typedef struct InsnField { char name[12]; uint8_t lsb, width; bool in_prefix; } InsnField;
typedef struct InsnDesc {
    const InsnRow *row;
    uint32_t mask, value;           /* of the word/suffix */
    uint32_t pmask, pvalue;         /* of the prefix (prefixed only) */
    bool prefixed;
    uint8_t nfields;
    InsnField fields[16];
    uint32_t hits;                  /* translations, for the coverage report */
} InsnDesc;
void isa_init(void);                                    /* parse the rows, build the decoder; idempotent */
InsnDesc *isa_table(size_t *n);
/* The row that defines this word for a CPU with these features, or NULL (illegal). */
InsnDesc *isa_decode(const PpcFeatures *f, uint32_t word, bool prefixed, uint32_t suffix);
/* Emit IR for one instruction, with gating, privilege and facility checks. */
void isa_translate(DisasCtx *ctx, const Insn *insn);
/* "two rows overlap" and other table faults, one a line; empty if sound. Row pairs with different features where one is a
 * refinement (more mask bits) of the other are sound: the more specific row wins. */
void isa_check(GString *out);

/* ---- fields: lsb counts from bit 31 (value bit 0) ---- */
#define FIELD(a, lsb, width) ((unsigned)((a)->w >> (lsb) & ((1u << (width)) - 1)))
#define PFIELD(a, lsb, width) ((unsigned)((a)->prefix >> (lsb) & ((1u << (width)) - 1)))
#define F5(name, lsb) static inline unsigned name(const Insn *a) { return a->w >> (lsb) & 31; }
F5(RT, 21) F5(RS, 21) F5(RA, 16) F5(RB, 11) F5(RC_, 6)
F5(BO, 21) F5(BI, 16) F5(BT, 21) F5(BA, 16) F5(BB, 11) F5(TO, 21) F5(SH, 11) F5(MB, 6) F5(ME, 1)
#undef F5
static inline unsigned BF(const Insn *a) { return a->w >> 23 & 7; }
static inline unsigned BFA(const Insn *a) { return a->w >> 18 & 7; }
static inline bool OE(const Insn *a) { return a->w >> 10 & 1; }
static inline bool RC(const Insn *a) { return a->w & 1; }
static inline bool LK(const Insn *a) { return a->w & 1; }
static inline bool AA(const Insn *a) { return a->w >> 1 & 1; }
static inline int64_t SI(const Insn *a) { return (int16_t)a->w; }
static inline uint64_t UI(const Insn *a) { return (uint16_t)a->w; }
static inline int64_t DS(const Insn *a) { return (int16_t)(a->w & 0xfffc); }     /* ds << 2 */
static inline int64_t DQ(const Insn *a) { return (int16_t)(a->w & 0xfff0); }     /* dq << 4 */
static inline int64_t LI(const Insn *a) { return (int64_t)((uint64_t)(a->w & 0x03fffffc) << 38) >> 38; }
static inline int64_t BD(const Insn *a) { return (int16_t)(a->w & 0xfffc); }
static inline unsigned SH6(const Insn *a) { return (a->w >> 11 & 31) | (a->w & 2) << 4; }
static inline unsigned MB6(const Insn *a) { return (a->w >> 6 & 31) | (a->w & 0x20); }
static inline unsigned SPRN(const Insn *a) { return (a->w >> 16 & 31) | (a->w >> 6 & 0x3e0); }
static inline unsigned FXM(const Insn *a) { return a->w >> 12 & 0xff; }
/* VSX register numbers, 0-63 */
static inline unsigned XT(const Insn *a) { return (a->w >> 21 & 31) | (a->w & 1) << 5; }
static inline unsigned XS(const Insn *a) { return XT(a); }
static inline unsigned XA(const Insn *a) { return (a->w >> 16 & 31) | (a->w & 4) << 3; }
static inline unsigned XB(const Insn *a) { return (a->w >> 11 & 31) | (a->w & 2) << 4; }
static inline unsigned XC(const Insn *a) { return (a->w >> 6 & 31) | (a->w & 8) << 2; }
/* 34-bit displacement of MLS/8LS prefixed forms; R bit */
static inline int64_t D34(const Insn *a)
{
    return (int64_t)(((uint64_t)(a->prefix & 0x3ffff) << 16 | (a->w & 0xffff)) << 30) >> 30;
}
static inline bool PR_R(const Insn *a) { return a->prefix >> 20 & 1; }

/* ---- registers ---- */
static inline Val gpr(unsigned n) { return slot_get(SLOT_GPR + n); }
static inline void set_gpr(unsigned n, Val v) { slot_set(SLOT_GPR + n, v); }
static inline Val gpr0(unsigned n) { return n ? gpr(n) : iconst(0); }         /* (RA|0) */
static inline Val crbit(unsigned i) { return slot_get(SLOT_CRB + 31 - i); }   /* book numbering 0..31 */
static inline void set_crbit(unsigned i, Val v) { slot_set(SLOT_CRB + 31 - i, v); }
static inline Val fpr(unsigned n) { return slot_get(SLOT_FPR + n); }          /* F64; also VSR n's doubleword 0 */
static inline void set_fpr(unsigned n, Val v) { slot_set(SLOT_FPR + n, v); }
static inline Val vsr(unsigned n) { return slot_get(SLOT_VSR + n); }
static inline void set_vsr(unsigned n, Val v) { slot_set(SLOT_VSR + n, v); }
static inline Val vr(unsigned n) { return vsr(32 + n); }
static inline void set_vr(unsigned n, Val v) { set_vsr(32 + n, v); }
/* CR field from a comparison of a and b: LT GT EQ SO */
void set_crf_cmp(unsigned bf, Val a, Val b, bool is_signed, bool word);
/* CR0 from a result against zero, in the current mode's width (record forms) */
void set_cr0(DisasCtx *ctx, Val result);
/* CR field from a 4-bit value LT GT EQ SO = 8 4 2 1 */
void set_crf(unsigned bf, Val v);

/* ---- memory: adds MMU mode, guest byte order (op may force with MO_BE xor'ed: see) and 32-bit truncation ---- */
Val ea_x(DisasCtx *ctx, unsigned ra, unsigned rb);                 /* (RA|0) + (RB) */
Val ea_d(DisasCtx *ctx, unsigned ra, int64_t disp);                /* (RA|0) + disp */
Val ea_pd(DisasCtx *ctx, const Insn *a);                           /* prefixed: (RA|0) + d34, or pc-relative if R */
bool bad_prefixed(DisasCtx *ctx, const Insn *a);                   /* R and RA at once: raises, true */
Val ea_add(DisasCtx *ctx, Val ea, int64_t n);                      /* next element, truncated in 32-bit mode */
Val mem_ld(DisasCtx *ctx, Val ea, MemOp op);                       /* guest byte order */
Val mem_ld_rev(DisasCtx *ctx, Val ea, MemOp op);                   /* the other byte order */
void mem_st(DisasCtx *ctx, Val ea, Val v, MemOp op);
void mem_st_rev(DisasCtx *ctx, Val ea, Val v, MemOp op);
Val mem_ldf(DisasCtx *ctx, Val ea);                                /* doubleword as F64 */
void mem_stf(DisasCtx *ctx, Val ea, Val v);
Val mem_ldx(DisasCtx *ctx, Val ea, MemOp extra);                   /* quadword in guest byte order: LE gives the byte-reversed image */
void mem_stx(DisasCtx *ctx, Val ea, Val v, MemOp extra);
MemOp mem_op(DisasCtx *ctx, MemOp op);                             /* op with MMU mode and guest byte order */

/* ---- leaving ---- */
void raise_program(DisasCtx *ctx, uint32_t why);                   /* PROG_INVAL, PROG_PRIV ...: ends the region */
void raise_facility(DisasCtx *ctx, unsigned ic, bool hv);          /* facility unavailable with this IC */
void end_region(DisasCtx *ctx);                                    /* state changed: look around before the next instruction */

#endif
