/*
 * See pci.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci/pci.h"

VMSTATE(PciBus, vmstate_pcibus, "PCIBUS", 1,
    VMS_SKIP(PciBus, bus, "identity and place, made anew with the machine"),
    VMS_EQUAL(PciBus, nirq, "use the same machine on both sides"),
    VMS_ARRAY(PciBus, irq_count));

OBJECT_TYPE(pci_bus_type, .name = "PCI", .parent = "bus", .size = sizeof(PciBus), .vmsd = &vmstate_pcibus);

PciBus *pci_bus_new(Device *owner, const char *name)
{
    static unsigned unnamed;
    g_autofree char *full = name ? g_strdup_printf("%s.0", name) : g_strdup_printf("pci.%u", unnamed++);
    PciBus *b = (PciBus *)bus_new("PCI", full, owner);

    b->nirq = PCI_PINS;
    return b;
}
