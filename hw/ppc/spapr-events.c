/*
 * Events that the platform reports to the guest (LoPAPR 10.2): an interrupt, then a log that check-exception hands out once.
 * The only one is the wish to power down (EPOW, what a power button does); hot-plug events have their source but no sender.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/memory.h"
#include "system/runstate.h"
#include <string.h>
#include <time.h>

enum { CLASS_EPOW = 0x40000000, CLASS_HOTPLUG = 0x10000000 };       /* in the mask of classes that the caller asks for */
enum { TYPE_EPOW = 0x40, TYPE_HOTPLUG = 0xe5 };                         /* the last byte of the summary */
enum { NONE_FOUND = 1 };

enum { PENDING_MAX = 1024, LOG_MAX = 2048 };        /* of what a stream may bring; LoPAPR 7.3.2: the most that a log has */

/* Version 6 of the log: fixed part, extended header, the sections PH (private header), UH (user header) and EP. */
static unsigned make_epow(uint8_t *log, uint32_t number)
{
    static const uint8_t fixed[] = {
        0x06, 0x34, 0x00, 0x40,             /* version 6; event, fully recovered, extended log; EPOW */
        0, 0, 0, 108,                       /* bytes that follow */
        0x86, 0x00, 0x8e, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 'I', 'B', 'M', 0,
        'P', 'H', 0, 48, 0, 0, 0, 0,
    };
    static const uint8_t user[] = { 'U', 'H', 0, 24, 0, 0, 0, 0, 0xa0, 0, 0, 0xd0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    /* system shutdown, normal, by the operator */
    static const uint8_t epow[] = { 'E', 'P', 0, 20, 2, 0, 0, 0, 3, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
    int64_t now = spapr_rtc_now_ns() / G_GINT64_CONSTANT(1000000000);
    time_t t = now;
    struct tm tm;
    char text[15];
    uint8_t *p = log;

    memset(log, 0, 116);
    memcpy(p, fixed, sizeof(fixed));
    p += sizeof(fixed);
    gmtime_r(&t, &tm);
    strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm);
    for (unsigned i = 0; i < 7; i++) {      /* as decimal digits */
        p[i] = (text[2 * i] - '0') << 4 | (text[2 * i + 1] - '0');
    }
    p[16] = 'H';                            /* the hypervisor made it; three sections */
    p[19] = 3;
    memcpy(p + 32, &(uint32_t){ GUINT32_TO_LE(number) }, 4);
    p += 40;
    memcpy(p, user, sizeof(user));
    memcpy(p + sizeof(user), epow, sizeof(epow));
    return 8 + 108;
}

static void free_event(void *e)
{
    g_free(((SpaprEvent *)e)->log);
    g_free(e);
}

/* Of the classes that guests ask for. Those that do not know hot-plug events as a class of their own find them among the first. */
static uint32_t class_of(const SpaprMachine *s, const SpaprEvent *e)
{
    switch (e->summary & 0xff) {
    case TYPE_EPOW: return CLASS_EPOW;
    case TYPE_HOTPLUG: return s->irqs.hotplug && s->ov5_cas[OV5_HP_EVT - 1] & OV5_HOTPLUG_EVENTS ? CLASS_HOTPLUG : CLASS_EPOW;
    default: return 0;
    }
}

static unsigned irq_of(const SpaprMachine *s, const SpaprEvent *e)
{
    return class_of(s, e) == CLASS_HOTPLUG ? s->irqs.hotplug : s->irqs.epow;
}

bool spapr_events_idle(const SpaprMachine *s, unsigned irq)
{
    if (irq != s->irqs.epow && irq != s->irqs.hotplug) {
        return false;
    }
    for (guint i = 0; i < s->pending_events->len; i++) {
        if (irq_of(s, g_ptr_array_index(s->pending_events, i)) == irq) {
            return false;
        }
    }
    return true;
}

static void interrupt(SpaprMachine *s, const SpaprEvent *e)
{
    Irq line = spapr_irq_line(s, irq_of(s, e));

    irq_pulse(&line);
}

static void power_down(void)
{
    SpaprMachine *s = spapr;
    uint8_t log[128];

    if (!s->irqs.epow) {
        return;
    }
    unsigned n = make_epow(log, s->next_event++);
    SpaprEvent *e = g_new(SpaprEvent, 1);
    *e = (SpaprEvent){ vms_get_be(log, 4), n - 8, g_memdup2(log + 8, n - 8) };
    g_ptr_array_add(s->pending_events, e);
    interrupt(s, e);
}

void spapr_events_init(SpaprMachine *s)
{
    s->pending_events = g_ptr_array_new_with_free_func(free_event);
    runstate_powerdown_machine = power_down;
}

void spapr_events_reset(SpaprMachine *s)
{
    g_ptr_array_set_size(s->pending_events, 0);
}

VMSTATE(SpaprEvent, vmstate_event, "spapr_event_log_entry", 1,
    VMS(SpaprEvent, summary),
    VMS(SpaprEvent, length, .name = "extended_length"),
    VMS_VBUFFER(SpaprEvent, log, length, LOG_MAX, .name = "extended_log", .allocate = true));

static bool any_pending(const void *opaque)
{
    return ((const SpaprMachine *)opaque)->pending_events->len != 0;
}

VMSTATE_PUBLIC(SpaprMachine, vmstate_pending_events, "spapr_pending_events", 1,
    VMS_NEEDED(any_pending),
    VMS_LIST(SpaprMachine, pending_events, PENDING_MAX, vmstate_event));

/* The oldest of the classes asked for. */
static bool find_event(const SpaprMachine *s, uint32_t mask, guint *at)
{
    for (guint i = 0; i < s->pending_events->len; i++) {
        if (mask & class_of(s, g_ptr_array_index(s->pending_events, i))) {
            *at = i;
            return true;
        }
    }
    return false;
}

RTAS(check_exception, 0x200e, "check-exception", 6, 1)
{
    uint32_t mask = rtas_arg(c, 2), buf = rtas_arg(c, 4), room = rtas_arg(c, 5);
    guint at;

    if (c->nargs < 6 || c->nargs > 7 || c->nret != 1) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    if (!find_event(s, mask, &at)) {
        rtas_ret(c, 0, NONE_FOUND);
        return;
    }
    const SpaprEvent *e = g_ptr_array_index(s->pending_events, at);
    uint8_t head[8];
    vms_put_be(head, 4, e->summary);
    vms_put_be(head + 4, 4, e->length);
    memory_write(buf, head, MIN(room, 8));
    memory_write(buf + 8, e->log, MIN(e->length, room - MIN(room, 8)));
    g_ptr_array_remove_index(s->pending_events, at);
    if (find_event(s, mask, &at)) {
        interrupt(s, g_ptr_array_index(s->pending_events, at));     /* there is more to fetch */
    }
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(event_scan, 0x200f, "event-scan", 4, 1)
{
    rtas_ret(c, 0, c->nargs == 4 && c->nret == 1 ? NONE_FOUND : RTAS_PARAM_ERROR);     /* they all have interrupts */
}
