/*
 * Thread contexts of XIVE: the registers in which a thread has the priority that it runs at and the events that are pending for it,
 * and the pages through which it gets at its own (TIMA). See xive.h. A partition has the rings of the operating system and of
 * problem state; the hypervisor's are there as they are saved, and nobody gets at them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/xive.h"
#include "system/cpus.h"
#include "system/log.h"
#include "system/memory.h"
#include <inttypes.h>
#include <string.h>

enum { USER = 0x00, OS = 0x10, POOL = 0x20, PHYS = 0x30, RINGS = 0x40 };
enum { NSR, CPPR, IPB, LSMFB, ACK_COUNT, INC, AGE, PIPR, WORD2 };      /* of a ring */
enum { NSR_EO = 0x80 };                 /* an exception for the operating system */
enum { WORD2_VALID = 0x80 };            /* its first byte: the thread's number follows */
/* Operations beside the registers */
enum { ACK_OS = 0x810, SET_OS_PENDING = 0x812 };

struct XiveTctx {
    Device dev;
    PowerPCCPU *cpu;
    Irq out;
    uint8_t regs[RINGS];
};

/* ---- priorities: 0 is the most favoured; ff is less than any ---- */

static uint8_t most_favoured(uint8_t bits)
{
    return bits ? __builtin_clz(bits) - 24 : 0xff;
}

void xive_tctx_update_line(XiveTctx *t)
{
    irq_set(&t->out, t->regs[OS + NSR] & NSR_EO);
}

static void look(XiveTctx *t)
{
    uint8_t *r = t->regs + OS;

    r[PIPR] = most_favoured(r[IPB]);
    if (r[PIPR] < r[CPPR]) {
        r[NSR] |= NSR_EO;
    }
    xive_tctx_update_line(t);
}

void xive_tctx_notify(XiveTctx *t, unsigned priority)
{
    if (priority < XIVE_PRIORITIES) {
        t->regs[OS + IPB] |= 0x80 >> priority;
    }
    look(t);
}

static void set_cppr(XiveTctx *t, uint8_t priority)
{
    t->regs[OS + CPPR] = priority < XIVE_PRIORITIES ? priority : 0xff;
    look(t);
}

/* The exception is taken: the thread goes on at the priority of what was pending. */
static uint16_t acknowledge(XiveTctx *t)
{
    uint8_t *r = t->regs + OS, nsr = r[NSR];

    if (nsr & NSR_EO) {
        r[CPPR] = r[PIPR];
        if (r[PIPR] < XIVE_PRIORITIES) {
            r[IPB] &= ~(0x80 >> r[PIPR]);
        }
        r[NSR] &= ~NSR_EO;
        look(t);
    }
    return nsr << 8 | r[CPPR];
}

/* ---- the pages ---- */

static XiveTctx *own(void)
{
    PowerPCCPU *cpu = cpus_current();

    return cpu ? spapr_cpu(cpu)->tctx : NULL;
}

/* What the operating system sees of its ring, in words and doublewords; all else reads as ones. */
static uint64_t read_ring(const XiveTctx *t, unsigned at, unsigned size)
{
    static const uint8_t visible[8] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff };
    uint64_t v = 0;

    if (at < OS || at + size > OS + WORD2 || size < 4) {
        return UINT64_MAX >> (64 - 8 * size);
    }
    for (unsigned i = at - OS; i < at - OS + size; i++) {
        v = v << 8 | (t->regs[OS + i] & visible[i]);
    }
    return v;
}

static uint64_t page_read(void *opaque, uint64_t at, unsigned size)
{
    unsigned page = at >> XIVE_PAGE_SHIFT, offset = at & 0xfff;
    XiveTctx *t = own();

    if (at & (size - 1) || !t || (page != XIVE_TIMA_OS && page != XIVE_TIMA_USER)) {
        log_mask(LOG_GUEST_ERROR, "xive: a load of %u bytes at %" PRIx64 " from a thread context\n", size, XIVE_TIMA_BASE + at);
        return 0;
    }
    if (page == XIVE_TIMA_OS && offset == ACK_OS && size == 2) {
        return acknowledge(t);
    }
    return page == XIVE_TIMA_OS ? read_ring(t, offset, size) : UINT64_MAX >> (64 - 8 * size);
}

