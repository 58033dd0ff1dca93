/*
 * Memory that is plugged into a pseries machine: pc-dimm, a device with a memory backend, above the memory that is there from the start.
 *
 * It lies at a multiple of SPAPR_BLOCK from spapr_blocks_base() on; each SPAPR_BLOCK of it is a logical memory block with a connector (spapr-drc.c), by
 * which the guest takes it and gives it back. What the command line has of it is the guest's from the start.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PPC_SPAPR_DIMM_H
#define HW_PPC_SPAPR_DIMM_H

#include "hw/ppc/spapr.h"

typedef struct PcDimm {
    Device dev;
    uint64_t addr;              /* 0, before it is realized: wherever there is room */
    uint32_t node;
    int32_t slot;               /* -1, likewise: the first that is free */
    const char *memdev;         /* the backend's id */
    MemorySource memory;        /* what that has; once it is realized */
} PcDimm;

/* All that there are, by address; of PcDimm, the list's own. */
const GPtrArray *spapr_dimms(void);
/* The one that this address lies in, or NULL. */
PcDimm *spapr_dimm_at(uint64_t addr);
uint64_t spapr_dimm_bytes(int node);        /* of those of a node; -1: of all */

#endif
