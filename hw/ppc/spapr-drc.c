/*
 * Dynamic reconfiguration connectors (LoPAPR 13.5): the places at which processors, memory, host bridges and PCI
 * functions can come and go, and the RTAS calls with which the guest moves them between states. What is there when the
 * machine starts is configured. What is plugged later is not the guest's before it takes it, and does not go before it was given back; of a device
 * that has several connectors (memory), all of it. A guest may come here in the middle of either.
 *
 * A logical connector (processor, memory block, bridge) is unusable, available, unisolated or configured; a physical one
 * (PCI slot) has no allocation: without a card it is isolated.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr-dimm.h"
#include "hw/ppc/spapr-pci.h"
#include "migration/migration.h"
#include "monitor/qmp.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include "system/report.h"
#include "system/runstate.h"
#include <libfdt.h>
#include <string.h>

/* As streams have them. */
typedef enum DrcState { DRC_UNUSABLE = 1, DRC_AVAILABLE, DRC_UNISOLATED, DRC_CONFIGURED } DrcState;

typedef struct SpaprDrc {
    uint32_t index;
    bool physical, attached;
    uint32_t state;             /* DrcState; of a physical one only whether it is attached counts */
    uint32_t dr_indicator;
    bool unplug_requested;      /* the guest was told to give it back */
    struct {                    /* ibm,configure-connector on its way through the tree */
        void *fdt;              /* NULL: it has not begun */
        int at, depth;
        bool named;
    } walk;
} SpaprDrc;

enum { ISOLATION_STATE = 9001, DR_INDICATOR = 9002, ALLOCATION_STATE = 9003, DR_ENTITY_SENSE = 9003 };
enum { SENSE_EMPTY = 0, SENSE_PRESENT = 1, SENSE_UNUSABLE = 2 };
enum { CC_CHILD = 2, CC_PROPERTY = 3, CC_PARENT = 4, CC_WRONG_STATE = -9003 };
enum { WORK_AREA = 4096, WORK_DATA = 20 };      /* of ibm,configure-connector: its bytes, and where names and values begin */

static void refuse(SpaprDrc *d);
static void take_out_soon(unsigned ms);

static SpaprDrc *find(uint32_t index)
{
    return g_hash_table_lookup(spapr->connectors, GUINT_TO_POINTER(index));
}

static GHashTableIter all(const SpaprMachine *s)
{
    GHashTableIter i;

    g_hash_table_iter_init(&i, s->connectors);
    return i;
}

static SpaprDrc *next_of(GHashTableIter *i)
{
    void *d;

    return g_hash_table_iter_next(i, NULL, &d) ? d : NULL;
}

#define FOR_EACH_CONNECTOR(s, d) for (GHashTableIter i_ = all(s); ((d) = next_of(&i_)); )

static bool is_of(const SpaprDrc *d, uint32_t kind)
{
    return d->index >> 28 == kind >> 28;
}

static uint32_t number_of(const SpaprDrc *d)        /* among those of its kind */
{
    return d->index & 0xfffffff;
}

static PcDimm *memory_at(const SpaprDrc *d)
{
    return is_of(d, DRC_LMB) ? spapr_dimm_at(number_of(d) * SPAPR_BLOCK) : NULL;
}

/* What is there; of bridges NULL, since they stay. */
static Device *device_at(const SpaprDrc *d)
{
    PcDimm *memory = memory_at(d);

    return memory ? &memory->dev : is_of(d, DRC_CPU) ? spapr_core_at(d->index) : NULL;
}

/* ---- saved state: what is not as a reset makes it ---- */

static DrcState state_after_reset(const SpaprDrc *d)
{
    return d->attached ? DRC_CONFIGURED : DRC_UNUSABLE;
}

static bool state_changed(const void *opaque)
{
    const SpaprDrc *d = opaque;

    return d->unplug_requested || d->state != state_after_reset(d);
}

static bool unplug_requested(const void *opaque) { return ((const SpaprDrc *)opaque)->unplug_requested; }

static bool indicator_changed(const void *opaque)
{
    const SpaprDrc *d = opaque;

    return d->dr_indicator != d->attached;
}