static void page_write(void *opaque, uint64_t at, uint64_t value, unsigned size)
{
    unsigned page = at >> XIVE_PAGE_SHIFT, offset = at & 0xfff;
    XiveTctx *t = own();

    if (at & (size - 1) || !t || page != XIVE_TIMA_OS) {
        log_mask(LOG_GUEST_ERROR, "xive: a store of %u bytes at %" PRIx64 " to a thread context\n", size, XIVE_TIMA_BASE + at);
    } else if (offset == OS + CPPR && size == 1) {
        set_cppr(t, value);
    } else if (offset == SET_OS_PENDING && size == 1) {
        xive_tctx_notify(t, value & 0xff);
    } else if (offset == OS && size >= 4) {     /* the ring: of it only the priority can be written, which nothing looks at then */
        t->regs[OS + CPPR] = value >> (8 * size - 16);
    } else {
        log_mask(LOG_GUEST_ERROR, "xive: a store of %u bytes at offset %03x of a thread context\n", size, offset);
    }
}

static const MmioOps page_ops = { .read = page_read, .write = page_write, .big_endian = true, .min_size = 1, .max_size = 8 };
static struct Mmio *pages;

void xive_tima_init(void)
{
    pages = memory_add_mmio("xive.tima", XIVE_TIMA_BASE, (uint64_t)XIVE_TIMA_PAGES << XIVE_PAGE_SHIFT, &page_ops, NULL);
}

void xive_tima_enable(bool on)
{
    memory_mmio_enable(pages, on);
}

/* ---- info pic ---- */

void xive_tctx_print(const XiveTctx *t, GString *out)
{
    static const char *const names[] = { "USER", "  OS", "POOL", "PHYS" };

    g_string_append_printf(out, "CPU[%04x]:   QW   NSR CPPR IPB LSMFB ACK# INC AGE PIPR  W2\n", t->cpu->index);
    for (unsigned i = 0; i < 4; i++) {
        const uint8_t *r = t->regs + 16 * i;
        g_string_append_printf(out, "CPU[%04x]: %4s    %02x   %02x  %02x    %02x   %02x  %02x  %02x   %02x  %02x%02x%02x%02x\n", t->cpu->index,
                               names[i], r[NSR], r[CPPR], r[IPB], r[LSMFB], r[ACK_COUNT], r[INC], r[AGE], r[PIPR], r[WORD2], r[WORD2 + 1],
                               r[WORD2 + 2], r[WORD2 + 3]);
    }
}

/* ---- making it ---- */

XiveTctx *xive_tctx_new(PowerPCCPU *cpu, GError **err)
{
    Device *d = device_new("xive-tctx", err);

    if (!d) {
        return NULL;
    }
    XiveTctx *t = (XiveTctx *)d;
    t->cpu = cpu;
    t->out = device_input(&cpu->dev, 0);
    object_add_child(&cpu->dev.object, "xive-tctx", &d->object);
    return device_realize(d, NULL, err) ? t : NULL;
}

static void reset(Device *d)
{
    XiveTctx *t = (XiveTctx *)d;
    uint32_t word2 = (uint32_t)WORD2_VALID << 24 | (XIVE_NVT_BASE + t->cpu->vcpu_id);

    memset(t->regs, 0, sizeof(t->regs));
    t->regs[OS + LSMFB] = t->regs[OS + ACK_COUNT] = t->regs[OS + AGE] = t->regs[OS + PIPR] = t->regs[PHYS + PIPR] = 0xff;
    vms_put_be(t->regs + OS + WORD2, 4, word2);
    if (spapr_xive_active(spapr)) {
        xive_tctx_update_line(t);
    }
}

static bool post_load(void *opaque, int version, GError **err)
{
    if (spapr_xive_active(spapr)) {
        xive_tctx_update_line(opaque);
    }
    return true;
}

VMSTATE(XiveTctx, vmstate_tctx, "xive-tctx", 1,
    VMS_DEVICE(XiveTctx, dev),
    VMS_SKIP(XiveTctx, cpu, "wiring"),
    VMS_SKIP(XiveTctx, out, "wiring"),
    VMS_BUFFER(XiveTctx, regs),
    VMS_POST_LOAD(post_load));

OBJECT_TYPE(tctx_type, .name = "xive-tctx", .parent = "device", .size = sizeof(XiveTctx), .vmsd = &vmstate_tctx, .reset = reset);
