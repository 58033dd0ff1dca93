/*
 * Virtual I/O of a partition (LoPAPR chapter 17): devices known by a unit address, the device tree's `reg`, with one
 * interrupt each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PPC_SPAPR_VIO_H
#define HW_PPC_SPAPR_VIO_H

#include "hw/ppc/spapr.h"

#define VIO_REG_ANY UINT32_MAX      /* of the property `reg`: the next free one */

/* First member of a virtual device's struct. */
typedef struct SpaprVio {
    Device dev;
    uint32_t reg, irq;
    Irq line;
    uint64_t signal_state;          /* what H_VIO_SIGNAL set; none of these devices asks for it yet */
    struct { uint64_t qladdr; uint32_t qsize, qnext; } crq;     /* command and response queue: none yet */
} SpaprVio;

extern const VMState vmstate_spapr_vio;

/* Unit address and interrupt; every virtual device's realize() begins with it. */
bool spapr_vio_realize(SpaprVio *v, GError **err);
/* The bus of the machine, made with it. */
Bus *spapr_vio_bus_new(GError **err);
SpaprVio *spapr_vio_find(const Bus *bus, uint32_t reg);
/* The node "NAME@reg" with reg, interrupts, device_type (may be NULL) and compatible. */
int spapr_vio_node(SpaprVio *v, void *fdt, int parent, const char *device_type, const char *compatible);
void spapr_vio_fdt(const Bus *bus, void *fdt);

#endif