static bool forget_unplug(void *opaque, GError **err)
{
    ((SpaprDrc *)opaque)->unplug_requested = false;
    return true;
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

VMSTATE(SpaprDrc, vmstate_drc_unplug, "spapr_drc/unplug_requested", 1,
    VMS_PART("spapr_drc has the rest"),
    VMS_NEEDED(unplug_requested),
    VMS(SpaprDrc, unplug_requested));

VMSTATE(SpaprDrc, vmstate_drc, "spapr_drc", 1,
    VMS_NEEDED(state_changed),
    VMS_SKIP_TO(SpaprDrc, index, state, "follow from the machine's make-up"),
    VMS(SpaprDrc, state),
    VMS_ELSEWHERE(vmstate_drc_physical),
    VMS_SUBSECTION(vmstate_drc_unplug),
    VMS_SKIP(SpaprDrc, walk, "no program sends how far it is: it begins again"),
    VMS_PRE_LOAD(forget_unplug),
    VMS_POST_LOAD(check_state));

/* Why there is nothing here for a section of the stream. */
static char *explain(const char *name, uint32_t instance)
{
    static const struct { uint32_t type; const char *what; } kinds[] = {
        { DRC_CPU, "a core: start this emulator with the source's -smp, and -device for each core that was plugged" },
        { DRC_PHB, "a host bridge that this machine has no place for: use the source's -machine" },
        { DRC_LMB, "memory: start this emulator with the source's -m, slots= and maxmem=, and -device pc-dimm for each that was plugged" },
        { DRC_PMEM, "memory that was plugged" }, { DRC_PCI, "a PCI device" },
    };
    static const char *const finish = ", which this program does not have: unplug it on the source, and let the guest finish that, before it moves";

    if (g_str_has_prefix(name, "pci@")) {
        return g_strdup_printf("this is a PCI device%s", finish);
    }
    for (unsigned i = 0; g_str_has_prefix(name, "spapr_drc") && i < G_N_ELEMENTS(kinds); i++) {
        if (instance >> 28 == kinds[i].type >> 28) {
            return g_strdup_printf("this is the connector of %s%s", kinds[i].what, i < 3 ? "" : finish);
        }
    }
    return NULL;
}

/* ---- making and resetting ---- */

static void add(SpaprMachine *s, uint32_t index, bool physical)
{
    SpaprDrc *d = g_new0(SpaprDrc, 1);

    *d = (SpaprDrc){ .index = index, .physical = physical };
    g_hash_table_insert(s->connectors, GUINT_TO_POINTER(index), d);
    vmstate_register(NULL, index, 0, physical ? &vmstate_drc_physical : &vmstate_drc, d);       /* PCI slots have only an indicator */
}

void spapr_drc_add_cores(SpaprMachine *s)
{
    vmstate_explain_unknown = explain;
    for (unsigned i = 0; s->cfg->hotpluggable_cpus && i < s->max_cpus / s->threads; i++) {
        add(s, DRC_CPU | i * s->vsmt, false);
    }
}

void spapr_drc_add_rest(SpaprMachine *s)
{
    for (unsigned i = 0; i < spapr_blocks(s); i++) {
        add(s, spapr_block_connector(spapr_blocks_base(s)) + i, false);
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

static void end_walk(SpaprDrc *d)
{
    g_clear_pointer(&d->walk.fdt, g_free);
}

void spapr_drc_reset(SpaprMachine *s)
{
    SpaprDrc *d;

    FOR_EACH_CONNECTOR(s, d) {
        d->attached = device_at(d) || (is_of(d, DRC_PHB) && spapr_phb_find(SPAPR_BUID_BASE + number_of(d)));
        d->state = state_after_reset(d);
        d->dr_indicator = d->attached;
        d->unplug_requested = false;
        end_walk(d);
    }
}

/* ---- coming and going ---- */

/* The connectors of it. */
static void range_of(const Device *dev, uint32_t *first, unsigned *n)
{
    const PcDimm *memory = object_type_is(dev->object.type, "pc-dimm") ? (const PcDimm *)dev : NULL;

    *first = memory ? spapr_block_connector(memory->addr) : spapr_core_connector(dev);
    *n = memory ? memory->memory.size / SPAPR_BLOCK : 1;
}

static bool all_given_back(const Device *dev)
{
    uint32_t first;
    unsigned n, i = 0;

    range_of(dev, &first, &n);
    while (i < n && find(first + i)->unplug_requested && find(first + i)->state == DRC_UNUSABLE) {
        i++;
    }
    return i == n;
}

/* The device of which this connector is wanted, or NULL. */
static Device *wanted_at(const SpaprDrc *d)
{
    return d->attached && d->unplug_requested ? device_at(d) : NULL;
}

/* One that is to go now: device_unrealize() makes another look necessary. */
static Device *next_to_go(SpaprMachine *s, bool reset)
{
    SpaprDrc *d;

    FOR_EACH_CONNECTOR(s, d) {
        Device *dev = wanted_at(d);
        if (dev && (reset || all_given_back(dev))) {
            return dev;
        }
    }
    return NULL;
}

void spapr_drc_take_out(SpaprMachine *s, bool reset)
{
    Device *dev;

    while ((dev = next_to_go(s, reset))) {
        uint32_t first;
        unsigned n;
        range_of(dev, &first, &n);
        device_unrealize(dev);
        for (unsigned i = 0; i < n; i++) {
            SpaprDrc *d = find(first + i);
            d->attached = d->unplug_requested = false;
            d->dr_indicator = 0;
            d->state = DRC_UNUSABLE;
            end_walk(d);
        }
    }
}

#define AGAIN_MS 100

static gboolean take_out_later(gpointer unused)
{
    bql_lock();
    if (migration_needs_memory()) {
        take_out_soon(AGAIN_MS);        /* the destination takes it out, or we do when that was nothing */
    } else {
        spapr_drc_take_out(spapr, false);
    }
    bql_unlock();
    return G_SOURCE_REMOVE;
}

/* By the main loop, since no vCPU may be in a call meanwhile. */
static void take_out_soon(unsigned ms)
{
    g_timeout_add(ms, take_out_later, NULL);
}

void spapr_drc_loaded(SpaprMachine *s)
{
    SpaprDrc *d;

    FOR_EACH_CONNECTOR(s, d) {
        Device *dev = wanted_at(d);
        uint32_t first;
        unsigned n = 0;
        if (dev) {
            range_of(dev, &first, &n);
            take_out_soon(0);
        }
        for (unsigned k = 0; k < n; k++) {
            SpaprDrc *part = find(first + k);
            part->state = part->unplug_requested ? part->state : DRC_UNUSABLE;
            part->unplug_requested = true;
        }
    }
}

void spapr_drc_plug(SpaprMachine *s, uint32_t first, unsigned n)
{
    bool known = runstate_now() == RUN_INMIGRATE;       /* to the guest that comes; if not, it says so */

    for (unsigned i = 0; i < n; i++) {
        SpaprDrc *d = find(first + i);
        d->attached = true;
        d->state = known ? DRC_CONFIGURED : DRC_UNUSABLE;
        d->dr_indicator = true;
    }
    if (!known) {
        spapr_events_hotplug(s, true, first, n);
    }
}

void spapr_drc_unplug(SpaprMachine *s, Device *dev, uint32_t first, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        find(first + i)->unplug_requested = true;
    }
    if (all_given_back(dev)) {
        spapr_drc_take_out(s, false);
    }
    spapr_events_hotplug(s, false, first, n);       /* even then, as others do */
}

bool spapr_drc_is_wanted(uint32_t index)
{
    return find(index)->unplug_requested;
}

QMP_EVENT(MEM_UNPLUG_ERROR, "device:str msg:str");
QMP_EVENT(DEVICE_UNPLUG_GUEST_ERROR, "device:str? path:str");

static void refuse(SpaprDrc *d)
{
    Device *dev = device_at(d);
    uint32_t first = d->index;
    unsigned n = 1;

    if (dev) {
        range_of(dev, &first, &n);
        if (object_type_is(dev->object.type, "pc-dimm")) {
            g_autofree char *text = g_strdup_printf("Memory hotunplug rejected by the guest for device %s", dev->id ? dev->id : "");
            qmp_event("MEM_UNPLUG_ERROR", qmp_object("device", JSTR(dev->id ? dev->id : ""), "msg", JSTR(text), NULL));
        }
        qmp_event("DEVICE_UNPLUG_GUEST_ERROR", device_event_data(dev));
    }
    for (unsigned i = 0; i < n; i++) {
        find(first + i)->unplug_requested = false;
    }
}

void spapr_drc_settle(SpaprMachine *s)
{
    SpaprDrc *d;

    FOR_EACH_CONNECTOR(s, d) {
        Device *dev = d->attached ? device_at(d) : NULL;
        if (dev && d->unplug_requested) {
            d->state = DRC_UNUSABLE;
            take_out_soon(0);
        } else if (dev) {
            d->state = DRC_CONFIGURED;
        }
    }
    spapr_events_forget_hotplug(s);
}

/* ---- RTAS ---- */

static int set_isolation(SpaprDrc *d, uint32_t unisolate)
{
    if (unisolate > 1) {
        return RTAS_PARAM_ERROR;
    }
    if (!unisolate) {
        if (d->state == DRC_UNISOLATED) {       /* configuring has begun: to be finished first */
            return RTAS_NO_SUCH_INDICATOR;
        }
        if (d->state == DRC_CONFIGURED && is_of(d, DRC_LMB) && !d->unplug_requested) {
            return RTAS_HW_ERROR;               /* memory that nobody wants back stays */
        }
        d->state = d->state == DRC_CONFIGURED ? DRC_AVAILABLE : d->state;
        end_walk(d);
        return RTAS_SUCCESS;
    }
    if (d->unplug_requested && d->state >= DRC_UNISOLATED) {
        refuse(d);              /* it keeps what it has */
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
        if (d->unplug_requested && device_at(d)) {
            take_out_soon(0);
        } else if (d->unplug_requested) {
            d->unplug_requested = false;
            report_info("the guest has given back what was to be unplugged (connector 0x%08x); it stays here, unused, until the guest takes it again or the "
                        "machine starts without it", d->index);
        }
        return RTAS_SUCCESS;
    }
    if (!d->attached || d->unplug_requested) {
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

/* ---- ibm,configure-connector (LoPAPR 13.5.3.5): the nodes of what was plugged, one name or property a call ---- */

static bool begin_walk(SpaprMachine *s, SpaprDrc *d)
{
    const PcDimm *memory = memory_at(d);
    uint32_t be = GUINT32_TO_BE(d->index);
    size_t size;
    void *fdt = memory ? spapr_fdt_block(s, d->index, memory->node) : spapr_build_fdt(s, &size);
    int node = memory ? fdt_first_subnode(fdt, 0) : fdt_node_offset_by_prop_value(fdt, -1, "ibm,my-drc-index", &be, sizeof(be));

    if (node < 0) {
        g_free(fdt);
        return false;
    }
    d->walk.fdt = fdt;
    d->walk.at = node;
    d->walk.depth = 0;
    d->walk.named = true;
    return true;
}

/* What follows the five words: a name, and a property's value behind it. */
static int say(uint32_t area, int what, const char *name, const void *value, uint32_t length)
{
    uint32_t n = strlen(name) + 1;

    if (WORK_DATA + n + length > WORK_AREA || !memory_stl_be(area + 8, WORK_DATA) || !memory_write(area + WORK_DATA, name, n)) {
        return RTAS_HW_ERROR;
    }
    if (what == CC_PROPERTY && (!memory_stl_be(area + 12, length) || !memory_stl_be(area + 16, WORK_DATA + n)
                                || !memory_write(area + WORK_DATA + n, value, length))) {
        return RTAS_HW_ERROR;
    }
    return what;
}

/* One step; RTAS_SUCCESS: all was said. */
static int step(SpaprDrc *d, uint32_t area)
{
    const char *name;
    int next, length;

    if (!d->walk.named) {       /* a node's name is a property, too; that of a processor goes with its address, as others have it */
        d->walk.named = true;
        name = fdt_get_name(d->walk.fdt, d->walk.at, NULL);
        g_autofree char *text = g_strndup(name, strcspn(name, is_of(d, DRC_CPU) ? "" : "@"));
        fdt_next_tag(d->walk.fdt, d->walk.at, &next);
        d->walk.at = next;
        return say(area, CC_PROPERTY, "name", text, strlen(text) + 1);
    }
    for (;; d->walk.at = next) {
        switch (fdt_next_tag(d->walk.fdt, d->walk.at, &next)) {
        case FDT_BEGIN_NODE:
            d->walk.depth++;
            d->walk.named = is_of(d, DRC_LMB);    /* that of memory is none */
            name = fdt_get_name(d->walk.fdt, d->walk.at, NULL);
            d->walk.at = d->walk.named ? next : d->walk.at;
            return say(area, CC_CHILD, name, NULL, 0);
        case FDT_END_NODE:
            d->walk.at = next;
            return --d->walk.depth ? CC_PARENT : RTAS_SUCCESS;
        case FDT_PROP: {
            const void *value = fdt_getprop_by_offset(d->walk.fdt, d->walk.at, &name, &length);
            d->walk.at = next;
            return value ? say(area, CC_PROPERTY, name, value, length) : RTAS_HW_ERROR;
        }
        case FDT_NOP:
            break;
        default:
            return RTAS_HW_ERROR;
        }
    }
}

RTAS(configure_connector, 0x201e, "ibm,configure-connector", 2, 1)
{
    uint32_t area = rtas_arg(c, 0), index;
    SpaprDrc *d = memory_ldl_be(area, &index) ? find(index) : NULL;

    if (c->nargs != 2 || c->nret != 1 || !d) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    if (d->state < DRC_UNISOLATED || (!d->walk.fdt && !begin_walk(s, d))) {
        rtas_ret(c, 0, CC_WRONG_STATE);
        return;
    }
    int result = step(d, area);
    if (result <= 0) {
        end_walk(d);
    }
    if (result == RTAS_SUCCESS) {
        d->state = DRC_CONFIGURED;
    }
    rtas_ret(c, 0, result);
}
