/*
 * See spapr-pci.h. Windows in real memory, interrupt lines and bus numbers follow from the bridge's index; until machine
 * version 2.7 all windows of a bridge lay in 64 GB of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-pci.h"
#include "hw/pci/pci.h"
#include "hw/ppc/fdt-build.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

#define LIOBN(phb, window) (0x80000000u | (phb)->index << 8 | (window))
#define INDEX_NONE      UINT32_MAX
#define NODE_NONE       UINT32_MAX
#define INDEX_MAX       30
#define INDEX_MAX_OLD   255
#define IO_SIZE         0x10000             /* that the tree tells of, whatever the window has */
#define MEM32_BUS       0x80000000ull       /* where 32-bit memory begins on the bus, and how much there can be */

SpaprPhb *spapr_phb_find(uint64_t buid)
{
    Bus *b = bus_find(NULL, "System");

    for (guint i = 0; i < b->devices->len; i++) {
        Device *d = g_ptr_array_index(b->devices, i);
        if (object_type_is(d->object.type, "spapr-pci-host-bridge") && ((SpaprPhb *)d)->buid == buid) {
            return (SpaprPhb *)d;
        }
    }
    return NULL;
}

/* ---- where things are ---- */

static void place(SpaprPhb *p)
{
    uint64_t base = 0x10000000000ull + (p->index * 0x1000000000ull);

    if (!spapr->cfg->legacy_phb_placement) {
        p->io_win_addr = 0x200000000000ull + p->index * 0x10000ull;
        p->mem_win_addr = 0x200000000000ull + MEM32_BUS * (1 + p->index);
        p->mem64_win_addr = p->mem64_bus_addr = 0x210000000000ull + p->index * 0x10000000000ull;
    } else {            /* one window, cut where 32-bit addresses end */
        p->io_win_addr = base + 0x80000000;
        p->mem_win_addr = base + 0xa0000000;
        if (p->mem_win_size > MEM32_BUS) {
            p->mem64_win_size = p->mem_win_size - MEM32_BUS;
            p->mem_win_size = MEM32_BUS;
            p->mem64_win_addr = p->mem_win_addr + MEM32_BUS;
            p->mem64_bus_addr = MEM32_BUS * 2;
        }
    }
    if (p->link_windows) {
        p->gpa = 0x400000000000ull + p->index * 0x20000000000ull;
        p->atsd = 0x800000000000ull + p->index * 0x120000ull;
    }
}

static bool check_numbers(SpaprPhb *p, GError **err)
{
    unsigned max = spapr->cfg->legacy_phb_placement ? INDEX_MAX_OLD : INDEX_MAX;

    if (p->index == INDEX_NONE) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "\"index\" for PAPR PHB is mandatory");
    } else if (p->index > max) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "\"index\" for PAPR PHB is too large (max %u)", max);
    } else if (spapr_phb_find(SPAPR_BUID_BASE + p->index)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_EXISTS, "PHB %u already attached", p->index);
    } else if (p->numa_node != NODE_NONE && (p->numa_node >= SPAPR_NUMA_MAX || (p->numa_node && !spapr->numa.present[p->numa_node]))) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Invalid NUMA node ID for PCI host bridge");
    } else {
        return true;
    }
    return false;
}

static bool realize(Device *d, GError **err)
{
    SpaprPhb *p = (SpaprPhb *)d;

    if (!spapr) {
        return report_fail(err, "spapr-pci-host-bridge needs a pseries machine");
    }
    if (!check_numbers(p, err)) {
        return false;
    }
    p->buid = SPAPR_BUID_BASE + p->index;
    place(p);
    p->bus = &pci_bus_new(d, d->id)->bus;
    for (unsigned i = 0; i < G_N_ELEMENTS(p->lsi_table); i++) {
        p->lsi_table[i].irq = spapr_irq_claim_device(spapr, SPAPR_IRQ_PCI_LSI + p->index * 4 + i, true, err);
        if (!p->lsi_table[i].irq) {
            return false;
        }
    }
    if (p->dynamic_reconfiguration) {
        spapr_drc_add_slots(spapr, p->index);
    }
    p->windows[0] = spapr_tce_new(d, LIOBN(p, 0), err);
    p->windows[1] = !p->windows[0] ? NULL : p->ddw ? spapr_tce_new(d, LIOBN(p, 1), err) : spapr_tce_spare(LIOBN(p, 1));
    return p->windows[1];
}

void spapr_phb_reset_windows(SpaprPhb *p)
{
    spapr_tce_close(p->windows[0]);
    spapr_tce_close(p->windows[1]);
    spapr_tce_open(p->windows[0], p->dma_win_addr, 12, p->dma_win_size >> 12);
}

static void reset(Device *d)
{
    SpaprPhb *p = (SpaprPhb *)d;

    spapr_phb_reset_windows(p);
    p->windows[1]->promised = false;
    for (int i = 0; i < p->msi_devs_num; i++) {
        spapr_irq_release(spapr, p->msi_devs[i].value.first_irq, p->msi_devs[i].value.num);
    }
    g_clear_pointer(&p->msi_devs, g_free);
    p->msi_devs_num = 0;
}

