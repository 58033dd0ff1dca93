/*
 * Translation control entries (LoPAPR 14.5.4.2): what turns a device's bus addresses into real ones. A table is a
 * window of the logical bus that its number (liobn) names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PPC_SPAPR_IOMMU_H
#define HW_PPC_SPAPR_IOMMU_H

#include "hw/ppc/spapr.h"

#define TCE_ENTRIES_MAX (1u << 26)

typedef struct SpaprTceTable {
    Device dev;
    uint32_t liobn;
    uint32_t nb_table;          /* entries; 0: the window is closed */
    uint64_t *table;
    uint64_t bus_offset;        /* where the window begins */
    uint32_t page_shift;        /* of one entry */
    bool bypass;
    bool def_win;               /* the one that the bridge opens by itself */
    bool spare;                 /* one that this machine would not have: see spapr_tce_spare() */
    bool promised;              /* ... and a stream had */
} SpaprTceTable;

/* A closed window: child "tce-table-LIOBN" of `owner`. */
SpaprTceTable *spapr_tce_new(Device *owner, uint32_t liobn, GError **err);
/*
 * One that is there only in case a stream has it: Ubuntu's QEMU 2.11 gives second windows to machines that have none elsewhere, and a guest
 * may have things mapped there. No device: nobody sees it, and while it is closed it is not sent.
 */
SpaprTceTable *spapr_tce_spare(uint32_t liobn);
/* False: there is no memory for so many entries. */
bool spapr_tce_open(SpaprTceTable *t, uint64_t bus_offset, unsigned page_shift, uint64_t entries);
void spapr_tce_close(SpaprTceTable *t);

#endif
