/*
 * The XIVE controller of a partition: where sources' events go (tables of assignments and of event notification descriptors), the
 * queues in guest memory, and what is saved of them. See xive.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/xive.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include <inttypes.h>
#include <string.h>

/* ---- an event on its way ---- */

/* Appends a number to the queue, with the bit that tells new entries from those of the round before. */
static void enqueue(XiveEnd *e, uint32_t number)
{
    uint32_t index = e->w1 & END_INDEX, entries = xive_queue_entries(e);
    uint64_t at = xive_queue_address(e) + 4ull * (index & (entries - 1));

    if (!memory_stl_be(at, (e->w1 & END_GENERATION ? 1u << 31 : 0) | number)) {
        log_mask(LOG_GUEST_ERROR, "xive: event %x has no memory to go to at %016" PRIx64 "\n", number, at);
        return;
    }
    index = (index + 1) & (entries - 1);
    e->w1 = ((e->w1 & ~(uint32_t)END_INDEX) | index) ^ (index ? 0 : END_GENERATION);
}

/* One that does not always notify has P and Q of its own: says once that there is something, until the guest has ended it. */
static bool end_notifies(XiveEnd *e)
{
    unsigned pq = e->w1 >> END_ESN_SHIFT & XIVE_PQ;

    if (e->w0 & END_ALWAYS_NOTIFY) {
        return true;
    }
    if (pq != XIVE_OFF) {
        e->w1 |= (uint32_t)(pq ? XIVE_PQ : XIVE_P) << END_ESN_SHIFT;
    }
    return pq == 0;
}

static void notify(void *opaque, unsigned lisn)
{
    SpaprXive *x = opaque;
    uint64_t w = x->eat[lisn].w;

    if (!(w & EAS_VALID) || w & EAS_MASKED || EAS_END(w) >= x->nr_ends) {
        return;
    }
    XiveEnd *e = &x->endt[EAS_END(w)];
    if (!(e->w0 & END_VALID)) {
        log_mask(LOG_GUEST_ERROR, "xive: interrupt %x has no queue\n", lisn);
        return;
    }
    if (e->w0 & END_ENQUEUE) {
        enqueue(e, EAS_NUMBER(w));
    }
    if (end_notifies(e)) {
        PowerPCCPU *cpu = spapr_cpu_of_server(END_THREAD(e->w6) - XIVE_NVT_BASE);
        if (cpu) {
            xive_tctx_notify(spapr_cpu(cpu)->tctx, END_PRIORITY(e->w7));
        }
    }
}

/* ---- numbers ---- */

bool spapr_xive_exists(const SpaprXive *x, unsigned lisn)
{
    return lisn < x->nr_irqs;
}

bool spapr_xive_valid(const SpaprXive *x, unsigned lisn)
{
    return spapr_xive_exists(x, lisn) && x->eat[lisn].w & EAS_VALID;
}

void spapr_xive_claim(SpaprXive *x, unsigned lisn, bool lsi)
{
    x->eat[lisn].w = EAS_VALID | EAS_MASKED;
    x->source.lsi[lisn] = lsi;
}

void spapr_xive_release(SpaprXive *x, unsigned lisn)
{
    x->eat[lisn].w &= ~EAS_VALID;
}

Irq spapr_xive_line(const SpaprXive *x, unsigned lisn)
{
    return device_input(&x->source.dev, lisn);
}

bool spapr_xive_level(const SpaprXive *x, unsigned lisn)
{
    return x->source.status[lisn] & XIVE_ASSERTED;
}

/* ---- making it, reset ---- */

SpaprXive *spapr_xive_new(unsigned irqs, unsigned threads, GError **err)
{
    Device *d = device_new("spapr-xive", err);

    if (!d) {
        return NULL;
    }
    SpaprXive *x = (SpaprXive *)d;
    x->nr_irqs = XIVE_IPIS + irqs;
    x->nr_ends = threads * XIVE_PRIORITIES;
    x->eat = g_new0(XiveEas, x->nr_irqs);
    x->endt = g_new0(XiveEnd, x->nr_ends);
    object_add_child(object_machine_container("unattached"), "device[*]", &d->object);
    if (!xive_source_init(&x->source, d, x->nr_irqs, notify, x, err) || !device_realize(d, bus_find(NULL, "System"), err)) {
        return NULL;
    }
    xive_tima_init();
    for (unsigned i = 0; i < threads && i < XIVE_IPIS; i++) {
        spapr_xive_claim(x, i, false);
    }
    return x;
}

void spapr_xive_enable(SpaprXive *x, bool on)
{
    memory_mmio_enable(x->source.pages, on);
    xive_tima_enable(on);
}

/* What was configured is forgotten; which numbers there are is not. */
void spapr_xive_forget(SpaprXive *x)
{
    for (unsigned i = 0; i < x->nr_irqs; i++) {
        x->eat[i].w = x->eat[i].w & EAS_VALID ? EAS_VALID | EAS_MASKED : 0;
        xive_source_reset_one(&x->source, i);
    }
    for (unsigned i = 0; i < x->nr_ends; i++) {
        xive_end_reset(&x->endt[i]);
    }
}

