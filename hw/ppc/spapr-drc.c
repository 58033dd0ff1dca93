/*
 * Dynamic reconfiguration connectors (LoPAPR 13.5): the places at which processors, memory, host bridges and PCI
 * functions can come and go, and the RTAS calls with which the guest moves them between states. What is there when the
 * machine starts is configured; nothing can be plugged yet, so every other connector stays empty.
 *
 * A logical connector (processor, memory block, bridge) is unusable, available, unisolated or configured; a physical one
 * (PCI slot) has no allocation: without a card it is isolated.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-pci.h"
#include "system/log.h"
#include "system/memory.h"
#include <string.h>

typedef enum DrcState { DRC_UNUSABLE, DRC_AVAILABLE, DRC_UNISOLATED, DRC_CONFIGURED } DrcState;
typedef struct Drc { bool physical, attached; DrcState state; uint32_t led; } Drc;

enum { ISOLATION_STATE = 9001, DR_INDICATOR = 9002, ALLOCATION_STATE = 9003, DR_ENTITY_SENSE = 9003 };
enum { SENSE_EMPTY = 0, SENSE_PRESENT = 1, SENSE_UNUSABLE = 2 };
enum { CC_WRONG_STATE = -9003 };

static GHashTable *connectors;      /* index -> Drc */

static void add(uint32_t index, bool physical, bool attached)
{
    Drc *d = g_new0(Drc, 1);

    *d = (Drc){ physical, attached, attached ? DRC_CONFIGURED : DRC_UNUSABLE, attached };
    g_hash_table_replace(connectors, GUINT_TO_POINTER(index), d);
}

static bool core_present(unsigned id)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        if (cpu->core_id == (int)id) {
            return true;
        }
    }
    return false;
}

void spapr_drc_reset(SpaprMachine *s)
{
    if (!connectors) {
        connectors = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    }
    g_hash_table_remove_all(connectors);
    for (unsigned i = 0; s->cfg->hotpluggable_cpus && i < s->max_cpus / s->threads; i++) {
        add(DRC_CPU | i * s->vsmt, false, core_present(i * s->vsmt));
    }
    for (unsigned i = 0; i < 31; i++) {
        SpaprPhb *p = spapr_phb_find(SPAPR_BUID_BASE + i);
        if (s->cfg->dr_phb) {
            add(DRC_PHB | i, false, p != NULL);
        }
        for (unsigned k = 0; p && p->dynamic_reconfiguration && k < 256; k++) {
            add(DRC_PCI | i << 16 | k, true, false);
        }
    }
    const uint64_t block = 256 << 20, base = (s->ram_size + (1ull << 30) - 1) & ~((1ull << 30) - 1);
    unsigned blocks = s->cfg->dr_lmb ? MIN((s->maxram_size - s->ram_size) / block, 1 << 16) : 0;
    for (unsigned i = 0; i < blocks; i++) {
        add(DRC_LMB | (uint32_t)(base / block + i), false, false);
    }
}

static Drc *find(uint32_t index)
{
    return connectors ? g_hash_table_lookup(connectors, GUINT_TO_POINTER(index)) : NULL;
}

static int set_isolation(Drc *d, uint32_t unisolate)
{
    if (unisolate > 1) {
        return RTAS_PARAM_ERROR;
    }
    if (!unisolate) {
        if (d->state == DRC_UNISOLATED) {       /* configuring has begun: to be finished first */
            return RTAS_NO_SUCH_INDICATOR;
        }
        d->state = d->state == DRC_CONFIGURED ? DRC_AVAILABLE : d->state;
        return RTAS_SUCCESS;
    }
    if (!d->attached || (!d->physical && d->state == DRC_UNUSABLE)) {
        return RTAS_NO_SUCH_INDICATOR;
    }
    if (d->state == DRC_AVAILABLE) {
        d->state = DRC_UNISOLATED;
    }
    return RTAS_SUCCESS;
}

static int set_allocation(Drc *d, uint32_t usable)
{
    if (d->physical || usable > 1) {
        return RTAS_NO_SUCH_INDICATOR;
    }
    if (!usable) {
        if (d->state > DRC_AVAILABLE) {
            return RTAS_NO_SUCH_INDICATOR;
        }
        d->state = DRC_UNUSABLE;
        return RTAS_SUCCESS;
    }
    if (!d->attached) {
        return RTAS_NO_SUCH_INDICATOR;
    }
    if (d->state == DRC_UNUSABLE) {
        d->state = DRC_AVAILABLE;
    }
    return RTAS_SUCCESS;
}

RTAS(set_indicator, 0x201a, "set-indicator", 3, 1)
{
    uint32_t type = rtas_arg(c, 0), index = rtas_arg(c, 1), value = rtas_arg(c, 2);
    Drc *d = find(index);
    int rc = RTAS_NOT_SUPPORTED;

    if (c->nargs != 3 || c->nret != 1) {
        rc = RTAS_PARAM_ERROR;
    } else if (!d) {
        rc = RTAS_NO_SUCH_INDICATOR;
    } else if (type == ISOLATION_STATE) {
        rc = set_isolation(d, value);
    } else if (type == ALLOCATION_STATE) {
        rc = set_allocation(d, value);
    } else if (type == DR_INDICATOR) {
        rc = value > 3 || !d->physical ? RTAS_NO_SUCH_INDICATOR : RTAS_SUCCESS;
        d->led = rc ? d->led : value;
    }
    rtas_ret(c, 0, rc);
}

RTAS(get_sensor_state, 0x201d, "get-sensor-state", 2, 2)
{
    Drc *d = find(rtas_arg(c, 1));

    if (c->nargs != 2 || c->nret != 2 || rtas_arg(c, 0) != DR_ENTITY_SENSE || !d) {
        rtas_ret(c, 0, RTAS_NO_SUCH_INDICATOR);
        return;
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
    rtas_ret(c, 1, d->physical ? (d->attached ? SENSE_PRESENT : SENSE_EMPTY)
             : d->state == DRC_UNUSABLE ? SENSE_UNUSABLE : SENSE_PRESENT);
}

/*
 * The device tree of what was just plugged, one node or property a call. Connectors that are configured have been through
 * it, and one that is not unisolated has nothing to say.
 */
RTAS(configure_connector, 0x201e, "ibm,configure-connector", 2, 1)
{
    uint32_t index;
    Drc *d = memory_ldl_be(rtas_arg(c, 0), &index) ? find(index) : NULL;

    if (c->nargs != 2 || c->nret != 1 || !d) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    if (d->state != DRC_UNISOLATED) {
        rtas_ret(c, 0, d->state == DRC_CONFIGURED ? RTAS_SUCCESS : CC_WRONG_STATE);
        return;
    }
    d->state = DRC_CONFIGURED;      /* the guest knows its own boot-time tree */
    rtas_ret(c, 0, RTAS_SUCCESS);
}
