/*
 * The PCI host bridge of a partition (LoPAPR appendix B.6.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PPC_SPAPR_PCI_H
#define HW_PPC_SPAPR_PCI_H

#include "hw/ppc/spapr-iommu.h"

typedef struct PhbMsi { uint32_t key; struct { uint32_t first_irq, num; } value; } PhbMsi;

typedef struct SpaprPhb {
    Device dev;
    /* properties */
    uint32_t index, numa_node;
    uint64_t mem_win_size, mem64_win_size, io_win_size, dma_win_addr, dma_win_size, dma64_win_addr, pgsz, gpa, atsd;
    bool ddw, dynamic_reconfiguration, pre_2_8, pcie_ecs, pre_5_1_assoc, config_reg_migration, bypass_iommu, link_windows;
    /* from them */
    uint64_t buid;              /* unit id that RTAS calls name */
    uint64_t io_win_addr, mem_win_addr, mem64_win_addr, mem64_bus_addr;
    Bus *bus;
    SpaprTceTable *windows[2];  /* the default one, the one that guests open (a spare one without ddw) */
    /* state */
    struct PhbLsi { uint32_t irq; } lsi_table[4];
    int32_t msi_devs_num;
    PhbMsi *msi_devs;           /* message interrupts that guests asked for, by the function's address; as they were loaded, until reset */
    /* what machines up to 2.7 sent; from the windows, compared with nothing */
    struct { uint32_t liobn; uint64_t mem_win_addr, mem_win_size, io_win_addr, io_win_size; } mig;
} SpaprPhb;

#define SPAPR_BUID_BASE 0x800000020000000ull      /* plus the index */
SpaprPhb *spapr_phb_find(uint64_t buid);
void spapr_phb_reset_windows(SpaprPhb *p);          /* only the default one, empty */
/* May the guest open windows: because the machine version says so, or because it was told so before it came here. */
static inline bool spapr_phb_ddw(const SpaprPhb *p) { return p->ddw || p->windows[1]->promised; }

#endif
