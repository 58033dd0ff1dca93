/*
 * Interrupt sources of XIVE: each has the bits P (an event is on its way or being handled) and Q (another came meanwhile),
 * which its two pages work on. See xive.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/xive.h"
#include "system/log.h"
#include "system/memory.h"
#include <inttypes.h>
#include <string.h>

static uint8_t set_pq(XiveSource *x, unsigned lisn, uint8_t pq)
{
    uint8_t old = x->status[lisn] & XIVE_PQ;

    x->status[lisn] = (x->status[lisn] & ~XIVE_PQ) | pq;
    return old;
}

/* An event arrives: it goes on, or it is remembered, or the source is off. */
static void trigger(XiveSource *x, unsigned lisn)
{
    switch (x->status[lisn] & XIVE_PQ) {
    case 0:
        set_pq(x, lisn, XIVE_P);
        x->notify(x->opaque, lisn);
        break;
    case XIVE_P:
        set_pq(x, lisn, XIVE_PQ);
        break;
    default:
        break;
    }
}

/* The guest is done with one: was another waiting? It goes on now. So does a level that is still there. */
static bool end_of_interrupt(XiveSource *x, unsigned lisn)
{
    bool again = false;

    switch (x->status[lisn] & XIVE_PQ) {
    case XIVE_P:
        set_pq(x, lisn, 0);
        break;
    case XIVE_PQ:
        set_pq(x, lisn, XIVE_P);
        again = true;
        break;
    default:
        break;
    }
    if (!again && x->lsi[lisn] && x->status[lisn] & XIVE_ASSERTED && !(x->status[lisn] & XIVE_PQ)) {
        set_pq(x, lisn, XIVE_P);
        again = true;
    }
    if (again) {
        x->notify(x->opaque, lisn);
    }
    return again;
}

void xive_source_set_level(XiveSource *x, unsigned lisn, bool level)
{
    if (!x->lsi[lisn]) {
        if (level) {
            trigger(x, lisn);
        }
        return;
    }
    bool was = x->status[lisn] & XIVE_ASSERTED;
    x->status[lisn] = level ? x->status[lisn] | XIVE_ASSERTED : x->status[lisn] & ~XIVE_ASSERTED;
    if (level && !was && !(x->status[lisn] & XIVE_PQ)) {
        trigger(x, lisn);       /* the end of one that is being handled will find it still asserted */
    }
}

/* ---- the pages ---- */

/* Of a page of management: what the offset asks for. Offsets repeat every 4 KiB; bits below 0x100 say in which order. */
enum { OP_EOI = 0x000, OP_GET = 0x800, OP_SET = 0xc00, OP_MASK = 0xc00, OP_PQ_SHIFT = 8 };

uint64_t xive_esb_load(XiveSource *x, unsigned lisn, unsigned offset)
{
    switch (offset & OP_MASK) {
    case OP_GET:
        return x->status[lisn] & XIVE_PQ;
    case OP_SET:
        return set_pq(x, lisn, offset >> OP_PQ_SHIFT & XIVE_PQ);
    default:
        return end_of_interrupt(x, lisn);
    }
}

void xive_esb_store(XiveSource *x, unsigned lisn, unsigned offset)
{
    switch (offset & OP_MASK) {
    case OP_EOI:
        trigger(x, lisn);
        break;
    case OP_SET:
        set_pq(x, lisn, offset >> OP_PQ_SHIFT & XIVE_PQ);
        break;
    default:
        log_mask(LOG_GUEST_ERROR, "xive: a store at offset %03x of the page of interrupt %x means nothing\n", offset & 0xfff, lisn);
        break;
    }
}

static bool place(XiveSource *x, uint64_t at, unsigned *lisn, bool *manages)
{
    *lisn = at >> x->shift;
    *manages = at >> XIVE_PAGE_SHIFT & 1;
    if (*lisn >= x->count || at & 7) {
        log_mask(LOG_GUEST_ERROR, "xive: an access at %" PRIx64 " is not aligned\n", XIVE_ESB_BASE + at);
        return false;
    }
    return true;
}

static uint64_t page_read(void *opaque, uint64_t at, unsigned size)
{
    XiveSource *x = opaque;
    unsigned lisn;
    bool manages;

    if (!place(x, at, &lisn, &manages)) {
        return 0;
    }
    if (!manages) {
        log_mask(LOG_GUEST_ERROR, "xive: a load from the page that triggers interrupt %x\n", lisn);
        return UINT64_MAX;
    }
    return xive_esb_load(x, lisn, at & 0xfff);
}

static void page_write(void *opaque, uint64_t at, uint64_t value, unsigned size)
{
    XiveSource *x = opaque;
    unsigned lisn;
    bool manages;

    if (place(x, at, &lisn, &manages)) {
        if (manages) {
            xive_esb_store(x, lisn, at & 0xfff);
        } else {
            trigger(x, lisn);
        }
    }
}

static const MmioOps page_ops = { .read = page_read, .write = page_write, .big_endian = true, .min_size = 8, .max_size = 8 };

/* ---- making it ---- */

static void set_input(void *opaque, unsigned n, bool level)
{
    xive_source_set_level(opaque, n, level);
}

bool xive_source_init(XiveSource *x, Device *parent, unsigned count, XiveNotifyFn *notify, void *opaque, GError **err)
{
    if (!device_init(&x->dev, "xive-source", err)) {
        return false;
    }
    x->count = count;
    x->status = g_malloc(count);
    memset(x->status, XIVE_OFF, count);
    x->lsi = g_new0(bool, count);
    x->notify = notify;
    x->opaque = opaque;
    device_add_inputs(&x->dev, count, set_input, x, false);
    object_add_child(&parent->object, "source", &x->dev.object);
    x->pages = memory_add_mmio("xive.esb", XIVE_ESB_BASE, (uint64_t)count << x->shift, &page_ops, x);
    return device_realize(&x->dev, NULL, err);
}

void xive_source_reset_one(XiveSource *x, unsigned lisn)
{
    x->status[lisn] = (x->lsi[lisn] ? x->status[lisn] & XIVE_ASSERTED : 0) | XIVE_OFF;
}

static void reset(Device *d)
{
    XiveSource *x = (XiveSource *)d;

    memset(x->status, XIVE_OFF, x->count);
}

VMSTATE(XiveSource, vmstate_source, "xive-source", 1,
    VMS_DEVICE(XiveSource, dev),
    VMS_EQUAL(XiveSource, count, "use the same machine version on both sides", .name = "nr_irqs"),
    VMS_SKIP(XiveSource, shift, "configuration"),
    VMS_SKIP(XiveSource, flags, "configuration"),
    VMS_VBUFFER(XiveSource, status, count, 65536, .since = 1),
    VMS_SKIP_TO(XiveSource, lsi, notify, "follows from the devices"),
    VMS_SKIP(XiveSource, notify, "wiring"),
    VMS_SKIP(XiveSource, opaque, "wiring"),
    VMS_SKIP(XiveSource, pages, "wiring"));

static int order(Device *d)
{
    return STATE_ORDER_INTERRUPTS;
}

OBJECT_TYPE(source_type, .name = "xive-source", .parent = "device", .size = sizeof(XiveSource), .vmsd = &vmstate_source, .vmstate_order = order,
            .reset = reset, .props = PROPS(PROP(XiveSource, "flags", flags, "0"), PROP(XiveSource, "nr-irqs", count, "0"),
                                           PROP(XiveSource, "shift", shift, "17")));
