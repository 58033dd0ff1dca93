/*
 * ISA features: the unit by which instructions are gated, models are described and machine versions
 * are pinned.
 *
 * Each feature is one bit of a 128-bit set: bits 0-63 carry the wire values of `insns_flags` and bits
 * 64-127 those of `insns_flags2` in the migration stream of machines up to pseries-2.7. A feature is
 * also a boolean CPU property (`isa-64h=off`), so that a machine version can pin it by name.
 * Which of bits 2 and 16 of insns_flags2 is DFP shows in streams of a 970 and a POWER5+: both send 16 and not
 * 2, and both have the 64-bit conversions and no DFP.
 * A bit that never was on the wire is given a place of its own above ISA310 and masked on sending.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_FEATURES_H
#define TARGET_PPC_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

/*   name            bit      book property            what it gates; book: the first that has it, 0: before 2.05 */
#define PPC_FEATURES(X)                                                                           \
    X(BASE,          0,       0,   "isa-base",         "32-bit base instructions")                \
    X(64B,           5,       0,   "isa-64b",          "64-bit instructions")                     \
    X(64BX,          6,       0,   "isa-64bx",         "lq, stq as they were before ISA 2.07")    \
    X(64H,           7,       0,   "isa-64h",          "64-bit hypervisor instructions")          \
    X(WAIT,          8,       206, "isa-wait",         "wait")                                    \
    X(MFTB,          9,       0,   "isa-mftb",         "mftb")                                    \
    X(ISEL,          11,      0,   "isa-isel",         "isel")                                    \
    X(POPCNTB,       12,      0,   "isa-popcntb",      "popcntb")                                 \
    X(STRING,        13,      0,   "isa-string",       "string load and store")                   \
    X(CILDST,        14,      205, "isa-cildst",       "cache-inhibited load and store")          \
    X(FLOAT,         16,      0,   "isa-float",        "floating point")                          \
    X(FLOAT_EXT,     17,      0,   "isa-float-ext",    "fsel, fres, frsqrte era extensions")      \
    X(FSQRT,         18,      0,   "isa-fsqrt",        "fsqrt[s]")                                \
    X(FRES,          19,      0,   "isa-fres",         "fres")                                    \
    X(FRSQRTE,       20,      0,   "isa-frsqrte",      "frsqrte")                                 \
    X(FRSQRTES,      21,      0,   "isa-frsqrtes",     "frsqrtes")                                \
    X(FSEL,          22,      0,   "isa-fsel",         "fsel")                                    \
    X(STFIWX,        23,      0,   "isa-stfiwx",       "stfiwx")                                  \
    X(ALTIVEC,       24,      0,   "isa-altivec",      "VMX")                                     \
    X(MEM_TLBIA,     28,      0,   "isa-tlbia",        "tlbia")                                   \
    X(MEM_TLBIE,     29,      0,   "isa-tlbie",        "tlbie[l]")                                \
    X(MEM_TLBSYNC,   30,      0,   "isa-tlbsync",      "tlbsync")                                 \
    X(MEM_SYNC,      31,      0,   "isa-sync",         "sync")                                    \
    X(MEM_EIEIO,     32,      0,   "isa-eieio",        "eieio")                                   \
    X(CACHE,         33,      0,   "isa-cache",        "dcbf, dcbst, dcbt, dcbtst")               \
    X(CACHE_ICBI,    34,      0,   "isa-icbi",         "icbi")                                    \
    X(CACHE_DCBZ,    35,      0,   "isa-dcbz",         "dcbz")                                    \
    X(SEGMENT_64B,   45,      0,   "isa-segment-64b",  "64-bit segment registers bridge")         \
    X(SLBI,          46,      0,   "isa-slb",          "slbie, slbia, slbmte, slbmf*")            \
    X(POPCNTWD,      63,      206, "isa-popcntwd",     "popcntw, popcntd")                        \
    X(VSX,           64 + 1,  206, "isa-vsx",          "VSX of ISA 2.06")                         \
    X(FP_CVT_S64,    64 + 16, 0,   "isa-fp-cvt-s64",   "fcfid, fctid, fctidz")                    \
    X(DBRX,          64 + 4,  206, "isa-dbrx",         "ldbrx, stdbrx")                           \
    X(ISA205,        64 + 5,  205, "isa-205",          "other ISA 2.05: lfdp, fcpsgn, prty, ...") \
    X(VSX207,        64 + 6,  207, "isa-vsx207",       "VSX of ISA 2.07")                         \
    X(PERM206,       64 + 7,  206, "isa-perm206",      "bpermd")                                  \
    X(DIVE206,       64 + 8,  206, "isa-dive206",      "divide extended")                         \
    X(ATOMIC206,     64 + 9,  206, "isa-atomic206",    "lbarx, lharx, stbcx., sthcx.")            \
    X(FP_CVT206,     64 + 10, 206, "isa-fp-cvt206",    "fcfids, fcfidu, fctidu[z], ...")          \
    X(FP_TST206,     64 + 11, 206, "isa-fp-tst206",    "ftdiv, ftsqrt")                           \
    X(BCTAR207,      64 + 12, 207, "isa-bctar207",     "bctar")                                   \
    X(LSQ207,        64 + 13, 207, "isa-lsq207",       "lq, stq, lqarx, stqcx.")                  \
    X(ALTIVEC207,    64 + 14, 207, "isa-altivec207",   "VMX of ISA 2.07")                         \
    X(ISA207S,       64 + 15, 207, "isa-207s",         "other server ISA 2.07: doorbells, rfebb, ...") \
    X(DFP,           64 + 2,  205, "isa-dfp",          "decimal floating point")                  \
    X(TM,            64 + 17, 207, "isa-tm",           "transactional memory")                    \
    X(PM206,         64 + 18, 206, "isa-pm206",        "nap, sleep, rvwinkle, doze")              \
    X(ISA300,        64 + 19, 300, "isa-300",          "ISA 3.0")                                 \
    X(ISA310,        64 + 20, 310, "isa-310",          "ISA 3.1")                                 \
    X(MEM_LWSYNC,    64 + 21, 0,   "isa-lwsync",       "lwsync ordered as weakly as the book allows") \
    X(BCDA206,       64 + 22, 206, "isa-bcda206",      "addg6s, cbcdtd, cdtbcd")

typedef enum PpcFeature {
#define X(name, bit, book, prop, what) PPC_F_##name = (bit),
    PPC_FEATURES(X)
#undef X
} PpcFeature;

typedef struct PpcFeatures {
    uint64_t flags;     /* wire: insns_flags */
    uint64_t flags2;    /* wire: insns_flags2 */
} PpcFeatures;

static inline bool ppc_has(const PpcFeatures *f, unsigned feature)
{
    return (feature < 64 ? f->flags >> feature : f->flags2 >> (feature - 64)) & 1;
}

#endif
