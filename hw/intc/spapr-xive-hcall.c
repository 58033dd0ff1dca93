/*
 * The hypercalls by which a partition configures XIVE (LoPAPR 14.5.4.7): sources, queues, and what is left of both. They are there
 * once the partition has chosen XIVE. The reporting line (H_INT_SET_OS_REPORTING_LINE) is not offered, as on the peers: nothing
 * would carry it to where the guest goes next.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/xive.h"
#include "system/cpus.h"
#include "system/memory.h"

enum { SOURCE_H_INT_ESB = 8, SOURCE_LSI = 4 };          /* what H_INT_GET_SOURCE_INFO says of one */
enum { CONFIG_SET_NUMBER = 2, CONFIG_MASK = 1 };
enum { QUEUE_ALWAYS_NOTIFY = 1, QUEUE_DEBUG = 1, ESB_STORE = 1 };
enum { PRIORITY_MASKED = 0xff };
#define QUEUE_GENERATION (1ull << 62)

#define XIVE_HCALL(name_, op_)                                                                          \
    static uint64_t xive_##name_(PowerPCCPU *cpu, SpaprXive *x, uint64_t *args);                        \
    HCALL(name_, op_) { return spapr_xive_chosen(s) ? xive_##name_(cpu, s->xive, args) : (uint64_t)H_FUNCTION; } \
    static uint64_t xive_##name_(PowerPCCPU *cpu, SpaprXive *x, uint64_t *args)

static bool source_exists(const SpaprXive *x, uint64_t lisn)
{
    return lisn < x->nr_irqs && spapr_xive_valid(x, lisn);
}

static bool priority_allowed(uint64_t priority)
{
    return priority < XIVE_RESERVED_PRIORITY;
}

static unsigned end_of(uint64_t target, uint64_t priority)
{
    return target * XIVE_PRIORITIES + priority;
}

/* The thread has a place in the table. */
static bool target_exists(const SpaprXive *x, uint64_t target)
{
    return spapr_cpu_of_server(target) && target < x->nr_ends / XIVE_PRIORITIES;
}

XIVE_HCALL(h_int_get_source_info, 0x3a8)
{
    uint64_t lisn = args[1];

    if (args[0]) {
        return H_PARAMETER;
    }
    if (!source_exists(x, lisn)) {
        return H_P2;
    }
    uint64_t page = x->vc_base + (lisn << XIVE_ESB_SHIFT);
    bool lsi = x->source.lsi[lisn];     /* worked on by H_INT_ESB, which has no pages */
    args[0] = lsi ? SOURCE_H_INT_ESB | SOURCE_LSI : 0;
    args[1] = lsi ? UINT64_MAX : page + (1 << XIVE_PAGE_SHIFT);
    args[2] = lsi ? UINT64_MAX : page;
    args[3] = XIVE_PAGE_SHIFT;
    return H_SUCCESS;
}

XIVE_HCALL(h_int_set_source_config, 0x3ac)
{
    uint64_t flags = args[0], lisn = args[1], target = args[2], priority = args[3];

    if (flags & ~(uint64_t)(CONFIG_SET_NUMBER | CONFIG_MASK)) {
        return H_PARAMETER;
    }
    if (!source_exists(x, lisn)) {
        return H_P2;
    }
    uint64_t w = x->eat[lisn].w;
    if (priority == PRIORITY_MASKED) {
        w |= EAS_MASKED;
    } else {
        if (!target_exists(x, target)) {
            return H_P3;
        }
        if (!priority_allowed(priority)) {
            return H_P4;
        }
        w = (w & ~(0xfffffffull << 32) & ~EAS_MASKED) | (uint64_t)end_of(target, priority) << 32 | (flags & CONFIG_MASK ? EAS_MASKED : 0);
    }
    if (flags & CONFIG_SET_NUMBER) {
        w = (w & ~0x7fffffffull) | (args[4] & 0x7fffffff);
    }
    x->eat[lisn].w = w;
    return H_SUCCESS;
}

XIVE_HCALL(h_int_get_source_config, 0x3b0)
{
    uint64_t lisn = args[1];

    if (args[0]) {
        return H_PARAMETER;
    }
    if (!source_exists(x, lisn)) {
        return H_P2;
    }
    uint64_t w = x->eat[lisn].w;
    args[0] = EAS_END(w) / XIVE_PRIORITIES;
    args[1] = w & EAS_MASKED ? PRIORITY_MASKED : EAS_END(w) % XIVE_PRIORITIES;
    args[2] = EAS_NUMBER(w);
    return H_SUCCESS;
}

/* Flags, target and priority that calls about queues begin with: the descriptor, or NULL and what is wrong. */
static XiveEnd *queue_of(SpaprXive *x, const uint64_t *args, uint64_t allowed, uint64_t *rc)
{
    *rc = args[0] & ~allowed ? H_PARAMETER : !target_exists(x, args[1]) ? H_P2 : !priority_allowed(args[2]) ? H_P3 : H_SUCCESS;
    return *rc == H_SUCCESS ? &x->endt[end_of(args[1], args[2])] : NULL;
}

XIVE_HCALL(h_int_get_queue_info, 0x3b4)
{
    uint64_t rc;
    const XiveEnd *e = queue_of(x, args, 0, &rc);

    if (!e) {
        return rc;
    }
    args[0] = x->vc_base + (((uint64_t)x->nr_irqs + (e - x->endt)) << XIVE_ESB_SHIFT);
    args[1] = e->w0 & END_ENQUEUE ? END_SIZE(e->w0) + 12 : 0;
    return H_SUCCESS;
}

XIVE_HCALL(h_int_set_queue_config, 0x3b8)
{
    uint64_t rc, page = args[3], size = args[4];
    XiveEnd *e = queue_of(x, args, QUEUE_ALWAYS_NOTIFY, &rc), fresh;

    if (!e) {
        return rc;
    }
    xive_end_reset(&fresh);
    if (size) {
        if (size != 12 && size != 16 && size != 21 && size != 24) {
            return H_P5;
        }
        if (page & ((1ull << size) - 1) || page >> 60 || !memory_ram_ptr(page, 1ull << size)) {
            return H_P4;
        }
        fresh = (XiveEnd){
            .w0 = END_VALID | END_ENQUEUE | (args[0] & QUEUE_ALWAYS_NOTIFY ? END_ALWAYS_NOTIFY : 0) | (size - 12) << 16,
            .w1 = END_GENERATION, .w2 = page >> 32, .w3 = page, .w6 = XIVE_NVT_BASE + args[1], .w7 = args[2] << 16,
        };
    }
    *e = fresh;
    return H_SUCCESS;
}

XIVE_HCALL(h_int_get_queue_config, 0x3bc)
{
    uint64_t rc, debug = args[0] & QUEUE_DEBUG;
    const XiveEnd *e = queue_of(x, args, QUEUE_DEBUG, &rc);

    if (!e) {
        return rc;
    }
    bool there = e->w0 & END_ENQUEUE;
    args[0] = there && e->w0 & END_ALWAYS_NOTIFY ? QUEUE_ALWAYS_NOTIFY : 0;
    args[1] = there ? xive_queue_address(e) : 0;
    args[2] = there ? END_SIZE(e->w0) + 12 : 0;
    args[3] = 0;
    if (there && debug) {
        args[0] |= e->w1 & END_GENERATION ? QUEUE_GENERATION : 0;
        args[3] = e->w1 & END_INDEX;
    }
    return H_SUCCESS;
}

XIVE_HCALL(h_int_esb, 0x3c8)
{
    uint64_t flags = args[0], lisn = args[1], offset = args[2];

    if (flags & ~(uint64_t)ESB_STORE) {
        return H_PARAMETER;
    }
    if (!source_exists(x, lisn)) {
        return H_P2;
    }
    if (offset >> XIVE_PAGE_SHIFT || offset & 7) {
        return H_P3;
    }
    args[0] = UINT64_MAX;
    if (flags & ESB_STORE) {
        xive_esb_store(&x->source, lisn, offset & 0xfff);
    } else {
        args[0] = xive_esb_load(&x->source, lisn, offset & 0xfff);
    }
    return H_SUCCESS;
}

/* Events are where they go to before the store that made them ends: there is nothing to wait for. */
XIVE_HCALL(h_int_sync, 0x3cc)
{
    return args[0] ? H_PARAMETER : source_exists(x, args[1]) ? H_SUCCESS : (uint64_t)H_P2;
}

XIVE_HCALL(h_int_reset, 0x3d0)
{
    if (args[0]) {
        return H_PARAMETER;
    }
    spapr_xive_forget(x);
    return H_SUCCESS;
}
