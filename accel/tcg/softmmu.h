/*
 * The soft TLB: guest effective page -> host page, looked up by an inlined sequence in generated code.
 *
 * An entry's tag is the effective page address with flag bits in its low 12 bits; any flag makes the
 * inlined compare fail, so the slow path (softmmu.c) sees MMIO, pages that hold translated code or are
 * watched for dirtying, and watchpoints. The inlined hit test for an access of `size` bytes is
 *
 *     off = (ea >> (12 - 5)) & tlb[m].mask                  mask is in bytes: (entries - 1) * 32
 *     e   = (char *)tlb[m].table + off
 *     hit = ((ea + size - 1 [unaligned allowed] ) & ~0xfff) == e->tag_{read,write}
 *     host = ea + e->addend
 *
 * so a page-crossing access takes the slow path as well. Problem state has a table for each translation
 * context (process); switching contexts swaps the pointer in PowerPCCPU.tlb.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_SOFTMMU_H
#define ACCEL_TCG_SOFTMMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct PowerPCCPU PowerPCCPU;

#define TARGET_PAGE_BITS 12
#define TARGET_PAGE_SIZE (1u << TARGET_PAGE_BITS)
#define TARGET_PAGE_MASK (~(uint64_t)(TARGET_PAGE_SIZE - 1))

typedef struct TlbEntry {
    uint64_t tag_read;
    uint64_t tag_write;
    uint64_t tag_exec;
    uintptr_t addend;       /* host address = ea + addend */
} TlbEntry;

/* `table` first: both are loaded by generated code. mask counts bytes: (entries - 1) * sizeof(TlbEntry). */
typedef struct TlbFast {
    TlbEntry *table;
    uint64_t mask;
} TlbFast;

#define TLB_INVALID   0x800u   /* never matches */
#define TLB_NOTDIRTY  0x400u   /* store must tell the code cache or the dirty log first */
#define TLB_MMIO      0x200u
#define TLB_WATCH     0x100u   /* DAWR or gdb watchpoint on this page */

/* How memory is accessed: size, extension, byte order. */
typedef uint16_t MemOp;
enum {
    MO_8 = 0, MO_16, MO_32, MO_64, MO_128, MO_SIZE = 7,
    MO_SIGN = 1 << 3,     /* sign-extend to 64 bits (else zero-extend) */
    MO_BE = 1 << 4,       /* memory is big-endian (else little-endian) */
    MO_ALIGN = 1 << 5,    /* a misaligned address raises the alignment interrupt */
    MO_CI = 1 << 6,       /* cache-inhibited (lwzcix...): real address, MMIO widths kept */
    MO_ATOMIC = 1 << 7,   /* 16-byte access must be single-copy atomic */
    MO_MMU_SHIFT = 8,     /* 3 bits: MMU mode */
};
#define MO_MMU(op) ((op) >> MO_MMU_SHIFT & 7)
#define MO_BYTES(op) (1u << ((op) & MO_SIZE))

typedef enum { ACC_READ, ACC_WRITE, ACC_EXEC } AccessType;

/*
 * Slow paths: full semantics of one access; raise the architected exception on a fault (state must be
 * in memory). 128-bit accesses pass the value in host order (the high half is Power's doubleword 0
 * after the byte order was applied).
 */
uint64_t softmmu_load(PowerPCCPU *cpu, uint64_t ea, MemOp op);
void softmmu_store(PowerPCCPU *cpu, uint64_t ea, uint64_t val, MemOp op);
void softmmu_load128(PowerPCCPU *cpu, uint64_t ea, MemOp op, uint64_t *hi, uint64_t *lo);
void softmmu_store128(PowerPCCPU *cpu, uint64_t ea, MemOp op, uint64_t hi, uint64_t lo);
/* 128 bytes of zeros from a multiple of 128 on. */
void softmmu_zero128(PowerPCCPU *cpu, uint64_t ea, MemOp op);
/* Compare-and-swap of MO_8..MO_64; returns the value found. Atomic against other vCPUs. */
uint64_t softmmu_cmpxchg(PowerPCCPU *cpu, uint64_t ea, uint64_t expect, uint64_t val, MemOp op);
bool softmmu_cmpxchg128(PowerPCCPU *cpu, uint64_t ea, MemOp op, const uint64_t expect[2], const uint64_t val[2]);
/*
 * Host pointer for [ea, ea + len) within one page and the access allowed (raises if not), or NULL when
 * it is not plain RAM (MMIO): then use load/store. For ACC_WRITE translated code on it was dropped.
 */
