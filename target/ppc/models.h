/*
 * Processor models: what distinguishes one 64-bit server processor from another.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_PPC_MODELS_H
#define TARGET_PPC_MODELS_H

#include "target/ppc/cpu.h"

typedef enum MmuKind { MMU_970, MMU_P5P, MMU_206, MMU_207, MMU_300 } MmuKind;

/* A segment's base page size and the actual page sizes it may hold: shifts, SLB encoding (L LP), PTE LP encodings. */
typedef struct PpcPageEnc { uint8_t shift; uint16_t pte_enc; } PpcPageEnc;
typedef struct PpcSegSize { uint8_t shift; uint16_t slb_enc; PpcPageEnc enc[4]; } PpcSegSize;

typedef struct PpcFamily {
    const char *name;               /* POWER8 */
    const char *type_family;        /* of the object type, where that is another: POWER7+ is POWER7 */
    const char *fw_name;            /* device tree: PowerPC,POWER8 */
    PpcFeatures features;
    uint64_t msr_mask;
    uint64_t lpcr_mask;
    MmuKind mmu;
    uint8_t slb_nr;
    bool ci_large_pages, seg_1t, has_16m, has_64k, has_cfar, has_purr, large_decr;
    uint16_t dcache_line;
    uint32_t dcache_size, icache_size;
    uint16_t isa_level;             /* 201, 203, 206, 207, 300, 310: for SPR rows and compat */
    uint32_t logical_pvr;           /* of its own level */
    uint8_t max_threads;
} PpcFamily;

struct PpcModel {
    const char *name;
    uint32_t pvr;
    const PpcFamily *family;
    const char *aliases;            /* space separated */
    const char *once;               /* aliases that other releases of QEMU gave to it; NULL: none */
    uint32_t other_pvr;             /* what other releases of QEMU gave to the name; 0: nothing else */
};

extern const PpcModel ppc_models[];
extern const unsigned ppc_model_count;
const PpcModel *ppc_model_of_pvr(uint32_t pvr);         /* NULL: none that this program knows */
/* Has any release of QEMU had processors of this PVR when asked for `name`, a model's or an alias? */
bool ppc_name_means(const char *name, uint32_t pvr);
extern const PpcSegSize ppc_segments_64k[];     /* 4K, 64K, 16M with their combinations */
extern const PpcSegSize ppc_segments_970[];
const PpcSegSize *ppc_segment_sizes(const PowerPCCPU *cpu);     /* ends with shift 0 */

#endif
