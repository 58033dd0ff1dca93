/*
 * XIVE, the interrupt controller of processors since ISA 3.0, as a partition has it ("exploitation mode", LoPAPR 7.3.10 and
 * 14.5.4.7): it configures by hypercalls, and takes and ends interrupts by loads and stores of its own.
 *
 *     source --P,Q--> EAS --number--> END --event--> queue in guest memory
 *                                      |
 *                                      +--priority--> thread context --external interrupt--> processor
 *
 * A source (xive-source.c) has two bits and two pages. Its entry in the table of assignments (EAS) names an event
 * notification descriptor (END), one for each priority of each thread, and the number that the guest wants to read. The END
 * (spapr-xive.c) appends that number to a queue in guest memory and sets a bit of its priority in the context of its thread (xive-tctx.c),
 * which compares with the priority that the thread runs at. The hypercalls are in spapr-xive-hcall.c.
 *
 * All of this runs under the big lock. Numbers of interrupts are LISNs: 0 up are inter-processor interrupts, one for each thread that
 * the machine may have; from SPAPR_IRQ_BASE on are those of devices, as with XICS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_XIVE_H
#define HW_INTC_XIVE_H

#include "hw/ppc/spapr.h"

/* Where a partition finds the pages; the same on every machine. Two pages of 64 KiB for a source, triggering first. */
#define XIVE_ESB_BASE UINT64_C(0x6010000000000)
#define XIVE_TIMA_BASE UINT64_C(0x6030203180000)   /* of the four pages of a thread's context */
enum { XIVE_PAGE_SHIFT = 16, XIVE_ESB_SHIFT = 17 };
enum { XIVE_TIMA_OS = 2, XIVE_TIMA_USER = 3, XIVE_TIMA_PAGES = 4 };     /* the others are the hypervisor's */
enum { XIVE_IPIS = SPAPR_IRQ_BASE };        /* numbers below those of devices */
enum { XIVE_PRIORITIES = 8, XIVE_RESERVED_PRIORITY = 7 };       /* 7 and less favoured are the platform's */
enum { XIVE_NVT_BASE = 0x400 };             /* of threads' numbers in thread contexts and ENDs */

/* ---- sources ---- */

typedef void XiveNotifyFn(void *opaque, unsigned lisn);
typedef struct XiveSource {
    Device dev;
    uint32_t count, shift;
    uint64_t flags;
    uint8_t *status;            /* of each: P and Q, and whether a level is asserted */
    bool *lsi;
    XiveNotifyFn *notify;
    void *opaque;
    struct Mmio *pages;
} XiveSource;
enum { XIVE_Q = 1, XIVE_P = 2, XIVE_PQ = 3, XIVE_OFF = XIVE_Q, XIVE_ASSERTED = 4 };     /* OFF: nothing gets through */

bool xive_source_init(XiveSource *x, Device *parent, unsigned count, XiveNotifyFn *notify, void *opaque, GError **err);
void xive_source_set_level(XiveSource *x, unsigned lisn, bool level);
void xive_source_reset_one(XiveSource *x, unsigned lisn);
/* Operations of the page of management (LoPAPR's table of ESB offsets), of a source that exists. */
uint64_t xive_esb_load(XiveSource *x, unsigned lisn, unsigned offset);
void xive_esb_store(XiveSource *x, unsigned lisn, unsigned offset);

/* ---- threads ---- */

XiveTctx *xive_tctx_new(PowerPCCPU *cpu, GError **err);     /* child of the processor */
/* An event of this priority is for the thread. */
void xive_tctx_notify(XiveTctx *t, unsigned priority);
void xive_tctx_update_line(XiveTctx *t);
void xive_tctx_print(const XiveTctx *t, GString *out);
void xive_tima_init(void);
void xive_tima_enable(bool on);

/* ---- the controller of a partition ---- */

/* Words as the architecture numbers their bits; they travel least significant byte first. */
typedef struct XiveEas { uint64_t w; } XiveEas;
typedef struct XiveEnd { uint32_t w0, w1, w2, w3, w4, w5, w6, w7; } XiveEnd;
#define EAS_VALID       (1ull << 63)
#define EAS_MASKED      (1ull << 31)
#define EAS_END(w)      ((uint32_t)((w) >> 32) & 0xffffff)
#define EAS_NUMBER(w)   ((uint32_t)(w) & 0x7fffffff)
enum { END_VALID = 1u << 31, END_ENQUEUE = 1 << 30, END_ALWAYS_NOTIFY = 1 << 29 };          /* word 0 */
#define END_SIZE(w0)    ((w0) >> 16 & 15)                   /* of the queue: log2 of 4 KiB pages */
enum { END_ESN_SHIFT = 30, END_ESE_SHIFT = 28, END_GENERATION = 1 << 22, END_INDEX = END_GENERATION - 1 };      /* word 1 */
#define END_THREAD(w6)  ((w6) & 0x7ffff)                    /* its NVT */
#define END_PRIORITY(w7) ((w7) >> 16 & 0xff)

struct SpaprXive {
    Device dev;
    uint32_t nr_irqs, nr_ends;
    uint64_t vc_base, tm_base;
    uint8_t hv_prio;
    XiveSource source;
    XiveEas *eat;
    XiveEnd *endt;
};

static inline unsigned xive_queue_entries(const XiveEnd *e)
{
    return 1u << (END_SIZE(e->w0) + 12 - 2);
}

static inline uint64_t xive_queue_address(const XiveEnd *e)
{
    return (uint64_t)(e->w2 & 0x0fffffff) << 32 | e->w3;
}

static inline void xive_end_reset(XiveEnd *e)
{
    *e = (XiveEnd){ .w1 = (uint32_t)XIVE_OFF << END_ESN_SHIFT | (uint32_t)XIVE_OFF << END_ESE_SHIFT };
}

#endif