void *softmmu_probe(PowerPCCPU *cpu, uint64_t ea, unsigned len, AccessType acc, int mmu_idx);

/*
 * The MMU (target/ppc/mmu*.c): translate one effective address. On success fills real address, page
 * protection (1 R, 2 W, 4 X; W is left out while the C bit is not set), page size, and returns true; on a fault
 * records DSISR/DAR/SRR1 bits in the cpu and sets exception/error_code, returning false: the caller decides
 * whether to raise (or, for a debugger's probe, not; `debug` then changes no guest state at all).
 */
typedef struct MmuResult {
    uint64_t raddr;
    uint64_t page_size;     /* bytes; entries are made per 4 KiB, larger pages are remembered for flushing */
    uint8_t prot;
    bool ci;                /* cache-inhibited storage */
} MmuResult;
bool ppc_mmu_translate(PowerPCCPU *cpu, uint64_t ea, AccessType acc, int mmu_idx, bool debug, MmuResult *res);

/* Flushing (all also drop the matching jump-cache lines). The `all_cpus` forms do it on every vCPU, synchronously. */
void tlb_flush_cpu(PowerPCCPU *cpu);                              /* all contexts */
void tlb_flush_watch(PowerPCCPU *cpu);                            /* what is watched has changed: real mode as well */
/* In one context, or in all if key is 0, and every mode. */
void tlb_flush_page(PowerPCCPU *cpu, uint64_t ea, uint64_t page_size, uint64_t key);
void tlb_flush_page_all_cpus(uint64_t ea, uint64_t page_size, uint64_t key);
void tlb_flush_all_cpus(void);
/* What supervisors may do with a process's pages changed (radix: AMR), for the calling vCPU. */
void tlb_flush_supervisor_user(PowerPCCPU *cpu);
/* One effective segment of this vCPU (SLB changes). */
void tlb_flush_segment(PowerPCCPU *cpu, uint64_t base, uint64_t size);
/*
 * Every vCPU's entries for one virtual page of a hash-translated guest: only its offset in the segment is known, which
 * matches entries by their low address bits.
 */
void tlb_flush_va_offset_all_cpus(uint64_t offset, uint64_t page_size);
/*
 * Selects the translation context `key` (not 0; of a radix guest its PID) for problem state; tables of the last few contexts
 * stay filled. Of the other modes, only entries for the process's quadrant go. Invalidate drops one context's entries.
 */
void tlb_select_context(PowerPCCPU *cpu, uint64_t key);
void tlb_invalidate_context(PowerPCCPU *cpu, uint64_t key);
void tlb_invalidate_context_all_cpus(uint64_t key);
/* region_flags changed: the jump cache's space that goes with them. */
void tlb_select_space(PowerPCCPU *cpu);
/* The jump cache is about to learn of code at pc; false: it must not. */
bool tlb_note_code(PowerPCCPU *cpu, uint64_t pc);
void tlb_init_cpu(PowerPCCPU *cpu);

/*
 * What the slow path of an access is in for: nothing (then softmmu_load and softmmu_store neither raise nor look at guest
 * registers), a fault that is recorded and has only to be raised, or anything else.
 */
typedef enum { SOFTMMU_READY, SOFTMMU_FAULT, SOFTMMU_SLOW } SoftmmuReady;
SoftmmuReady softmmu_ready(PowerPCCPU *cpu, uint64_t ea, MemOp op, bool write);

/* Physical page [ra, +4K) got translated code: later stores must take the slow path. */
void tlb_protect_page(uint64_t raddr);
/* The same for every page (system/dirty.h), in an exclusive section. */
void tlb_notice_stores_all_cpus(void);

/* Debug access through the current translation (monitor, gdb): no guest state changes. 0 or -1. */
int cpu_memory_rw_debug(PowerPCCPU *cpu, uint64_t ea, void *buf, size_t len, bool is_write);

#endif