static void reset(Device *d)
{
    spapr_xive_forget((SpaprXive *)d);
}

/* ---- info pic ---- */

/* The last entries, the one that comes next marked. */
static void print_queue(const SpaprXive *x, unsigned end, GString *out)
{
    const XiveEnd *e = &x->endt[end];
    uint32_t index = e->w1 & END_INDEX, entries = xive_queue_entries(e), v;

    g_string_append_printf(out, "%3u/%u %6u/%u @%" PRIx64 " ^%u", END_THREAD(e->w6) - XIVE_NVT_BASE, END_PRIORITY(e->w7), index, entries,
                           xive_queue_address(e), e->w1 & END_GENERATION ? 1 : 0);
    g_string_append(out, " [ ");
    for (int back = 5; back >= 0; back--) {
        memory_ldl_be(xive_queue_address(e) + 4ull * ((index - back) & (entries - 1)), &v);
        g_string_append_printf(out, "%s%08x ", back ? "" : "^", v);
    }
    g_string_append(out, "]");
}

void spapr_xive_print(const SpaprXive *x, GString *out)
{
    PowerPCCPU *cpu;

    CPU_FOREACH(cpu) {
        xive_tctx_print(spapr_cpu(cpu)->tctx, out);
    }
    g_string_append(out, "  LISN         PQ    EISN     CPU/PRIO EQ\n");
    for (unsigned i = 0; i < x->nr_irqs; i++) {
        uint64_t w = x->eat[i].w;
        uint8_t status = x->source.status[i];
        if (!(w & EAS_VALID)) {
            continue;
        }
        g_string_append_printf(out, "  %08x %s %c%c%c %c %08x ", i, x->source.lsi[i] ? "LSI" : "MSI", status & XIVE_P ? 'P' : '-',
                               status & XIVE_Q ? 'Q' : '-', status & XIVE_ASSERTED ? 'A' : ' ', w & EAS_MASKED ? 'M' : ' ', EAS_NUMBER(w));
        if (!(w & EAS_MASKED) && EAS_END(w) < x->nr_ends && x->endt[EAS_END(w)].w0 & END_VALID) {
            print_queue(x, EAS_END(w), out);
        }
        g_string_append_c(out, '\n');
    }
}

/* ---- saved state: words travel least significant byte first ---- */

static void put_u64(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 8, GUINT64_SWAP_LE_BE(*(const uint64_t *)element));
}

static bool get_u64(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    *(uint64_t *)element = GUINT64_SWAP_LE_BE(vms_get_be(wire, 8));
    return true;
}

static void put_u32(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 4, GUINT32_SWAP_LE_BE(*(const uint32_t *)element));
}

static bool get_u32(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    *(uint32_t *)element = GUINT32_SWAP_LE_BE((uint32_t)vms_get_be(wire, 4));
    return true;
}

static const VMStateInfo info_u64 = { "uint64", 8, put_u64, get_u64 }, info_u32 = { "uint32", 4, put_u32, get_u32 };

VMSTATE(XiveEas, vmstate_eas, "spapr-xive/eas", 1,
    VMS_CUSTOM(XiveEas, w, 1, info_u64));

#define WORD(n) VMS_CUSTOM(XiveEnd, n, 1, info_u32)
VMSTATE(XiveEnd, vmstate_end, "spapr-xive/end", 1,
    WORD(w0), WORD(w1), WORD(w2), WORD(w3), WORD(w4), WORD(w5), WORD(w6), WORD(w7));

VMSTATE(SpaprXive, vmstate_xive, "spapr-xive", 1,
    VMS_DEVICE(SpaprXive, dev),
    VMS_EQUAL(SpaprXive, nr_irqs, "use the same machine version on both sides"),
    VMS_SKIP(SpaprXive, nr_ends, "configuration"),
    VMS_SKIP_TO(SpaprXive, vc_base, source, "configuration"),
    VMS_SKIP(SpaprXive, source, "has a section of its own"),
    VMS_STRUCT_VARRAY(SpaprXive, eat, nr_irqs, 65536, vmstate_eas),
    VMS_STRUCT_VARRAY(SpaprXive, endt, nr_ends, XIVE_PRIORITIES << 22, vmstate_end));

static int order(Device *d)
{
    return STATE_ORDER_INTERRUPTS;
}

OBJECT_TYPE(router_type, .name = "xive-router", .parent = "sys-bus-device", .size = sizeof(SpaprXive), .abstract = true);
OBJECT_TYPE(spapr_xive_type, .name = "spapr-xive", .parent = "xive-router", .size = sizeof(SpaprXive), .vmsd = &vmstate_xive, .vmstate_order = order,
            .reset = reset, .props = PROPS(PROP(SpaprXive, "hv-prio", hv_prio, "7"), PROP(SpaprXive, "nr-ends", nr_ends, "0"),
                                           PROP(SpaprXive, "nr-irqs", nr_irqs, "0"), PROP(SpaprXive, "tm-base", tm_base, "1692157036986368"),
                                           PROP(SpaprXive, "vc-base", vc_base, "1689949371891712")));