/* ---- saved state ---- */

VMSTATE(struct PhbLsi, vmstate_spapr_pci_lsi, "spapr_pci/lsi", 1,
    VMS_EQUAL(struct PhbLsi, irq, "use the same machine version, and the same devices in the same order"));

VMSTATE(PhbMsi, vmstate_spapr_pci_msi, "spapr_pci/msi", 1,
    VMS(PhbMsi, key),
    VMS(PhbMsi, value.first_irq),
    VMS(PhbMsi, value.num));

static bool is_old(const void *opaque)
{
    return ((const SpaprPhb *)opaque)->pre_2_8;
}

/* Machines of that age had one memory window, which a compatible stream shows whole. */
static bool pre_save(void *opaque, GError **err)
{
    SpaprPhb *p = opaque;

    p->mig.liobn = LIOBN(p, 0);
    p->mig.mem_win_addr = p->mem_win_addr;
    p->mig.mem_win_size = p->mem_win_size;
    if (p->mem_win_size == MEM32_BUS && p->mem64_win_addr == p->mem_win_addr + p->mem_win_size) {
        p->mig.mem_win_size += p->mem64_win_size;
    }
    p->mig.io_win_addr = p->io_win_addr;
    p->mig.io_win_size = p->io_win_size;
    return true;
}

static bool check_messages(void *opaque, int version, GError **err)
{
    const SpaprPhb *p = opaque;

    for (int i = 0; i < p->msi_devs_num; i++) {
        const PhbMsi *m = &p->msi_devs[i];
        if (m->value.first_irq < SPAPR_IRQ_BASE || m->value.num > spapr->cfg->nr_xirqs
            || m->value.first_irq - SPAPR_IRQ_BASE > spapr->cfg->nr_xirqs - m->value.num) {
            g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "msi_devs[%d]: the function 0x%x has %u interrupts from 0x%x on, and there are "
                        "%u from 0x%x on: use the same machine version on both sides", i, m->key, m->value.num, m->value.first_irq,
                        spapr->cfg->nr_xirqs, SPAPR_IRQ_BASE);
            return false;
        }
    }
    return true;
}

VMSTATE(SpaprPhb, vmstate_spapr_pci, "spapr_pci", 2,
    VMS_DEVICE(SpaprPhb, dev),
    VMS_SKIP_TO(SpaprPhb, index, buid, "properties"),
    VMS_EQUAL(SpaprPhb, buid, "give the bridges the same index= on both sides"),
    VMS(SpaprPhb, mig.liobn, .name = "mig_liobn", .exists = is_old),
    VMS(SpaprPhb, mig.mem_win_addr, .name = "mig_mem_win_addr", .exists = is_old),
    VMS(SpaprPhb, mig.mem_win_size, .name = "mig_mem_win_size", .exists = is_old),
    VMS(SpaprPhb, mig.io_win_addr, .name = "mig_io_win_addr", .exists = is_old),
    VMS(SpaprPhb, mig.io_win_size, .name = "mig_io_win_size", .exists = is_old),
    VMS_SKIP_TO(SpaprPhb, io_win_addr, lsi_table, "follow from the properties; the tables have sections of their own"),
    VMS_STRUCT_ARRAY(SpaprPhb, lsi_table, vmstate_spapr_pci_lsi),
    VMS(SpaprPhb, msi_devs_num),
    VMS_STRUCT_VARRAY(SpaprPhb, msi_devs, msi_devs_num, 65536, vmstate_spapr_pci_msi, .allocate = true),
    VMS_PRE_SAVE(pre_save),
    VMS_POST_LOAD(check_messages));

/* ---- the device tree ---- */

static void interrupt_map(SpaprPhb *p, void *fdt, int n)
{
    uint32_t map[128 * 7];
    unsigned at = 0;

    for (unsigned dev = 0; dev < 32; dev++) {
        for (unsigned pin = 1; pin <= 4; pin++) {
            const uint32_t row[] = { dev << 11, 0, 0, pin, XICS_PHANDLE, p->lsi_table[(dev + pin - 1) % 4].irq, 1 };
            memcpy(&map[at], row, sizeof(row));
            at += 7;
        }
    }
    FDT_CELLS(fdt, n, "interrupt-map-mask", 0xf800, 0, 0, UINT32_MAX);
    fdt_cells(fdt, n, "interrupt-map", map, at);
}

#define HALVES(v) (uint32_t)((uint64_t)(v) >> 32), (uint32_t)(v)

