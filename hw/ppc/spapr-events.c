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

enum { CLASS_EPOW = 0x40000000 };       /* in the mask of classes that the caller asks for */
enum { NONE_FOUND = 1 };

static bool power_down_pending;

/* Version 6 of the log: fixed part, extended header, the sections PH (private header), UH (user header) and EP. */
static unsigned make_epow(uint8_t *log)
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
    p += 40;
    memcpy(p, user, sizeof(user));
    memcpy(p + sizeof(user), epow, sizeof(epow));
    return 8 + 108;
}

static void power_down(void)
{
    if (spapr->irqs.epow) {
        power_down_pending = true;
        Irq line = ics_line(spapr->ics, spapr->irqs.epow);
        irq_pulse(&line);
    }
}

void spapr_events_reset(void)
{
    power_down_pending = false;
    runstate_powerdown_machine = power_down;
}

RTAS(check_exception, 0x200e, "check-exception", 6, 1)
{
    uint32_t mask = rtas_arg(c, 2), buf = rtas_arg(c, 4), room = rtas_arg(c, 5);
    uint8_t log[128];

    if (c->nargs < 6 || c->nargs > 7 || c->nret != 1) {
        rtas_ret(c, 0, RTAS_PARAM_ERROR);
        return;
    }
    if (!power_down_pending || !(mask & CLASS_EPOW)) {
        rtas_ret(c, 0, NONE_FOUND);
        return;
    }
    power_down_pending = false;
    memory_write(buf, log, MIN(make_epow(log), room));
    rtas_ret(c, 0, RTAS_SUCCESS);
}

RTAS(event_scan, 0x200f, "event-scan", 4, 1)
{
    rtas_ret(c, 0, c->nargs == 4 && c->nret == 1 ? NONE_FOUND : RTAS_PARAM_ERROR);     /* they all have interrupts */
}
