/*
 * See spapr-vio.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-vio.h"
#include "hw/ppc/fdt-build.h"
#include <string.h>

#define FIRST_REG 0x71000000u       /* of the unit addresses that are given out */

typedef struct VioBus { Bus bus; uint32_t next_reg; } VioBus;

/* ---- numbers ---- */

/* vty@71000000, as the device tree has it and the names of saved sections do. */
static const char *node_name(const SpaprVio *v)
{
    return strchr(v->dev.object.type->name, '-') + 1;      /* spapr-vty */
}

SpaprVio *spapr_vio_find(const Bus *bus, uint32_t reg)
{
    for (guint i = 0; i < bus->devices->len; i++) {
        SpaprVio *v = g_ptr_array_index(bus->devices, i);
        if (v->reg == reg) {
            return v;
        }
    }
    return NULL;
}

/*
 * Which interrupt of those for virtual devices an address gets. Addresses that were given out count up; those that
 * management programs choose are 30000000 + 1000 n for consoles and 1000 n for the rest.
 */
static unsigned irq_index(uint32_t reg)
{
    return reg >= FIRST_REG ? reg & 0xff : reg >= 0x30000000 ? 0xf0 | (reg >> 12 & 0xff) : reg >> 12 & 0xff;
}

bool spapr_vio_realize(SpaprVio *v, GError **err)
{
    VioBus *b = (VioBus *)v->dev.bus;
    const SpaprVio *other;

    if (v->reg == VIO_REG_ANY) {
        do {
            v->reg = b->next_reg++;
        } while (spapr_vio_find(&b->bus, v->reg));
    } else if ((other = spapr_vio_find(&b->bus, v->reg))) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s and %s devices conflict at address 0x%x", other->dev.object.type->name,
                    v->dev.object.type->name, v->reg);
        return false;
    }
    v->irq = spapr_irq_claim_device(spapr, SPAPR_IRQ_VIO + irq_index(v->reg), false, err);
    if (!v->irq) {
        return false;
    }
    v->line = spapr_irq_line(spapr, v->irq);
    return true;
}

static void vio_reset(Device *d)
{
    SpaprVio *v = (SpaprVio *)d;

    v->signal_state = 0;
    memset(&v->crq, 0, sizeof(v->crq));
}

VMSTATE_PUBLIC(SpaprVio, vmstate_spapr_vio, "spapr_vio", 1,
    VMS_DEVICE(SpaprVio, dev),
    VMS_EQUAL(SpaprVio, reg, "give the device the same reg= on both sides"),
    VMS_EQUAL(SpaprVio, irq, "use the same machine version, and the same devices in the same order"),
    VMS_SKIP(SpaprVio, line, "wiring"),
    VMS(SpaprVio, signal_state),
    VMS(SpaprVio, crq.qladdr),
    VMS(SpaprVio, crq.qsize),
    VMS(SpaprVio, crq.qnext));

/* ---- the bus and its place in the device tree ---- */

static char *device_path(Device *d)
{
    SpaprVio *v = (SpaprVio *)d;

    return g_strdup_printf("%s@%08x", node_name(v), v->reg);
}

OBJECT_TYPE(vio_bus_type, .name = "spapr-vio-bus", .parent = "bus", .size = sizeof(VioBus), .device_path = device_path);
OBJECT_TYPE(vio_bridge_type, .name = "spapr-vio-bridge", .parent = "sys-bus-device", .size = sizeof(Device));
OBJECT_TYPE(vio_device_type, .name = "vio-spapr-device", .parent = "device", .abstract = true, .bus = "spapr-vio-bus",
            .reset = vio_reset);

Bus *spapr_vio_bus_new(GError **err)
{
    Device *bridge = device_new("spapr-vio-bridge", err);

    if (!bridge || !device_realize(bridge, bus_find(NULL, "System"), err)) {
        return NULL;
    }
    VioBus *b = (VioBus *)bus_new("spapr-vio-bus", "spapr-vio", bridge);
    b->next_reg = FIRST_REG;
    return &b->bus;
}

int spapr_vio_node(SpaprVio *v, void *fdt, int parent, const char *device_type, const char *compatible)
{
    g_autofree char *name = g_strdup_printf("%s@%x", node_name(v), v->reg);
    int n = fdt_node(fdt, parent, name);

    fdt_cell(fdt, n, "reg", v->reg);
    if (device_type) {
        fdt_str(fdt, n, "device_type", device_type);
    }
    fdt_str(fdt, n, "compatible", compatible);
    FDT_CELLS(fdt, n, "interrupts", v->irq, 0);
    return n;
}

static int higher_reg_first(const void *a, const void *b)
{
    uint32_t ra = (*(SpaprVio *const *)a)->reg, rb = (*(SpaprVio *const *)b)->reg;

    return ra < rb ? 1 : ra > rb ? -1 : 0;
}

/* A node goes in front of its siblings, so the lowest address, which comes last, is the first. */
void spapr_vio_fdt(const Bus *bus, void *fdt)
{
    g_autoptr(GPtrArray) devices = g_ptr_array_copy(bus->devices, NULL, NULL);
    int n = fdt_node(fdt, 0, "vdevice");

    fdt_str(fdt, n, "device_type", "vdevice");
    fdt_str(fdt, n, "compatible", "IBM,vdevice");
    fdt_cell(fdt, n, "#address-cells", 1);
    fdt_cell(fdt, n, "#size-cells", 0);
    fdt_cell(fdt, n, "#interrupt-cells", 2);
    fdt_empty(fdt, n, "interrupt-controller");
    g_ptr_array_sort(devices, higher_reg_first);
    for (guint i = 0; i < devices->len; i++) {
        Device *d = g_ptr_array_index(devices, i);
        d->object.type->fdt(d, fdt, n);
    }
}
