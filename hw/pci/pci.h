/*
 * A PCI bus: as yet without devices, with the interrupt state that is saved for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_PCI_H
#define HW_PCI_PCI_H

#include "hw/core/device.h"

#define PCI_PINS 4

typedef struct PciBus {
    Bus bus;
    int32_t nirq;                   /* lines of the bridge */
    int32_t irq_count[PCI_PINS];    /* how many devices raise each */
} PciBus;

/* "NAME.0", a bus of `owner`; without a name "pci.N". */
PciBus *pci_bus_new(Device *owner, const char *name);

#endif
