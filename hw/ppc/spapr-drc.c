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

/* As streams have them. */
typedef enum DrcState { DRC_UNUSABLE = 1, DRC_AVAILABLE, DRC_UNISOLATED, DRC_CONFIGURED } DrcState;

typedef struct SpaprDrc {
    uint32_t index;
    bool physical, attached;
    uint32_t state;             /* DrcState; of a physical one only whether it is attached counts */
    uint32_t dr_indicator;
} SpaprDrc;

enum { ISOLATION_STATE = 9001, DR_INDICATOR = 9002, ALLOCATION_STATE = 9003, DR_ENTITY_SENSE = 9003 };
enum { SENSE_EMPTY = 0, SENSE_PRESENT = 1, SENSE_UNUSABLE = 2 };
enum { CC_WRONG_STATE = -9003 };

/* ---- saved state: what is not as a reset makes it ---- */

static DrcState state_after_reset(const SpaprDrc *d)
{
    return d->attached ? DRC_CONFIGURED : DRC_UNUSABLE;
}

static bool state_changed(const void *opaque)
{
    return ((const SpaprDrc *)opaque)->state != state_after_reset(opaque);
}

static bool indicator_changed(const void *opaque)
{
    const SpaprDrc *d = opaque;

    return d->dr_indicator != d->attached;
}

static bool check_state(void *opaque, int version, GError **err)
{
    const SpaprDrc *d = opaque;

    if (d->state < DRC_UNUSABLE || d->state > (d->attached ? DRC_CONFIGURED : DRC_UNUSABLE)) {
        g_set_error(err, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "connector 0x%08x is in state %u, and here it is %s: "
                    "use the same -smp, -m and -device on both sides", d->index, d->state, d->attached ? "one of 1 to 4" : "empty (state 1)");
        return false;
    }
    return true;
}

VMSTATE(SpaprDrc, vmstate_drc_physical, "spapr_drc/physical", 1,
    VMS_PART("spapr_drc has the rest"),
    VMS_NEEDED(indicator_changed),
    VMS(SpaprDrc, dr_indicator));

VMSTATE(SpaprDrc, vmstate_drc, "spapr_drc", 1,
    VMS_NEEDED(state_changed),
    VMS_SKIP_TO(SpaprDrc, index, state, "follow from the machine's make-up"),
    VMS(SpaprDrc, state),
    VMS_ELSEWHERE(vmstate_drc_physical),
    VMS_POST_LOAD(check_state));

/* ---- making and resetting ---- */

static void add(SpaprMachine *s, uint32_t index, bool physical)
{
    SpaprDrc *d = g_new0(SpaprDrc, 1);

    *d = (SpaprDrc){ .index = index, .physical = physical };
    g_hash_table_insert(s->connectors, GUINT_TO_POINTER(index), d);
    /* Memory cannot be plugged yet, so its connectors, of which there may be many, have nothing to save. */
    if (physical || index >> 28 != DRC_LMB >> 28) {
        vmstate_register(NULL, index, 0, physical ? &vmstate_drc_physical : &vmstate_drc, d);
    }
}

void spapr_drc_add_cores(SpaprMachine *s)
{
    for (unsigned i = 0; s->cfg->hotpluggable_cpus && i < s->max_cpus / s->threads; i++) {
        add(s, DRC_CPU | i * s->vsmt, false);
    }
}

void spapr_drc_add_rest(SpaprMachine *s)
{

    for (unsigned i = 0; i < spapr_blocks(s); i++) {
        add(s, DRC_LMB | (uint32_t)(spapr_blocks_base(s) / SPAPR_BLOCK + i), false);
    }
    for (unsigned i = 0; s->cfg->nvdimm && i < s->ram_slots; i++) {
        add(s, DRC_PMEM | i, false);
    }
    for (unsigned i = 0; s->cfg->dr_phb && i < 31; i++) {
        add(s, DRC_PHB | i, false);
    }
}

void spapr_drc_add_slots(SpaprMachine *s, unsigned bridge)
{
    for (unsigned k = 0; k < 256; k++) {
        add(s, DRC_PCI | bridge << 16 | k, true);
    }
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
    GHashTableIter i;
    void *value;

    g_hash_table_iter_init(&i, s->connectors);
    while (g_hash_table_iter_next(&i, NULL, &value)) {
        SpaprDrc *d = value;
        uint32_t id = d->index & 0xfffffff;
        d->attached = d->index >> 28 == DRC_CPU >> 28 ? core_present(id)
            : d->index >> 28 == DRC_PHB >> 28 && spapr_phb_find(SPAPR_BUID_BASE + id);
        d->state = state_after_reset(d);
        d->dr_indicator = d->attached;
    }
}

static SpaprDrc *find(uint32_t index)
{
    return g_hash_table_lookup(spapr->connectors, GUINT_TO_POINTER(index));
}

static int set_isolation(SpaprDrc *d, uint32_t unisolate)
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

static int set_allocation(SpaprDrc *d, uint32_t usable)
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
    SpaprDrc *d = find(index);
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
        d->dr_indicator = rc ? d->dr_indicator : value;
    }
    rtas_ret(c, 0, rc);
}

RTAS(get_sensor_state, 0x201d, "get-sensor-state", 2, 2)
{
    SpaprDrc *d = find(rtas_arg(c, 1));

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
    SpaprDrc *d = memory_ldl_be(rtas_arg(c, 0), &index) ? find(index) : NULL;

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
