/*
 * Events that the platform reports to the guest (LoPAPR 10.2): an interrupt, then a log that check-exception hands out once.
 * They are the wish to power down (EPOW, what a power button does), and what was plugged or is wanted back (LoPAPR 10.3.2.2.16).
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

/* Version 6 of the log: fixed part, extended header, the sections PH (private header), UH (user header) and one that says what it is about. */
typedef struct EventKind {
    uint8_t summary[4];         /* version 6; event, how far it was recovered, extended log; who begins and who is told; type */
    uint8_t user[16];           /* of UH, behind its head */
} EventKind;
static const EventKind power_off = { { 0x06, 0x34, 0x00, TYPE_EPOW }, { 0xa0, 0, 0, 0xd0 } };
static const EventKind hotplug = { { 0x06, 0x34, 0x60, TYPE_HOTPLUG }, { 0x80 } };
enum { SECTION_BYTES = 20, LOG_BYTES = 116 };

static void make_log(uint8_t *log, const EventKind *kind, uint32_t number, const uint8_t *section)
{
    static const uint8_t fixed[] = {
        0, 0, 0, LOG_BYTES - 8,             /* bytes that follow */
        0x86, 0x00, 0x8e, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 'I', 'B', 'M', 0,
        'P', 'H', 0, 48, 0, 0, 0, 0,
    };
    static const uint8_t user_head[] = { 'U', 'H', 0, 24, 0, 0, 0, 0 };
    int64_t now = spapr_rtc_now_ns() / G_GINT64_CONSTANT(1000000000);
    time_t t = now;
    struct tm tm;
    char text[15];
    uint8_t *p = log + sizeof(kind->summary);

    memset(log, 0, LOG_BYTES);
    memcpy(log, kind->summary, sizeof(kind->summary));
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
    memcpy(p, user_head, sizeof(user_head));
    memcpy(p + sizeof(user_head), kind->user, sizeof(kind->user));
    memcpy(p + sizeof(user_head) + sizeof(kind->user), section, SECTION_BYTES);
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

static void tell(SpaprMachine *s, const EventKind *kind, const uint8_t *section)
{
    uint8_t log[LOG_BYTES];

    make_log(log, kind, s->next_event++, section);
    SpaprEvent *e = g_new(SpaprEvent, 1);
    *e = (SpaprEvent){ vms_get_be(log, 4), LOG_BYTES - 8, g_memdup2(log + 8, LOG_BYTES - 8) };
    g_ptr_array_add(s->pending_events, e);
    interrupt(s, e);
}

static void power_down(void)
{
    /* system shutdown, normal, by the operator */
    static const uint8_t epow[SECTION_BYTES] = { 'E', 'P', 0, SECTION_BYTES, 2, 0, 0, 0, 3, 1, 1 };

    if (spapr->irqs.epow) {
        tell(spapr, &power_off, epow);
    }
}

void spapr_events_hotplug(SpaprMachine *s, bool add, uint32_t first, unsigned n)
{
    enum { CPU = 1, MEMORY = 2 };
    enum { BY_INDEX = 2, BY_COUNT = 3, BY_COUNT_FROM = 4 };
    const bool memory = first >> 28 == DRC_LMB >> 28, dedicated = class_of(s, &(SpaprEvent){ .summary = TYPE_HOTPLUG }) == CLASS_HOTPLUG;
    /* Who has no events of its own for this is told how much more memory there is, and which is wanted back. */
    const uint8_t by = !memory ? BY_INDEX : add && !dedicated ? BY_COUNT : BY_COUNT_FROM;
    uint8_t section[SECTION_BYTES] = { 'H', 'P', 0, SECTION_BYTES, 1, 0, 0, 0, memory ? MEMORY : CPU, add ? 1 : 2, by };

    vms_put_be(section + 12, 4, by == BY_INDEX ? first : n);
    vms_put_be(section + 16, 4, by == BY_COUNT_FROM ? first : 0);
    tell(s, &hotplug, section);
}

void spapr_events_forget_hotplug(SpaprMachine *s)
{
    for (guint i = s->pending_events->len; i > 0; i--) {
        if ((((const SpaprEvent *)g_ptr_array_index(s->pending_events, i - 1))->summary & 0xff) == TYPE_HOTPLUG) {
            g_ptr_array_remove_index(s->pending_events, i - 1);
        }
    }
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
