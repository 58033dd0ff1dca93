/*
 * Private to the built-in firmware: its state (vof.c), which the services (vof-services.c) work on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PPC_VOF_INT_H
#define HW_PPC_VOF_INT_H

#include "hw/ppc/spapr.h"

#define VOF_FAIL     UINT32_MAX         /* what a service returns as -1 */
#define VOF_MAX_STRING 1024

typedef struct Claim { uint64_t start, size; } Claim;
typedef struct Instance { uint32_t phandle; char *path; } Instance;

struct Vof {
    void *fdt;
    unsigned fdt_size;
    GArray *claims;                     /* Claim, by address */
    GPtrArray *instances;               /* ihandle - 1 -> Instance or NULL */
    uint32_t next_phandle;
    uint64_t limit;                     /* end of what may be claimed */
    bool quiesced;
};

/* ---- claims ---- */
bool vof_claim_at(struct Vof *v, uint64_t start, uint64_t size);
/* The lowest free place with that alignment, above the client's first megabytes where it can be; 0: there is none. */
uint64_t vof_claim_any(struct Vof *v, uint64_t size, uint64_t align);
bool vof_release(struct Vof *v, uint64_t start, uint64_t size);
void vof_publish_available(struct Vof *v);      /* /memory@0's "available": the gaps between claims */

/* ---- the tree; nodes are libfdt's offsets, negative: there is none ---- */
int vof_node(struct Vof *v, uint32_t phandle);
uint32_t vof_phandle(struct Vof *v, int node);
int vof_find_path(struct Vof *v, const char *name);         /* a path or an alias; arguments after ':' are not part of it */
Instance *vof_instance(struct Vof *v, uint32_t ihandle);    /* NULL: it is not open */
uint32_t vof_open(struct Vof *v, const char *path);         /* its ihandle, 0: no */
void vof_free_instance(void *instance);
/* The tree again after the negotiation: processors, vectors, memory, interrupts and what NUMA is told of may differ. */
void vof_merge_negotiated(struct Vof *v, SpaprMachine *s);

#endif
