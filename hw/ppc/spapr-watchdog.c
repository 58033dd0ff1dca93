/*
 * H_WATCHDOG: timers that the guest must keep from biting (LoPAPR 14.15, Linux's hvcall.h).
 *
 * Flags, from the right: an action (1 power off, 2 restart, 3 dump and restart), an operation, a bit that says to leave the
 * other timers alone. They are left alone anyway, as the peers do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ppc/spapr.h"
#include "system/clock.h"
#include "system/log.h"
#include "system/runstate.h"

#define TIMERS     4
#define MIN_MS     1
enum { OP_START = 1, OP_STOP = 2, OP_QUERY = 3, OP_QUERY_MIGRATION = 4 };
enum { POWER_OFF = 1, RESTART = 2, DUMP_RESTART = 3 };
#define LEAVE_OTHERS 0x10000

typedef struct SpaprWatchdog {
    Device dev;
    Timer *timer;
    uint8_t action, leave_others;
} SpaprWatchdog;

static SpaprWatchdog *by_number(uint64_t number)
{
    g_autofree char *path = g_strdup_printf("/machine/wdt%u", (unsigned)number);

    return number >= 1 && number <= TIMERS ? (SpaprWatchdog *)object_resolve(path) : NULL;
}

static void bite(void *opaque)
{
    SpaprWatchdog *w = opaque;

    log_mask(LOG_GUEST_ERROR, "watchdog %s expired\n", w->dev.object.name);
    if (w->action == POWER_OFF) {
        runstate_request_shutdown(SHUTDOWN_GUEST_SHUTDOWN);
    } else {
        runstate_request_reset(SHUTDOWN_GUEST_RESET);
    }
}

static bool realize(Device *d, GError **err)
{
    ((SpaprWatchdog *)d)->timer = timer_new(bite, d);
    return true;
}

static void reset(Device *d)
{
    timer_del(((SpaprWatchdog *)d)->timer);
}

static bool runs(const void *opaque)
{
    return timer_pending(((const SpaprWatchdog *)opaque)->timer);
}

static void put_timer(const void *element, const void *opaque, unsigned index, uint8_t *wire)
{
    vms_put_be(wire, 8, timer_expire_ns(*(Timer *const *)element));
}

static bool get_timer(void *element, void *opaque, unsigned index, const uint8_t *wire, GError **err)
{
    int64_t ns = vms_get_be(wire, 8);

    if (ns < 0) {
        timer_del(*(Timer **)element);
    } else {
        timer_mod(*(Timer **)element, ns);
    }
    return true;
}

static const VMStateInfo info_timer = { "timer", 8, put_timer, get_timer };

VMSTATE(SpaprWatchdog, vmstate_watchdog, "spapr_watchdog", 1,
    VMS_NEEDED(runs),
    VMS_DEVICE(SpaprWatchdog, dev),
    VMS_CUSTOM(SpaprWatchdog, timer, 1, info_timer),
    VMS(SpaprWatchdog, action),
    VMS(SpaprWatchdog, leave_others));

OBJECT_TYPE(watchdog_type, .name = "spapr-wdt", .parent = "device", .size = sizeof(SpaprWatchdog), .vmsd = &vmstate_watchdog,
            .realize = realize, .reset = reset);

bool spapr_make_watchdogs(SpaprMachine *s, GError **err)
{
    for (unsigned i = 1; i <= TIMERS; i++) {
        Device *d = device_new("spapr-wdt", err);
        g_autofree char *name = g_strdup_printf("wdt%u", i);
        if (!d) {
            return false;
        }
        object_add_child(&s->cfg->machine.object, name, &d->object);
        if (!device_realize(d, NULL, err)) {
            return false;
        }
    }
    return true;
}

static uint64_t start(uint64_t number, uint64_t flags, uint64_t ms)
{
    unsigned action = flags & 0xff;
    SpaprWatchdog *w = by_number(number);

    if (action < POWER_OFF || action > DUMP_RESTART) {
        return H_PARAMETER;
    }
    if (!w) {
        return H_P2;
    }
    if (ms < MIN_MS) {
        return H_P3;
    }
    w->action = action;
    w->leave_others = flags & LEAVE_OTHERS ? 1 : 0;
    timer_mod(w->timer, clock_virtual_ns() + (int64_t)MIN(ms, 1ull << 40) * 1000000);
    return H_SUCCESS;
}

static uint64_t stop(uint64_t number)
{
    bool any = false;

    if (number != UINT64_MAX && !by_number(number)) {
        return H_P2;
    }
    for (unsigned i = 1; i <= TIMERS; i++) {
        SpaprWatchdog *w = by_number(i);
        if ((number == UINT64_MAX || number == i) && timer_pending(w->timer)) {
            timer_del(w->timer);
            any = true;
        }
    }
    return any ? (uint64_t)H_SUCCESS : (uint64_t)H_NOOP;
}

HCALL(watchdog, 0x45c)
{
    uint64_t flags = args[0];

    if (flags & ~0x1ffffull) {
        return H_PARAMETER;
    }
    switch (flags >> 8 & 0xff) {
    case OP_START:
        return start(args[1], flags, args[2]);
    case OP_STOP:
        return stop(args[1]);
    case OP_QUERY:      /* shortest time, how many */
        args[0] = (uint64_t)MIN_MS << 48 | (uint64_t)TIMERS << 32;
        return H_SUCCESS;
    case OP_QUERY_MIGRATION:
        args[0] = 0;
        return H_SUCCESS;
    default:
        return H_PARAMETER;
    }
}