static void fdt(Device *d, void *fdt, int parent)
{
    SpaprPhb *p = (SpaprPhb *)d;
    SpaprMachine *s = spapr;
    g_autofree char *name = g_strdup_printf("pci@%" PRIx64, p->buid);
    int n = fdt_node(fdt, parent, name);

    fdt_str(fdt, n, "device_type", "pci");
    fdt_str(fdt, n, "compatible", "IBM,Logical_PHB");
    fdt_cell(fdt, n, "#interrupt-cells", 1);
    fdt_empty(fdt, n, "used-by-rtas");
    FDT_CELLS(fdt, n, "bus-range", 0, 0xff);
    const uint32_t ranges[] = {
        0x1000000, 0, 0, HALVES(p->io_win_addr), 0, IO_SIZE,
        0x2000000, HALVES(MEM32_BUS), HALVES(p->mem_win_addr), HALVES(p->mem_win_size),
        0x3000000, HALVES(p->mem64_bus_addr), HALVES(p->mem64_win_addr), HALVES(p->mem64_win_size),
    };
    fdt_cells(fdt, n, "ranges", ranges, p->mem64_win_size ? 21 : 14);
    if (p->numa_node != NODE_NONE) {
        uint32_t list[16];
        spapr_fdt_associativity(fdt, n, list, spapr_numa_list(s, p->numa_node, list));
    }
    FDT_CELLS(fdt, n, "reg", HALVES(p->buid), 0, 0);
    fdt_cell(fdt, n, "ibm,pci-config-space-type", 1);
    fdt_cell(fdt, n, "ibm,pe-total-#msi", s->cfg->legacy_irqs ? s->cfg->nr_xirqs : SPAPR_MESSAGES);
    if (p->ddw) {
        FDT_CELLS(fdt, n, "ibm,ddw-applicable", 0x2026, 0x2027, 0x2028);
        FDT_CELLS(fdt, n, "ibm,ddw-extensions", 2, 0x2029, 1);
    }
    if (s->cfg->dr_phb) {
        fdt_cell(fdt, n, "ibm,my-drc-index", DRC_PHB | p->index);
    }
    uint32_t slots[256];
    unsigned nslots = p->dynamic_reconfiguration ? 256 : 0;
    for (unsigned i = 0; i < nslots; i++) {
        slots[i] = DRC_PCI | p->index << 16 | i;
    }
    spapr_fdt_connectors(fdt, n, slots, nslots);
    interrupt_map(p, fdt, n);
    fdt_cell(fdt, n, "ibm,#dma-address-cells", 2);
    fdt_cell(fdt, n, "ibm,#dma-size-cells", 2);
    FDT_CELLS(fdt, n, "ibm,dma-window", LIOBN(p, 0), HALVES(p->dma_win_addr), HALVES(p->dma_win_size));
    fdt_cell(fdt, n, "qemu,phb-enumerated", 1);
    fdt_cell(fdt, n, "#address-cells", 3);
    fdt_cell(fdt, n, "#size-cells", 2);
}

OBJECT_TYPE(host_bridge_type, .name = "pci-host-bridge", .parent = "sys-bus-device", .abstract = true, .bus = "System",
            .props = PROPS(
                PROP(SpaprPhb, "x-config-reg-migration-enabled", config_reg_migration, "on"),
                PROP(SpaprPhb, "bypass-iommu", bypass_iommu, "off")));

OBJECT_TYPE(phb_type, .name = "spapr-pci-host-bridge", .parent = "pci-host-bridge", .size = sizeof(SpaprPhb), .bus = "System",
            .category = CATEGORY_BRIDGE, .pluggable = true, .vmsd = &vmstate_spapr_pci, .realize = realize, .reset = reset, .fdt = fdt,
            .props = PROPS(
                PROP(SpaprPhb, "index", index, "4294967295"),
                PROP(SpaprPhb, "mem_win_size", mem_win_size, "0x80000000"),
                PROP(SpaprPhb, "mem64_win_size", mem64_win_size, "0x10000000000"),
                PROP(SpaprPhb, "io_win_size", io_win_size, "0x10000"),
                PROP(SpaprPhb, "dynamic-reconfiguration", dynamic_reconfiguration, "on"),
                PROP(SpaprPhb, "dma_win_addr", dma_win_addr, "0"),
                PROP(SpaprPhb, "dma_win_size", dma_win_size, "0x40000000"),
                PROP(SpaprPhb, "dma64_win_addr", dma64_win_addr, "0x800000000000000"),
                PROP(SpaprPhb, "ddw", ddw, "on"),
                PROP(SpaprPhb, "pgsz", pgsz, "0x1211000"),
                PROP(SpaprPhb, "numa_node", numa_node, "4294967295"),
                PROP(SpaprPhb, "pre-2.8-migration", pre_2_8, "off"),
                PROP(SpaprPhb, "pcie-extended-configuration-space", pcie_ecs, "on"),
                PROP(SpaprPhb, "gpa", gpa, "0"),
                PROP(SpaprPhb, "atsd", atsd, "0"),
                PROP(SpaprPhb, "pre-5.1-associativity", pre_5_1_assoc, "off"),
                PROP(SpaprPhb, "link-windows", link_windows, "on", .internal = true)));
