/*
 * See spapr-dimm.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-dimm.h"
#include "hw/core/memory-backend.h"
#include "hw/core/user-objects.h"
#include "system/report.h"
#include <inttypes.h>
#include <string.h>

static GPtrArray *dimms;

const GPtrArray *spapr_dimms(void)
{
    if (!dimms) {
        dimms = g_ptr_array_new();
    }
    return dimms;
}

PcDimm *spapr_dimm_at(uint64_t addr)
{
    for (guint i = 0; dimms && i < dimms->len; i++) {
        PcDimm *d = g_ptr_array_index(dimms, i);
        if (addr >= d->addr && addr - d->addr < d->memory.size) {
            return d;
        }
    }
    return NULL;
}

uint64_t spapr_dimm_bytes(int node)
{
    uint64_t n = 0;

    for (guint i = 0; dimms && i < dimms->len; i++) {
        const PcDimm *d = g_ptr_array_index(dimms, i);
        n += node < 0 || d->node == (uint32_t)node ? d->memory.size : 0;
    }
    return n;
}

static gint by_address(gconstpointer a, gconstpointer b)
{
    const PcDimm *x = *(const PcDimm *const *)a, *y = *(const PcDimm *const *)b;

    return (x->addr > y->addr) - (x->addr < y->addr);
}

/* ---- where it goes ---- */

static bool slot_is_free(int32_t slot)
{
    for (guint i = 0; i < spapr_dimms()->len; i++) {
        if (((const PcDimm *)g_ptr_array_index(dimms, i))->slot == slot) {
            return false;
        }
    }
    return true;
}

static bool choose_slot(const SpaprMachine *s, PcDimm *d, GError **err)
{
    if (d->slot == -1) {
        for (d->slot = 0; d->slot < (int32_t)s->ram_slots && !slot_is_free(d->slot); d->slot++) {
        }
        return d->slot < (int32_t)s->ram_slots || report_fail(err, "no free slots available");
    }
    if (d->slot < 0 || d->slot >= (int32_t)s->ram_slots) {
        return report_fail(err, "invalid slot number %d, valid range is [0-%u]", d->slot, s->ram_slots - 1);
    }
    return slot_is_free(d->slot) || report_fail(err, "slot %d is busy", d->slot);
}

/* The lowest place that it fits in, or the one that was asked for. */
static bool choose_address(const SpaprMachine *s, PcDimm *d, uint64_t size, GError **err)
{
    const uint64_t base = spapr_blocks_base(s), room = s->maxram_size - s->ram_size, used = spapr_dimm_bytes(-1);

    if (size > room - used) {
        return report_fail(err, "not enough space, currently 0x%" PRIx64 " in use of total space for memory devices 0x%" PRIx64, used, room);
    }
    if (!d->addr) {
        d->addr = base;
        for (guint i = 0; i < dimms->len; i++) {
            const PcDimm *other = g_ptr_array_index(dimms, i);
            if (other->addr - d->addr >= size) {
                break;
            }
            d->addr = other->addr + other->memory.size;
        }
        return d->addr - base <= room - size
            || report_fail(err, "could not find position in guest address space for memory device - memory fragmented due to alignments");
    }
    if (d->addr % SPAPR_BLOCK) {
        return report_fail(err, "address must be aligned to 0x%" PRIx64 " bytes", SPAPR_BLOCK);
    }
    if (d->addr < base || d->addr - base > room - size) {
        return report_fail(err, "can't add memory device [0x%" PRIx64 ":0x%" PRIx64 "], usable range for memory devices [0x%" PRIx64 ":0x%" PRIx64 "]", d->addr, size,
                           base, room);
    }
    for (guint i = 0; i < dimms->len; i++) {
        const PcDimm *other = g_ptr_array_index(dimms, i);
        if (d->addr < other->addr + other->memory.size && other->addr < d->addr + size) {
            return report_fail(err, "address range conflicts with memory device id='%s'", other->dev.id ? other->dev.id : "(unnamed)");
        }
    }
    return true;
}

