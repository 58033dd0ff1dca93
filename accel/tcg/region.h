/*
 * Translated regions: the cache that finds them, the links between them, and their undoing.
 *
 * A region is keyed by (real address of its first instruction, effective pc, RF_* flags). It never
 * spans more than two 4 KiB pages. Direct exits are patched to their target (chained) only within the same
 * effective page, since another page may be remapped; other exits look up the vCPU's jump cache, whose lines TLB
 * flushes take out of use.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_REGION_H
#define ACCEL_TCG_REGION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "accel/tcg/ir.h"

typedef struct PowerPCCPU PowerPCCPU;
typedef struct Region Region;

typedef struct RegionExit {
    Region *from;
    Region *to;             /* NULL: not chained */
    uint64_t target;
    uint8_t kind;           /* IrExitKind */
    uintptr_t patch_site;   /* host back end: where the jump's displacement is (writable view) */
    uintptr_t unpatched;    /* and where it goes when not chained */
} RegionExit;

struct Region {
    uint64_t pc;
    uint32_t flags;
    uint32_t insns;
    uint64_t raddr[2];      /* real pages it was read from; [1] = -1: one page */
    uint32_t guest_len;
    uint32_t nexits;
    bool invalid;
    uint8_t traced;         /* TRACED_* of its instruction, if it was made for tracing (target/ppc/isa.h) */
    const void *code;       /* host entry; NULL: interpreted */
    IrRegion *ir;           /* kept for the interpreter, else NULL */
    RegionExit *exits;
    Region *hash_next;
    Region *page_next[2];   /* regions on the same real page */
    GPtrArray *incoming;    /* RegionExit * chained to this region */
    uint32_t code_size;
};

/* One line of a vCPU's jump cache. Generated code compares pc and flags, then jumps to `code`. */
#define JUMP_CACHE_BITS 13
typedef struct JumpCacheEntry {
    uint64_t pc;
    uint64_t flags;         /* RF_* and above them the space (PowerPCCPU.space); all ones: empty */
    const void *code;
    Region *region;
} JumpCacheEntry;
static inline unsigned jump_cache_index(uint64_t pc)
{
    return (pc >> 2 ^ pc >> (2 + JUMP_CACHE_BITS)) & ((1u << JUMP_CACHE_BITS) - 1);
}

/* Guest stores, DMA and loaders report writes to real memory here: drops translations of it. Any thread. */
void tb_invalidate_phys(uint64_t raddr, uint64_t len);
/* Drops translations of the instruction at this effective address, wherever it was read from. */
void tb_invalidate_pc(uint64_t pc);
/* Is there translated code on this real page? (softmmu sets TLB_NOTDIRTY if so) */
bool tb_page_has_code(uint64_t raddr);
/* Forget everything (-d changes, code buffer full). Callers outside a vCPU hold the exclusive section. */
void tb_flush(void);
void tb_jump_cache_clear(JumpCacheEntry *jc);
void tb_jump_cache_clear_match(JumpCacheEntry *jc, uint64_t base, uint64_t mask);    /* pc & mask == base */

/* ---- what a host back end provides (accel/tcg/x86_64); absent in an interpreter-only build ---- */
bool jit_init(size_t buffer_size, GError **err);
/* Compile into the code buffer. false: buffer full (caller flushes and retries). */
bool jit_compile(const IrRegion *ir, Region *r);
/*
 * Run from `r` on until generated code comes back. Returns the exit that led here when it could be chained
 * (EXIT_DIRECT not yet patched), else NULL. cpu->nip is where to go on; all slots are in memory. An exit that
 * raises leaves with cpu->exception set: the caller delivers it.
 */
RegionExit *jit_enter(PowerPCCPU *cpu, Region *r);
void jit_chain(RegionExit *e, Region *to);
void jit_unchain(RegionExit *e);
void jit_reset_buffer(void);                /* everything in it is forgotten */
size_t jit_buffer_used(void), jit_buffer_size(void);
/* Is this host address in generated code? For host faults and perf maps. */
bool jit_owns(uintptr_t host_pc);

/* ---- interpreter ---- */
RegionExit *interp_run(PowerPCCPU *cpu, Region *r);

#endif
