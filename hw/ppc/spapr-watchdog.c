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

static struct Watchdog { Timer *t; uint8_t action; } watchdogs[TIMERS];

static void bite(void *opaque)
{
    struct Watchdog *w = opaque;

    log_mask(LOG_GUEST_ERROR, "watchdog %d expired\n", (int)(w - watchdogs) + 1);
    if (w->action == POWER_OFF) {
        runstate_request_shutdown(SHUTDOWN_GUEST_SHUTDOWN);
    } else {
        runstate_request_reset(SHUTDOWN_GUEST_RESET);
    }
}

void spapr_watchdog_reset(void)
{
    for (unsigned i = 0; i < TIMERS; i++) {
        if (watchdogs[i].t) {
            timer_del(watchdogs[i].t);
        }
    }
}

static uint64_t start(uint64_t number, unsigned action, uint64_t ms)
{
    if (action < POWER_OFF || action > DUMP_RESTART) {
        return H_PARAMETER;
    }
    if (number < 1 || number > TIMERS) {
        return H_P2;
    }
    if (ms < MIN_MS) {
        return H_P3;
    }
    struct Watchdog *w = &watchdogs[number - 1];
    if (!w->t) {
        w->t = timer_new(bite, w);
    }
    w->action = action;
    timer_mod(w->t, clock_virtual_ns() + (int64_t)MIN(ms, 1ull << 40) * 1000000);
    return H_SUCCESS;
}

static uint64_t stop(uint64_t number)
{
    bool any = false;

    if (number != UINT64_MAX && (number < 1 || number > TIMERS)) {
        return H_P2;
    }
    for (unsigned i = 0; i < TIMERS; i++) {
        if ((number == UINT64_MAX || number == i + 1) && watchdogs[i].t && timer_pending(watchdogs[i].t)) {
            timer_del(watchdogs[i].t);
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
        return start(args[1], flags & 0xff, args[2]);
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