static bool check(const SpaprMachine *s, uint64_t size, GError **err)
{
    if (!s->cfg->dr_lmb) {
        return report_fail(err, "Memory hotplug not supported for this machine");
    }
    if (size % SPAPR_BLOCK) {
        return report_fail(err, "Hotplugged memory size must be a multiple of 256 MB");
    }
    return s->ram_slots || report_fail(err, "no slots where allocated, please specify the 'slots' option");
}

static bool realize(Device *dev, GError **err)
{
    PcDimm *d = (PcDimm *)dev;
    SpaprMachine *s = spapr;

    if (!s) {
        return report_fail(err, "memory hotplug is not supported by the machine: pc-dimm needs a pseries machine");
    }
    if (!d->memdev) {
        return report_fail(err, "'memdev' property must be set");
    }
    if (d->node >= MAX(s->numa.nodes, 1)) {
        return report_fail(err, "'DIMM property node has value %u' which exceeds the number of numa nodes: %u", d->node, MAX(s->numa.nodes, 1));
    }
    if (memory_backend_is_used(d->memdev)) {
        return report_fail(err, "can't use already busy memdev: %s", d->memdev);
    }
    const uint64_t size = memory_backend_size(d->memdev);
    if (!check(s, size, err) || !choose_slot(s, d, err) || !choose_address(s, d, size, err) || !memory_backend_source(d->memdev, &d->memory, err)) {
        return false;
    }
    if (!memory_plug(&d->memory, d->addr, err)) {
        memory_backend_release(d->memdev);
        return false;
    }
    g_ptr_array_add(dimms, d);
    g_ptr_array_sort(dimms, by_address);
    if (dev->hotplugged) {
        spapr_drc_plug(s, spapr_block_connector(d->addr), size / SPAPR_BLOCK);
    }
    return true;
}

static bool unplug(Device *dev, GError **err)
{
    const PcDimm *d = (const PcDimm *)dev;
    const uint32_t first = spapr_block_connector(d->addr);
    const unsigned n = d->memory.size / SPAPR_BLOCK;

    for (unsigned i = 0; i < n; i++) {
        if (spapr_drc_is_wanted(first + i)) {
            return report_fail(err, "Memory unplug already in progress for device %s", dev->id ? dev->id : "");
        }
    }
    spapr_drc_unplug(spapr, dev, first, n);
    return true;
}

static void unrealize(Device *dev)
{
    PcDimm *d = (PcDimm *)dev;

    g_ptr_array_remove(dimms, d);
    memory_unplug(d->memory.name);
    memory_backend_release(d->memdev);
}

/* ---- the type ---- */

static bool find_backend(const Property *p, const void *object, GError **err)
{
    return memory_backend_exists(((const PcDimm *)object)->memdev, err);
}

static char *print_backend(const void *object)
{
    const char *id = ((const PcDimm *)object)->memdev;

    return id ? g_strconcat(strchr(id, '/') ? "" : "/objects/", id, NULL) : g_strdup("");
}

static char *print_size(const void *object)
{
    return g_strdup_printf("%" PRIu64, ((const PcDimm *)object)->memory.size);
}

OBJECT_TYPE(pc_dimm_type, .name = "pc-dimm", .parent = "device", .desc = "DIMM memory module", .size = sizeof(PcDimm), .category = CATEGORY_MISC, .pluggable = true,
            .hotpluggable = true, .realize = realize, .unplug = unplug, .unrealize = unrealize,
            .props = PROPS(
                PROP(PcDimm, "addr", addr, "0"),
                PROP(PcDimm, "node", node, "0"),
                PROP(PcDimm, "slot", slot, "-1"),
                PROP(PcDimm, "memdev", memdev, NULL, .type_name = "link<memory-backend>", .check = find_backend, .print = print_backend),
                { .name = "size", .kind = PROP_READ_ONLY, .type_name = "uint64", .print = print_size }));
